// What is asked for one by one: full calls, message texts, recordings that were not there yet. And what the
// providers do not say but their rows do: derived billing items.
#include <algorithm>

#include <fmt/core.h>

#include "warehouse/sync/engine_run.hpp"

namespace trunkline::warehouse::sync {
namespace {

// Section 4: how long a call that is not final is asked for, and a missing recording.
constexpr Duration open_call_horizon = days(7);
constexpr Duration message_body_horizon = days(10);
constexpr Duration recording_after = seconds(40);
constexpr Duration recording_horizon = hours(48);
// One run asks for so many at most; the next one goes on.
constexpr std::int64_t asked_max = 2000;
// Days before today that derived items are made again for, since costs come late.
constexpr Duration derived_again = days(35);

const db::Statement open_calls{
    "sync.open_calls",
    "SELECT external_call_id FROM telco.calls WHERE provider_id = $1 AND account = $2 AND is_settled = false"
    " AND created_at >= $3::text::timestamptz AND (started_at IS NULL OR started_at >= $3::text::timestamptz)"
    " AND synced_at < $4::text::timestamptz ORDER BY looked_for_at, external_call_id LIMIT $5"};
const db::Statement looked_for_call{
    "sync.looked_for_call",
    "UPDATE telco.calls SET looked_for_at = $4::text::timestamptz, is_settled = CASE WHEN $5 = true THEN "
    "true ELSE "
    "is_settled END WHERE provider_id = $1 AND account = $2 AND external_call_id = $3"};
const db::Statement messages_without_body{
    "sync.messages_without_body",
    "SELECT external_message_id FROM telco.messages WHERE provider_id = $1 AND account = $2 AND body IS NULL"
    " AND sent_at >= $3::text::timestamptz AND (looked_for_at IS NULL OR event_hash IS NULL)"
    " ORDER BY sent_at DESC LIMIT $4"};
const db::Statement looked_for_message{
    "sync.looked_for_message",
    "UPDATE telco.messages SET looked_for_at = $4::text::timestamptz WHERE provider_id = $1 AND account = $2"
    " AND external_message_id = $3"};
const db::Statement missing_recordings{
    "sync.missing_recordings",
    "SELECT r.external_recording_id, coalesce(r.external_call_id, ''), r.created_at::text, r.duration_seconds"
    " FROM telco.recordings r WHERE r.provider_id = $1 AND r.account = $2 AND r.status = 'wanted'"
    " AND (r.created_at IS NULL OR r.created_at <= $3::text::timestamptz)"
    " ORDER BY r.attempts, r.created_at LIMIT $4"};
const db::Statement settle_recording{
    "sync.settle_recording",
    "UPDATE telco.recordings SET status = $4, attempts = attempts + 1, tried_at = $5::text::timestamptz"
    " WHERE provider_id = $1 AND account = $2 AND external_recording_id = $3"};
const db::Statement call_sums{"sync.call_sums",
                              "SELECT currency, sum(cost_units)::bigint, count(*) FROM telco.calls WHERE "
                              "provider_id = $1 AND account = $2"
                              " AND started_at >= $3::text::timestamptz AND started_at < "
                              "$4::text::timestamptz AND cost_units IS NOT NULL"
                              " AND currency IS NOT NULL GROUP BY currency"};
const db::Statement product_sums{
    "sync.product_sums",
    "SELECT component || ' ' || currency, sum(amount_units)::bigint, count(*) FROM telco.call_charges"
    " WHERE provider_id = $1 AND account = $2 AND charged_at >= $3::text::timestamptz"
    " AND charged_at < $4::text::timestamptz AND amount_units IS NOT NULL AND currency IS NOT NULL"
    " GROUP BY component, currency"};
const db::Statement first_call{
    "sync.first_call",
    "SELECT min(started_at)::text FROM telco.calls WHERE provider_id = $1 AND account = $2"};
const db::Statement last_derived{
    "sync.last_derived",
    "SELECT max(period_start)::text FROM telco.billing_items WHERE provider_id = $1 AND account = $2"
    " AND item_type = $3 AND item_key LIKE 'derived|%'"};

bool is_final_answer(const Error& error) {
  return error.code() == warehouse::error_codes::provider_gone;
}

void append(RowSet& rows, RowSet&& more) {
  std::ranges::move(more.calls, std::back_inserter(rows.calls));
  std::ranges::move(more.charges, std::back_inserter(rows.charges));
  std::ranges::move(more.recordings, std::back_inserter(rows.recordings));
  std::ranges::move(more.messages, std::back_inserter(rows.messages));
}

}  // namespace

// A list's row may be thinner than the call: new and changed ones are read in full before they are stored.
Result<void> Engine::Run::add_details(const Feed& feed, Page& page) {
  if (!feed.wants_call_detail || page.rows.calls.empty()) return {};
  const store::Source source = source_of(feed);
  const auto changed = store_.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    return store_.changed_calls(transaction, source, page.rows.calls);
  });
  if (!changed) return fail(changed.error());
  for (const std::string& id : *changed) {
    if (cancelled()) return fail(error_codes::cancelled, "The run was told to end.");
    auto detail = provider_.fetch_call(id, *this);
    if (detail) {
      append(page.rows, std::move(*detail));
    } else if (is_final_answer(detail.error())) {
      for (CallRow& call : page.rows.calls) {
        if (call.external_call_id == id) call.is_settled = true;
      }
    } else if (detail.error().code() != warehouse::error_codes::not_offered) {
      return fail(detail.error());
    }
  }
  return {};
}

