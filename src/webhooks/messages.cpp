#include "webhooks/messages.hpp"

#include <algorithm>
#include <stdexcept>

namespace trunkline::webhooks {
namespace {

using db::Statement;
using tenancy::TenantScope;

// So that what waits in memory stays small.
constexpr std::size_t body_handed_over_max = 16UL * 1024;

const Statement insert_message{"webhook_messages.insert", R"sql(
  INSERT INTO webhook_messages (account_id, id, project_id, subject_id, event, url, body, status, attempts, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9))sql"};
const Statement find_message{"webhook_messages.find", R"sql(
  SELECT id, project_id, subject_id, event, url, body, status, attempts, created_at, delivered_at
  FROM webhook_messages WHERE account_id = $1 AND id = $2)sql"};
// Ids carry their time, so a range of time is a range of ids.
const Statement list_messages{"webhook_messages.list", R"sql(
  SELECT id, project_id, subject_id, event, url, body, status, attempts, created_at, delivered_at
  FROM webhook_messages
  WHERE account_id = $1 AND created_at >= $2 AND created_at < $3
    AND ($4 = '' OR event = $4) AND ($5 = '' OR status = $5) AND ($6 OR project_id = $7)
  ORDER BY id DESC LIMIT $8)sql",
                              db::Reach::scan};
const Statement list_messages_of_subject{"webhook_messages.of_subject", R"sql(
  SELECT id, project_id, subject_id, event, url, body, status, attempts, created_at, delivered_at
  FROM webhook_messages
  WHERE account_id = $1 AND subject_id = $9 AND created_at >= $2 AND created_at < $3
    AND ($4 = '' OR event = $4) AND ($5 = '' OR status = $5) AND ($6 OR project_id = $7)
  ORDER BY id DESC LIMIT $8)sql"};
const Statement list_attempts{"webhook_attempts.list", R"sql(
  SELECT attempt, started_at, duration_us, status, error, response
  FROM webhook_attempts WHERE account_id = $1 AND message_id = $2
  UNION ALL
  SELECT delivery_attempt, delivery_started_at, delivery_duration_us, delivery_status, '', delivery_response
  FROM webhook_messages WHERE account_id = $1 AND id = $2 AND delivery_attempt IS NOT NULL
  ORDER BY attempt)sql"};
const Statement keep_delivery{"webhook_attempts.keep_delivery", R"sql(
  INSERT INTO webhook_attempts (account_id, message_id, attempt, started_at, duration_us, status, error, response)
  SELECT account_id, id, delivery_attempt, delivery_started_at, delivery_duration_us, delivery_status, '',
         delivery_response
  FROM webhook_messages WHERE account_id = $1 AND id = $2 AND delivery_attempt IS NOT NULL
  ON CONFLICT DO NOTHING)sql"};
const Statement reopen_message{"webhook_messages.reopen", R"sql(
  UPDATE webhook_messages SET status = 'pending', delivery_attempt = NULL WHERE account_id = $1 AND id = $2)sql"};
const Statement delete_attempts_of_subject{"webhook_attempts.delete_of_subject", R"sql(
  DELETE FROM webhook_attempts WHERE account_id = $1 AND message_id IN (
    SELECT id FROM webhook_messages WHERE account_id = $1 AND subject_id = $2))sql"};
const Statement delete_messages_of_subject{
    "webhook_messages.delete_of_subject",
    "DELETE FROM webhook_messages WHERE account_id = $1 AND subject_id = $2"};

Message read_message(const db::Row& row) {
  return {.id = row.id<MessageId>(0),
          .project = row.id<ProjectId>(1),
          .subject = row.uuid(2),
          .event = std::string(row.text(3)),
          .url = std::string(row.text(4)),
          .body = std::string(row.text(5)),
          .status = parse_message_status(row.text(6)).value_or(MessageStatus::failed),
          .attempts = row.integer(7),
          .created_at = row.instant(8),
          .delivered_at = row.optional_instant(9)};
}

// In the receiver's style; where that has no text for a number, in the default one.
std::string serialise(const json::Value& body, json::SignatureStyle style) {
  if (Result<std::string> text = json::canonical(body, style)) return std::move(*text);
  Result<std::string> compact = json::canonical(body, json::SignatureStyle::compact);
  if (!compact) throw std::logic_error("an event has no canonical form: " + compact.error().describe());
  return std::move(*compact);
}

}  // namespace

std::string_view to_text(MessageStatus status) {
  switch (status) {
    case MessageStatus::pending:
      return "pending";
    case MessageStatus::delivered:
      return "delivered";
    case MessageStatus::failed:
      return "failed";
    case MessageStatus::held:
      return "held";
  }
  return "failed";
}

std::optional<MessageStatus> parse_message_status(std::string_view text) {
  for (const auto status :
       {MessageStatus::pending, MessageStatus::delivered, MessageStatus::failed, MessageStatus::held}) {
    if (to_text(status) == text) return status;
  }
  return std::nullopt;
}

std::string_view origin_of(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == std::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", host + 3));
}

