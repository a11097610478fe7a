#include "webhooks/delivery.hpp"

#include <fmt/core.h>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "net/retry.hpp"

namespace trunkline::webhooks {
namespace {

using db::Statement;

const Statement insert_attempt{"webhook_attempts.insert", R"sql(
  INSERT INTO webhook_attempts (account_id, message_id, attempt, started_at, duration_us, status, error, response)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING)sql"};
const Statement update_message{"webhook_messages.update", R"sql(
  UPDATE webhook_messages SET status = $3, attempts = $4, delivered_at = NULL
  WHERE account_id = $1 AND id = $2)sql"};
const Statement update_delivered{"webhook_messages.delivered", R"sql(
  UPDATE webhook_messages SET status = $3, attempts = $4, delivered_at = $5, delivery_attempt = $4,
    delivery_started_at = $6, delivery_duration_us = $7, delivery_status = $8, delivery_response = $9
  WHERE account_id = $1 AND id = $2)sql"};

constexpr Duration delivery_deadline = seconds(10);
constexpr std::size_t response_kept_bytes = 1024;
// What has waited for longer may have been erased; it is no longer than a try under way may take.
constexpr Duration handover_max_age = delivery_deadline;

// Standard Webhooks 1.0, "Retry schedule": 75 hours from the first try to the tenth.
constexpr std::array<Duration, 9> pauses{seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                                         hours(10),  hours(14),  hours(20),   hours(24)};

// What is stored must be text, whatever the receiver sent.
std::string kept_part(std::string_view body) {
  if (!is_utf8(body) || body.find('\0') != std::string_view::npos)
    return fmt::format("({} bytes that are no text)", body.size());
  return std::string(cut_to_bytes(body, response_kept_bytes));
}

}  // namespace

Verdict verdict_for_status(int status) {
  if (status >= 200 && status < 300) return Verdict::delivered;
  if (status == 410) return Verdict::gone;
  const bool passing = status < 400 || status >= 500 || status == 408 || status == 425 || status == 429;
  return passing ? Verdict::try_again : Verdict::give_up;
}

Verdict verdict_for_failure(const Error& failure) {
  const bool refused = failure.code() == net::invalid_url || failure.code() == net::url_not_allowed ||
                       failure.code() == net::address_not_allowed;
  return refused ? Verdict::give_up : Verdict::try_again;
}

std::optional<Duration> pause_after(std::int64_t failed_attempts, double jitter) {
  const auto index = static_cast<std::size_t>(failed_attempts - 1);
  if (failed_attempts < 1 || index >= pauses.size()) return std::nullopt;
  const auto tenth = pauses[index] / 10;
  return pauses[index] + Duration(static_cast<std::int64_t>(static_cast<double>(tenth.count()) * jitter));
}

Reception reception_of(Verdict verdict) {
  if (verdict == Verdict::delivered) return Reception::accepted;
  return verdict == Verdict::gone ? Reception::gone : Reception::failed;
}

Delivery::Delivery(db::Database& database, jobs::Queue& queue, Messages& messages, Endpoints& endpoints,
                   net::Client& client, const Clock& clock, Random& random, Metrics& metrics)
    : database_(database),
      queue_(queue),
      messages_(messages),
      endpoints_(endpoints),
      client_(client),
      clock_(clock),
      random_(random),
      delivered_(
          metrics.counter("trunkline_webhook_attempts_total", "Webhook tries.", {{"result", "delivered"}})),
      failed_(metrics.counter("trunkline_webhook_attempts_total", "Webhook tries.", {{"result", "failed"}})),
      given_up_(
          metrics.counter("trunkline_webhook_attempts_total", "Webhook tries.", {{"result", "given_up"}})),
      duration_(
          metrics.histogram("trunkline_webhook_duration_seconds", "How long receivers take to answer.")) {}

jobs::Outcome Delivery::deliver(const jobs::Job& job) {
  const auto id = parse_uuid(job.payload);
  if (!id) return jobs::Outcome::park(Error(error_codes::message_not_found, "The job names no message."));
  const Result<MadeMessage> found = message_of(job, MessageId(*id));
  // Its account or call may have been erased meanwhile: then there is nothing to tell.
  if (!found && found.error().code() == error_codes::message_not_found) return jobs::Outcome::done();
  if (!found) return jobs::Outcome::retry(found.error(), clock_.now() + seconds(5));
  const MadeMessage& message = *found;
  const Result<Endpoint> endpoint = endpoints_.find({.account = job.account, .project = message->project});
  if (!endpoint) return jobs::Outcome::retry(endpoint.error(), clock_.now() + seconds(5));

  const bool own = message->url == endpoint->url;
  if (own && endpoint->disabled_at) {
    const Try held{.started_at = clock_.now(), .duration = {}, .error = "the endpoint is disabled"};
    if (const auto recorded = record(job, *message, held, MessageStatus::held, true); !recorded) {
      return jobs::Outcome::retry(recorded.error(), clock_.now() + seconds(5));
    }
    return jobs::Outcome::finished();
  }
  TRUNKLINE_FAIL_POINT("webhooks.before_send");
  const Try attempt = send(*message, *endpoint);
  TRUNKLINE_FAIL_POINT("webhooks.after_send");
  return conclude(job, *message, *endpoint, attempt);
}

Result<MadeMessage> Delivery::message_of(const jobs::Job& job, MessageId id) {
  const auto* const made = std::any_cast<MadeMessage>(&job.handover);
  if (made != nullptr && clock_.now() - (*made)->created_at <= handover_max_age) return *made;
  Result<Message> message = messages_.find({.account = job.account}, id);
  if (!message) return fail(std::move(message.error()));
  return std::make_shared<const Message>(std::move(*message));
}

Delivery::Try Delivery::send(const Message& message, const Endpoint& endpoint) {
  Try attempt{.started_at = clock_.now(), .duration = {}};
  net::ClientRequest request{.method = net::Method::post,
                             .url = message.url,
                             .headers = {{"Content-Type", "application/json"}},
                             .body = message.body,
                             .connect_deadline = seconds(5),
                             .first_byte_deadline = delivery_deadline,
                             .total_deadline = delivery_deadline,
                             .repeatable = true};
  endpoint.signer->sign(request.headers, message.id.text(), attempt.started_at, message.body);
  const auto started = std::chrono::steady_clock::now();
  const Result<net::ClientResponse> response = client_.send(request);
  attempt.duration = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  duration_.observe(attempt.duration);
  if (!response) {
    attempt.verdict = verdict_for_failure(response.error());
    attempt.error = response.error().describe();
    return attempt;
  }
  attempt.status = response->status;
  attempt.response = kept_part(response->body);
  attempt.verdict = verdict_for_status(response->status);
  attempt.retry_after = net::asked_delay(response->headers, clock_.now());
  if (attempt.verdict != Verdict::delivered)
    attempt.error = fmt::format("the receiver answered {}", response->status);
  return attempt;
}

jobs::Outcome Delivery::conclude(const jobs::Job& job, const Message& message, const Endpoint& endpoint,
                                 const Try& attempt) {
  const bool own = message.url == endpoint.url;
  const bool delivered = attempt.verdict == Verdict::delivered;
  (delivered ? delivered_ : failed_).increment();
  if (own) {
    if (const auto noted = endpoints_.note_outcome(endpoint, reception_of(attempt.verdict)); !noted) {
      log::warning("an endpoint's health could not be written", {{"error", noted.error()}});
    }
  }
  const auto pause = attempt.verdict == Verdict::try_again ? pause_after(job.attempts + 1, random_.fraction())
                                                           : std::nullopt;
  const auto written = delivered ? record(job, message, attempt, MessageStatus::delivered, true)
                       : pause   ? record(job, message, attempt, MessageStatus::pending, false)
                                 : record(job, message, attempt, MessageStatus::failed, true);
  if (!written) return jobs::Outcome::retry(written.error(), clock_.now() + seconds(5));
  if (pause) {
    const Duration asked = std::min(attempt.retry_after.value_or(Duration::zero()), pauses.back());
    const Duration wait = std::max(*pause, asked);
    return jobs::Outcome::retry(Error(trunkline::error_codes::unavailable, attempt.error),
                                clock_.now() + wait);
  }
  if (!delivered) {
    given_up_.increment();
    log::warning("a webhook was given up", {{"account", job.account},
                                            {"message", message.id},
                                            {"event", message.event},
                                            {"status", attempt.status}});
  }
  return jobs::Outcome::finished();
}

Result<void> Delivery::record(const jobs::Job& job, const Message& message, const Try& attempt,
                              MessageStatus status, bool finishes) {
  const std::int64_t number = message.attempts + 1;
  const auto duration_us = static_cast<std::int64_t>(attempt.duration.count());
  return database_.transact(db::Scope::tenant(job.account), [&](db::Transaction& transaction) {
    if (finishes) queue_.finish(transaction, job);
    if (status == MessageStatus::delivered) {
      transaction.execute(update_delivered,
                          {job.account, message.id, to_text(status), number, clock_.now(), attempt.started_at,
                           duration_us, attempt.status, attempt.response});
      return;
    }
    const auto updated =
        transaction.execute_counted(update_message, {job.account, message.id, to_text(status), number});
    if (updated == 0) return;  // erased meanwhile: the receiver's answer is not kept either
    transaction.execute(insert_attempt, {job.account, message.id, number, attempt.started_at, duration_us,
                                         attempt.status, attempt.error, attempt.response});
  });
}

}  // namespace trunkline::webhooks