// Calls that run, or ended without cost or analysis, for up to seven days.
Result<void> Engine::Run::fetch_open_calls() {
  const auto feed = std::ranges::find_if(provider_.feeds(), [](const Feed& each) {
    return each.type == SyncType::calls && each.wants_call_detail;
  });
  if (feed == provider_.feeds().end() || is_manual_range_) return {};
  db::Database& database = store_.database();
  const auto open =
      database.query(db::Scope::operations(), open_calls,
                     {owner_.provider_id, owner_.account, store::stored_time(started_at_ - open_call_horizon),
                      store::stored_time(started_at_), asked_max});
  if (!open) return fail(open.error());
  feed_name_ = feed->name;
  for (const db::Row row : *open) {
    if (cancelled()) return {};
    const std::string id(row.text(0));
    const auto detail = provider_.fetch_call(id, *this);
    if (!detail && !is_final_answer(detail.error())) return fail(detail.error());
    if (detail) {
      if (const auto stored = store_rows(*feed, *detail); !stored) return stored;
    }
    const auto marked = database.execute(
        db::Scope::operations(), looked_for_call,
        {owner_.provider_id, owner_.account, id, store::stored_time(started_at_), !detail.has_value()});
    if (!marked) return fail(marked.error());
  }
  return {};
}

Result<void> Engine::Run::fetch_message_bodies() {
  const auto feed = std::ranges::find(provider_.feeds(), SyncType::messages, &Feed::type);
  if (feed == provider_.feeds().end()) return {};
  db::Database& database = store_.database();
  const auto without = database.query(db::Scope::operations(), messages_without_body,
                                      {owner_.provider_id, owner_.account,
                                       store::stored_time(started_at_ - message_body_horizon), asked_max});
  if (!without) return fail(without.error());
  for (const db::Row row : *without) {
    if (cancelled()) return {};
    const std::string id(row.text(0));
    const auto message = provider_.fetch_message(id, *this);
    if (!message && message.error().code() == warehouse::error_codes::not_offered) return {};
    if (!message && !is_final_answer(message.error())) return fail(message.error());
    if (message) {
      if (const auto stored = store_rows(*feed, *message); !stored) return stored;
    }
    const auto marked =
        database.execute(db::Scope::operations(), looked_for_message,
                         {owner_.provider_id, owner_.account, id, store::stored_time(started_at_)});
    if (!marked) return fail(marked.error());
  }
  return {};
}