Result<Target> Messages::target_for(const TenantScope& scope, std::string_view override_url) {
  const Result<Endpoint> endpoint = endpoints_.find(scope);
  if (!endpoint) return fail(endpoint.error());
  const bool own = override_url.empty();
  return Target{.url = own ? endpoint->url : std::string(override_url),
                .style = endpoint->style,
                .held = own && endpoint->disabled_at.has_value()};
}

void Messages::emit(db::Transaction& transaction, const TenantScope& scope, const Target& target,
                    Uuid subject, std::string_view event, const json::Value& body) {
  if (target.url.empty()) return;
  const auto message = std::make_shared<const Message>(
      Message{.id = MessageId(ids_.next()),
              .project = scope.project,
              .subject = subject,
              .event = std::string(event),
              .url = target.url,
              .body = serialise(body, target.style),
              .status = target.held ? MessageStatus::held : MessageStatus::pending,
              .created_at = clock_.now()});
  transaction.execute(insert_message,
                      {scope.account, message->id, message->project, message->subject, message->event,
                       message->url, message->body, to_text(message->status), message->created_at});
  if (target.held) return;
  queue_.enqueue(transaction,
                 {.account = scope.account,
                  .id = message->id.uuid(),
                  .kind = delivery_job,
                  .payload = to_text(message->id.uuid()),
                  .order_key = to_base32(subject),
                  .group_key = std::string(origin_of(target.url)),
                  .handover = message->body.size() <= body_handed_over_max ? std::any(message) : std::any()});
}

std::int64_t Messages::erase(db::Transaction& transaction, const TenantScope& scope, Uuid subject) {
  transaction.execute(delete_attempts_of_subject, {scope.account, subject});
  return transaction.execute_counted(delete_messages_of_subject, {scope.account, subject});
}

Result<std::vector<Message>> Messages::list(const TenantScope& scope, const MessageFilter& filter) {
  const std::string_view status = filter.status ? to_text(*filter.status) : "";
  const Instant since = filter.since.value_or(Instant());
  const Instant until = filter.until.value_or(Instant::max());
  const bool all_projects = scope.project.is_nil();
  const auto rows = filter.subject
                        ? database_.query(scope, list_messages_of_subject,
                                          {scope.account, since, until, filter.event, status, all_projects,
                                           scope.project, filter.limit, *filter.subject})
                        : database_.query(scope, list_messages,
                                          {scope.account, since, until, filter.event, status, all_projects,
                                           scope.project, filter.limit});
  if (!rows) return fail(rows.error());
  std::vector<Message> messages;
  for (const db::Row row : *rows) messages.push_back(read_message(row));
  return messages;
}

Result<Message> Messages::find(const TenantScope& scope, MessageId id) {
  const auto rows = database_.query(scope, find_message, {scope.account, id});
  if (!rows) return fail(rows.error());
  if (rows->empty() || !scope.covers(rows->front().id<ProjectId>(1))) {
    return fail(error_codes::message_not_found, "There is no such webhook message.");
  }
  return read_message(rows->front());
}

Result<std::vector<Attempt>> Messages::attempts(const TenantScope& scope, MessageId id) {
  if (const auto message = find(scope, id); !message) return fail(message.error());
  const auto rows = database_.query(scope, list_attempts, {scope.account, id});
  if (!rows) return fail(rows.error());
  std::vector<Attempt> attempts;
  for (const db::Row row : *rows) {
    attempts.push_back({.number = row.integer(0),
                        .started_at = row.instant(1),
                        .duration = Duration(row.integer(2)),
                        .status = static_cast<int>(row.integer(3)),
                        .error = std::string(row.text(4)),
                        .response = std::string(row.text(5))});
  }
  return attempts;
}

Result<std::int64_t> Messages::replay(const TenantScope& scope, const MessageFilter& filter) {
  Result<std::vector<Message>> selected = list(scope, filter);
  if (!selected) return fail(std::move(selected.error()));
  std::ranges::reverse(*selected);
  if (const auto sent = send_again(scope, *selected); !sent) return fail(sent.error());
  return static_cast<std::int64_t>(selected->size());
}

Result<void> Messages::replay(const TenantScope& scope, MessageId id) {
  const Result<Message> message = find(scope, id);
  if (!message) return fail(message.error());
  return send_again(scope, std::span(&*message, 1));
}

// A replay keeps the order among its own messages, and holds up nothing else.
Result<void> Messages::send_again(const TenantScope& scope, std::span<const Message> messages) {
  return database_.transact(scope, [&](db::Transaction& transaction) {
    for (const Message& message : messages) {
      transaction.execute(keep_delivery, {scope.account, message.id});
      transaction.execute(reopen_message, {scope.account, message.id});
      queue_.enqueue(transaction, {.account = scope.account,
                                   .id = ids_.next(),
                                   .kind = delivery_job,
                                   .payload = to_text(message.id.uuid()),
                                   .order_key = "replay " + to_base32(message.subject),
                                   .group_key = std::string(origin_of(message.url))});
    }
  });
}

}  // namespace trunkline::webhooks
