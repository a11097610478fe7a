#include "warehouse/sync/events.hpp"

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"

namespace trunkline::warehouse::sync {
namespace {

using store::stored_time;

// A body without an id that comes again within this time is a repeat, later it is another event
// (contracts/warehouse.md, section 6.2).
constexpr Duration repeat_within = minutes(10);
constexpr std::int64_t pending_max = 500;
// Younger ones may still be under way.
constexpr Duration pending_after = minutes(1);

const db::Statement last_of_body{
    "events.last_of_body",
    "SELECT max(received_at)::text, count(*) FROM telco.raw_events WHERE provider_id = $1 AND account = $2"
    " AND payload_hash = $3"};
const db::Statement insert_event{
    "events.insert",
    "INSERT INTO telco.raw_events (provider_id, account, event_key, event_type, payload_hash, payload, "
    "received_at) VALUES ($1, $2, $3, $4, $5, $6, $7::text::timestamptz)"
    " ON CONFLICT (provider_id, account, event_key) DO NOTHING"};
const db::Statement mark_processed{
    "events.processed",
    "UPDATE telco.raw_events SET processed_at = $4::text::timestamptz, problem = $5 WHERE provider_id = $1"
    " AND account = $2 AND event_key = $3"};
const db::Statement pending_events{
    "events.pending",
    "SELECT event_key, payload, received_at::text FROM telco.raw_events WHERE provider_id = $1 AND account = "
    "$2"
    " AND processed_at IS NULL AND received_at < $4::text::timestamptz ORDER BY id LIMIT $3"};

struct Stored {
  bool is_repeat = false;
  std::string key;
  std::int64_t ordinal = 1;
};

// Without the secrets that a body may hold (Retell's access_token): such an event is not processed again from
// here, since its signature no longer fits; the next sync reads the call.
std::string storable(const std::string& body) {
  RepairedText repaired = repair_text(body);
  auto value = json::parse(repaired.text, {.bytes = 16UL << 20U});
  if (!value || !strip_secrets(*value)) return std::move(repaired.text);
  return json::write(*value);
}

// Headers are kept, since the signature is part of what makes the event true.
std::string payload_of(const WebhookDelivery& delivery) {
  json::Object headers;
  for (const auto& [name, value] : delivery.headers) headers.set(name, repair_text(value).text);
  return json::write(json::object(
      {{"headers", std::move(headers)}, {"query", delivery.query}, {"body", storable(delivery.body)}}));
}

Result<WebhookDelivery> delivery_of(std::string_view payload, Instant received_at) {
  const auto value = json::parse(payload, {.bytes = 16UL << 20U});
  if (!value) return fail(value.error());
  WebhookDelivery delivery{.received_at = received_at};
  if (const json::Value* headers = value->find("headers");
      headers != nullptr && headers->as_object() != nullptr) {
    for (const json::Member& member : *headers->as_object())
      delivery.headers.emplace_back(member.key, text_of(&member.value).value_or(""));
  }
  delivery.query = text_of(value->find("query")).value_or("");
  delivery.body = text_of(value->find("body")).value_or("");
  return delivery;
}

// An event without an id of its own is known by its body and by which time it came.
void number_messages(RowSet& rows, std::int64_t ordinal) {
  if (ordinal < 2) return;
  for (MessageRow& message : rows.messages) message.external_message_id += fmt::format("#{}", ordinal);
}

Result<void> process(Engine& engine, const store::Store& store, Provider& provider, const Owner& owner,
                     const std::string& key, WebhookEvent event, std::int64_t ordinal, Instant now) {
  if (event.event_key.empty()) number_messages(event.rows, ordinal);
  const auto taken = engine.take_event(provider, event);
  const std::optional<std::string> problem = taken ? std::nullopt : std::optional(taken.error().describe());
  const auto marked =
      store.database().execute(db::Scope::operations(), mark_processed,
                               {owner.provider_id, owner.account, key,
                                taken ? std::optional(stored_time(now)) : std::nullopt, problem});
  if (!taken) return fail(taken.error());
  if (!marked) return fail(marked.error());
  return {};
}

std::int64_t ordinal_of(std::string_view key) {
  const std::size_t mark = key.rfind('#');
  if (mark == std::string_view::npos) return 1;
  return store::integer_in(std::string(key.substr(mark + 1)));
}

}  // namespace

Result<Intake> take_webhook(Engine& engine, const store::Store& store, Provider& provider,
                            const WebhookDelivery& delivery) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  const Owner owner{.provider_id = *number, .account = account.account};
  const auto event = provider.read_webhook(delivery);
  if (!event) return fail(event.error());
  const std::string hash = hex_encode(crypto::sha256(delivery.body));
  const std::string payload = payload_of(delivery);
  const auto stored = store.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    lock_account(transaction, owner, delivery.received_at);
    Stored result{.key = event->event_key};
    if (event->event_key.empty()) {
      const db::Rows before = transaction.query(last_of_body, {owner.provider_id, owner.account, hash});
      const auto last =
          before.front().is_null(0) ? std::nullopt : store::read_stored_time(before.front().text(0));
      if (last && delivery.received_at - *last <= repeat_within) return Stored{.is_repeat = true};
      result.ordinal = before.front().integer(1) + 1;
      result.key = result.ordinal > 1 ? fmt::format("{}#{}", hash, result.ordinal) : hash;
    }
    result.is_repeat = transaction.execute_counted(
                           insert_event, {owner.provider_id, owner.account, result.key, event->event_type,
                                          hash, payload, stored_time(delivery.received_at)}) == 0;
    return result;
  });
  if (!stored) return fail(stored.error());
  Intake intake{.is_repeat = stored->is_repeat, .event_type = event->event_type};
  if (stored->is_repeat) return intake;
  const auto processed =
      process(engine, store, provider, owner, stored->key, *event, stored->ordinal, delivery.received_at);
  if (!processed) {
    log::warning(
        "a provider's event waits to be processed again",
        {{"provider", account.provider}, {"event", event->event_type}, {"error", processed.error()}});
  }
  return intake;
}

Result<std::int64_t> process_pending(Engine& engine, const store::Store& store, Provider& provider,
                                     Instant now) {
  const auto number = store::provider_number(provider.account().provider);
  if (!number) return fail(number.error());
  const Owner owner{.provider_id = *number, .account = provider.account().account};
  const auto rows = store.database().query(
      db::Scope::operations(), pending_events,
      {owner.provider_id, owner.account, pending_max, stored_time(now - pending_after)});
  if (!rows) return fail(rows.error());
  std::int64_t processed = 0;
  for (const db::Row row : *rows) {
    const std::string key(row.text(0));
    const Instant received_at = store::read_stored_time(row.text(2)).value_or(Instant());
    const auto delivery = delivery_of(row.text(1), received_at);
    if (!delivery) continue;
    auto event = provider.read_webhook(*delivery);
    if (!event) continue;
    const auto done =
        process(engine, store, provider, owner, key, std::move(*event), ordinal_of(key), received_at);
    if (!done) return fail(done.error());
    ++processed;
  }
  return processed;
}

}  // namespace trunkline::warehouse::sync