// A file is not there right after its call: it is asked for 40 s after its start at the earliest, then on
// each run for 48 hours, then given up.
Engine::Run::FeedOutcome Engine::Run::run_missing_recordings() {
  FeedOutcome outcome;
  const auto missing = store_.database().query(
      db::Scope::operations(), missing_recordings,
      {owner_.provider_id, owner_.account, store::stored_time(started_at_ - recording_after), asked_max});
  if (!missing) {
    outcome.problem = missing.error();
    return outcome;
  }
  const Feed feed{.name = "recordings", .type = SyncType::recordings, .scope = FeedScope::wanted};
  for (const db::Row row : *missing) {
    if (cancelled()) return outcome;
    WantedRecording wanted{.external_call_id = std::string(row.text(1)),
                           .external_recording_id = std::string(row.text(0)),
                           .started_at = row.is_null(2) ? std::nullopt : store::read_stored_time(row.text(2)),
                           .duration_seconds = row.optional_integer(3)};
    auto found = provider_.fetch_recording(wanted, *this);
    std::string_view status = "linked";
    if (!found) {
      const ErrorCode& code = found.error().code();
      const bool is_not_yet = code == warehouse::error_codes::provider_refused;
      if (code == warehouse::error_codes::not_offered) return outcome;
      if (!is_not_yet && !is_final_answer(found.error())) {
        outcome.problem = found.error();
        return outcome;
      }
      const bool is_old = wanted.started_at && started_at_ - *wanted.started_at > recording_horizon;
      status = is_not_yet && !is_old ? "wanted" : "unavailable";
    } else {
      RowSet rows;
      found->external_recording_id = wanted.external_recording_id;
      found->revision.standing = Standing::detail;
      rows.recordings.push_back(std::move(*found));
      if (const auto stored = store_rows(feed, rows); !stored) {
        outcome.problem = stored.error();
        return outcome;
      }
      outcome.stored_any = true;
    }
    const auto settled =
        store_.database().execute(db::Scope::operations(), settle_recording,
                                  {owner_.provider_id, owner_.account, wanted.external_recording_id, status,
                                   store::stored_time(started_at_)});
    if (!settled) outcome.problem = settled.error();
  }
  return outcome;
}

// Zadarma has no invoices and Retell none either: their items are the sums of what their calls cost, by the
// provider's local day and currency, and by UTC day and product.
Result<void> Engine::Run::derive_billing() {
  const ProviderAccount& account = provider_.account();
  const bool by_product = account.provider == "retell";
  if (!by_product && account.provider != "zadarma") return {};
  const auto zone = TimeZone::find(by_product ? "UTC" : account.time_zone);
  if (!zone) return fail(zone.error());
  const std::string_view type = by_product ? "product" : "call";
  db::Database& database = store_.database();
  const auto first =
      database.query(db::Scope::operations(), first_call, {owner_.provider_id, owner_.account});
  if (!first) return fail(first.error());
  if (first->empty() || first->front().is_null(0)) return {};
  const auto last =
      database.query(db::Scope::operations(), last_derived, {owner_.provider_id, owner_.account, type});
  if (!last) return fail(last.error());
  Instant at = store::read_stored_time(first->front().text(0)).value_or(started_at_);
  if (!last->empty() && !last->front().is_null(0)) {
    const auto derived_to = zone->start_of_day(last->front().text(0));
    if (derived_to) at = std::max(at, std::min(*derived_to, started_at_) - derived_again);
  }
  RowSet items;
  while (at < started_at_) {
    const std::string day = zone->day(at);
    const Instant begin = zone->start_of_day(day).value_or(at);
    // A day has 23 to 25 hours; 36 hours after its start is within the next one.
    const Instant end = zone->start_of_day(zone->day(begin + hours(36))).value_or(begin + hours(24));
    const auto sums = database.query(
        db::Scope::operations(), by_product ? product_sums : call_sums,
        {owner_.provider_id, owner_.account, store::stored_time(begin), store::stored_time(end)});
    if (!sums) return fail(sums.error());
    for (const db::Row row : *sums) {
      const std::string subject(row.text(0));
      const std::size_t space = subject.rfind(' ');
      items.billing.push_back({.item_key = fmt::format("derived|{}|{}|{}", day, type, subject),
                               .item_type = std::string(type),
                               .description = by_product ? subject.substr(0, space) : "calls of the day",
                               .quantity = Decimal(row.integer(2)),
                               .total = Decimal::from_units(row.integer(1), store::unit_places),
                               .currency = by_product ? subject.substr(space + 1) : subject,
                               .period_start = day,
                               .period_end = day,
                               .raw_data = json::object({{"derived", true}})});
    }
    at = end;
  }
  if (items.billing.empty()) return {};
  return store_rows({.name = "derived", .type = SyncType::billing}, items);
}

}  // namespace trunkline::warehouse::sync
