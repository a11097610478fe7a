#include "warehouse/http/exchange.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "net/retry.hpp"
#include "warehouse/http/known_rows.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

constexpr int retries_max = 5;  // of each kind
constexpr std::size_t body_bytes_max = 64UL * 1024 * 1024;
constexpr Duration rate_limit_wait_max = minutes(5);  // a clock that is wrong must not stop us for hours
constexpr Duration wait_step = seconds(1);
constexpr std::size_t said_bytes_max = 200;

Error called_off() {
  return {error_codes::provider_unavailable, "The run was called off."};
}

bool is_passing(const Error& error) {
  return error.code() == error_codes::provider_unavailable || error.code() == error_codes::provider_malformed;
}

}  // namespace

Error malformed_at(std::string_view pointer, std::string_view what) {
  return Error(error_codes::provider_malformed, fmt::format("{}: {}", pointer, what))
      .with_detail("pointer", std::string(pointer));
}

bool Exchange::wait(Duration duration, std::string_view why, Watch& watch) {
  if (duration <= Duration::zero()) return !watch.cancelled();
  watch.waiting(duration, why);
  if (context_.sleep) {
    context_.sleep(duration);
    return !watch.cancelled();
  }
  while (duration > Duration::zero() && !watch.cancelled()) {
    const Duration step = std::min(duration, wait_step);
    runtime::sleep_for(step);
    duration -= step;
  }
  return !watch.cancelled();
}

Result<Answer> Exchange::send(const Order& order, Watch& watch) {
  return send(order, watch, [&](net::ClientResponse& response) { return read_json(order, response); });
}

Result<std::string> Exchange::send_for_text(const Order& order, Watch& watch) {
  std::string text;
  const Result<Answer> answer = send(order, watch, [&](net::ClientResponse& response) -> Result<Answer> {
    text = repair_text(response.body).text;
    return Answer{};
  });
  if (!answer) return fail(answer.error());
  return text;
}

Result<Answer> Exchange::send(const Order& order, Watch& watch, const Reader& read) {
  int rate_limited = 0;
  int failed = 0;
  while (true) {
    std::optional<Duration> asked;
    Result<Answer> answer = attempt(order, watch, read, asked);
    if (answer || !order.is_read || watch.cancelled()) return answer;
    const Error& error = answer.error();
    const bool is_limit = error.code() == error_codes::provider_rate_limited;
    if (!is_limit && !is_passing(error)) return answer;
    int& count = is_limit ? rate_limited : failed;
    if (++count > retries_max) return answer;
    const Duration backoff = seconds(1) * (1 << (count - 1));
    const Duration jitter(static_cast<std::int64_t>(
        context_.random.below(static_cast<std::uint64_t>(backoff.count() / 4) + 1)));
    watch.retried(error);
    const Duration pause = is_limit && asked ? std::min(*asked, rate_limit_wait_max) : backoff + jitter;
    if (!wait(pause, is_limit ? "rate limit" : "retry", watch)) return fail(called_off().caused_by(error));
  }
}

Result<Answer> Exchange::attempt(const Order& order, Watch& watch, const Reader& read,
                                 std::optional<Duration>& asked) {
  if (order.budget != nullptr && !wait(order.budget->reserve(now()), "quota", watch))
    return fail(called_off());
  net::ClientRequest request{.method = order.method,
                             .url = order.url,
                             .url_source = net::UrlSource::configuration,
                             .headers = order.headers,
                             .body = order.body,
                             .first_byte_deadline = order.deadline,
                             .total_deadline = order.deadline,
                             .response_bytes_max = body_bytes_max,
                             .repeatable = order.is_read};
  watch.requested();
  Result<net::ClientResponse> response = context_.http.send(request);
  if (!response) {
    return fail(Error(error_codes::provider_unavailable, fmt::format("{} does not answer", rules_.provider))
                    .caused_by(response.error()));
  }
  if (response->status == 429) {
    asked = rules_.asked_wait(response->headers, now());
    if (asked && order.budget != nullptr)
      order.budget->close_until(now() + std::min(*asked, rate_limit_wait_max));
    return fail(Error(error_codes::provider_rate_limited, fmt::format("{} asks to wait", rules_.provider))
                    .after(asked.value_or(minutes(1))));
  }
  if (response->status >= 200 && response->status < 300) return read(*response);
  return fail(error_of(order, *response));
}

Result<Answer> Exchange::read_json(const Order& order, net::ClientResponse& response) const {
  std::optional<SkimmedPage> skimmed;
  if (order.known != nullptr) skimmed = skim(response.body, "data", *order.known);
  Result<PageText> page = read_page_text(skimmed ? skimmed->text : response.body, body_bytes_max);
  if (!page) {
    return fail(Error(error_codes::provider_malformed, fmt::format("{} sent a body that is not JSON: {}",
                                                                   rules_.provider, page.error().message()))
                    .caused_by(page.error()));
  }
  if (const auto said = rules_.error_in(page->value)) {
    return fail(error_codes::provider_refused,
                fmt::format("{} refused the request: {}", rules_.provider, *said));
  }
  Answer answer{.value = std::move(page->value),
                .is_repaired = page->is_repaired,
                .headers = std::move(response.headers)};
  if (skimmed) {
    answer.known = std::move(skimmed->known);
    answer.fingerprints = std::move(skimmed->others);
  }
  return answer;
}

Error Exchange::error_of(const Order& order, const net::ClientResponse& response) const {
  std::string said;
  if (const Result<PageText> page = read_page_text(response.body, body_bytes_max)) {
    said = rules_.error_in(page->value).value_or("");
    said = std::string(cut_to_bytes(said, said_bytes_max));
  }
  const int status = response.status;
  const std::string line =
      fmt::format("{} answered {}{}{}", rules_.provider, status, said.empty() ? "" : ": ", said);
  const auto with_status = [&](ErrorCode code) { return Error(code, line).with_detail("status", status); };
  if (status >= 500 || status == 408) return with_status(error_codes::provider_unavailable);
  if (order.is_single && rules_.gone_statuses.contains(status))
    return with_status(error_codes::provider_gone);
  if (status == 401 || status == 403) return with_status(error_codes::provider_denied);
  return with_status(error_codes::provider_refused);
}

}  // namespace trunkline::warehouse
