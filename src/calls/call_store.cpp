#include "calls/call_store.hpp"

#include "base/text.hpp"
#include "billing/ledger.hpp"

namespace trunkline::calls::store {
namespace {

using db::Reach;
using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

#define CALL_COLUMNS                                                                                        \
  "id, project_id, status, created_at, to_number, task, instructions, country, locale, voice, agent_name, " \
  "caller_name, "                                                                                           \
  "metadata, tools, webhook_url, tool_webhook_url, end_user_id, max_duration_seconds, price_per_minute, "   \
  "currency, "                                                                                              \
  "carrier, from_number, provider_call_id, dial_requested_at, ringing_at, started_at, ended_at, "           \
  "answered_by, "                                                                                           \
  "ended_reason, summary, fallbacks, entries, event_sequence, event_at, event_received_at, deadline_at "

const Statement insert_call{"calls.insert", R"sql(
  INSERT INTO calls (account_id, id, project_id, status, created_at, to_number, task, instructions, country, locale, voice,
                     agent_name, caller_name, metadata, tools, webhook_url, tool_webhook_url, end_user_id,
                     max_duration_seconds, price_per_minute, currency, carrier, from_number, provider_call_id,
                     answered_by, ended_reason, fallbacks, prompt_tokens, completion_tokens, entries, event_sequence)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, '',
          'unknown', '', '', 0, 0, 0, 0))sql"};
const Statement find_call{"calls.find",
                          "SELECT " CALL_COLUMNS "FROM calls WHERE account_id = $1 AND id = $2"};
const Statement lock_call{"calls.lock", "SELECT " CALL_COLUMNS
                                        "FROM calls WHERE account_id = $1 AND id = $2 AND "
                                        "erased_at IS NULL FOR UPDATE"};
const Statement update_call{"calls.update", R"sql(
  UPDATE calls SET status = $3, carrier = $4, from_number = $5, provider_call_id = $6, dial_requested_at = $7,
         ringing_at = $8, started_at = $9, ended_at = $10, answered_by = $11, ended_reason = $12, entries = $13,
         event_sequence = $14, event_at = $15, event_received_at = $16, deadline_at = $17
  WHERE account_id = $1 AND id = $2)sql"};
const Statement list_calls{"calls.list", "SELECT " CALL_COLUMNS R"sql(
  FROM calls WHERE account_id = $1 AND id >= $2 AND id < $3 AND created_at >= $4 AND created_at < $5
    AND ($6 OR project_id = $7)
  ORDER BY id DESC LIMIT $8 OFFSET $9)sql"};
const Statement list_calls_of_status{"calls.list_of_status", "SELECT " CALL_COLUMNS R"sql(
  FROM calls WHERE account_id = $1 AND status = $10 AND id >= $2 AND id < $3 AND created_at >= $4 AND created_at < $5
    AND ($6 OR project_id = $7)
  ORDER BY id DESC LIMIT $8 OFFSET $9)sql"};
const Statement count_calls{"calls.count", R"sql(
  SELECT count(*) FROM calls WHERE account_id = $1 AND id >= $2 AND id < $3 AND created_at >= $4 AND created_at < $5
    AND ($6 OR project_id = $7))sql",
                            Reach::scan};
const Statement count_calls_of_status{"calls.count_of_status", R"sql(
  SELECT count(*) FROM calls WHERE account_id = $1 AND status = $8 AND id >= $2 AND id < $3 AND created_at >= $4
    AND created_at < $5 AND ($6 OR project_id = $7))sql",
                                      Reach::scan};
const Statement list_calls_of_number{"calls.list_of_number", "SELECT " CALL_COLUMNS R"sql(
  FROM calls WHERE account_id = $1 AND to_number = $2 AND id < $3 AND created_at < $4 AND ($5 OR project_id = $6)
  ORDER BY id DESC LIMIT $7)sql"};
const Statement list_entries{"call_entries.list", R"sql(
  SELECT sequence, kind, text, at, hangs_up FROM call_entries WHERE account_id = $1 AND call_id = $2 ORDER BY sequence)sql"};
const Statement list_transcript{"call_entries.transcript", R"sql(
  SELECT sequence, kind, text, at FROM call_entries WHERE account_id = $1 AND call_id = $2 ORDER BY sequence)sql"};
const Statement insert_entry{"call_entries.insert", R"sql(
  INSERT INTO call_entries (account_id, call_id, sequence, kind, text, at, hangs_up)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};
const Statement list_tool_uses{"call_tool_uses.list", R"sql(
  SELECT id, name, arguments, result, error, requested_at, finished_at
  FROM call_tool_uses WHERE account_id = $1 AND call_id = $2 ORDER BY id)sql"};
const Statement insert_tool_use_row{"call_tool_uses.insert", R"sql(
  INSERT INTO call_tool_uses (account_id, call_id, id, name, arguments, error, requested_at)
  VALUES ($1, $2, $3, $4, $5, '', $6))sql"};
const Statement finish_tool_use_row{"call_tool_uses.finish", R"sql(
  UPDATE call_tool_uses SET result = $4, error = $5, finished_at = $6
  WHERE account_id = $1 AND call_id = $2 AND id = $3 AND finished_at IS NULL)sql"};
const Statement find_overdue{
    "calls.overdue", "SELECT account_id, id FROM calls WHERE deadline_at < $1 ORDER BY deadline_at LIMIT $2"};
const Statement count_live{"calls.live", R"sql(
  SELECT status, count(*) FROM calls WHERE status IN ('queued', 'ringing', 'in_progress') GROUP BY status)sql",
                           Reach::scan};
const Statement set_summary_column{"calls.set_summary",
                                   "UPDATE calls SET summary = $3 WHERE account_id = $1 AND id = $2"};
const Statement add_usage_columns{"calls.add_usage", R"sql(
  UPDATE calls SET fallbacks = fallbacks || $3, prompt_tokens = prompt_tokens + $4,
         completion_tokens = completion_tokens + $5
  WHERE account_id = $1 AND id = $2)sql"};

// Numbers are validated when they come in; an empty one in the database is one that is not known yet.
PhoneNumber stored_number(std::string_view text) {
  return PhoneNumber::parse_e164(text).value_or(PhoneNumber());
}

Call read_call(const db::Row& row) {
  Call call;
  call.id = row.id<CallId>(0);
  call.project = row.id<ProjectId>(1);
  call.state.status = parse_status(row.text(2)).value_or(Status::failed);
  call.created_at = row.instant(3);
  call.request = {.to = stored_number(row.text(4)),
                  .task = std::string(row.text(5)),
                  .instructions = std::string(row.text(6)),
                  .country = std::string(row.text(7)),
                  .locale = std::string(row.text(8)),
                  .voice = std::string(row.text(9)),
                  .agent_name = std::string(row.text(10)),
                  .caller_name = std::string(row.text(11)),
                  .metadata = std::string(row.text(12)),
                  .tools = std::string(row.text(13)),
                  .webhook_url = std::string(row.text(14)),
                  .tool_webhook_url = std::string(row.text(15)),
                  .end_user_id = std::string(row.text(16)),
                  .max_duration_seconds = row.integer(17)};
  call.price = {.per_minute = Decimal::from_units(row.integer(18), billing::stored_places),
                .currency = Currency::parse(row.text(19)).value_or(Currency())};
  call.carrier = row.text(20);
  call.from_number = row.text(21);
  call.provider_call_id = row.text(22);
  call.dial_requested_at = row.optional_instant(23);
  call.state.dialled = call.dial_requested_at.has_value();
  call.state.ringing_at = row.optional_instant(24);
  call.state.started_at = row.optional_instant(25);
  call.state.ended_at = row.optional_instant(26);
  call.state.answered_by = carriers::parse_answered_by(row.text(27)).value_or(carriers::AnsweredBy::unknown);
  call.state.reason = parse_ended_reason(row.text(28)).value_or(EndedReason::none);
  call.summary = row.optional_text(29);
  call.fallbacks = row.text(30);
  call.entries = row.integer(31);
  call.event_sequence = row.integer(32);
  call.event_at = row.optional_instant(33);
  call.event_received_at = row.optional_instant(34);
  call.deadline_at = row.optional_instant(35);
  return call;
}

std::vector<Entry> read_entries(const db::Rows& rows) {
  std::vector<Entry> result;
  result.reserve(rows.size());
  for (const db::Row row : rows) {
    result.push_back({.sequence = row.integer(0),
                      .kind = parse_entry_kind(row.text(1)).value_or(EntryKind::silence),
                      .text = std::string(row.text(2)),
                      .at = row.instant(3),
                      .hangs_up = row.boolean(4)});
  }
  return result;
}

std::unexpected<Error> no_such_call(CallId id) {
  return fail(Error(error_codes::call_not_found, "No such call").with_detail("call_id", id.text()));
}

// The call, and what `rows_of_call` finds by its id and `read` makes of it.
template <class Found, class Read>
Result<Found> find_with(const Statement& rows_of_call, const Read& read, db::Database& database,
                        const TenantScope& scope, CallId id) {
  auto answers =
      database.query_all(scope, {{find_call, {scope.account, id}}, {rows_of_call, {scope.account, id}}});
  if (!answers) return fail(std::move(answers.error()));
  const db::Rows& calls = answers->front();
  if (calls.empty() || !scope.covers(calls.front().id<ProjectId>(1))) return no_such_call(id);
  return Result<Found>(std::in_place, read_call(calls.front()), read(std::move(answers->back())));
}

// Ids begin with the time they were made: the ones made in a stretch of time lie between two bounds. A second
// of slack on both sides covers a clock that was corrected; created_at decides.
Uuid id_bound(Instant at) {
  Uuid::Bytes bytes{};
  const auto since_epoch = static_cast<std::uint64_t>(std::max<std::int64_t>(to_microseconds(at) / 1000, 0));
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(since_epoch >> (40 - 8 * i));
  return Uuid(bytes);
}

Uuid last_bound(const std::optional<Instant>& until) {
  if (until) return id_bound(*until + seconds(1));
  Uuid::Bytes bytes{};
  bytes.fill(0xff);
  return Uuid(bytes);
}

}  // namespace

Result<Call> find(db::Database& database, const TenantScope& scope, CallId id) {
  const auto rows = database.query(scope, find_call, {scope.account, id});
  if (!rows) return fail(rows.error());
  if (rows->empty() || !scope.covers(rows->front().id<ProjectId>(1))) return no_such_call(id);
  return read_call(rows->front());
}

Result<CallWithEntries> find_with_entries(db::Database& database, const TenantScope& scope, CallId id) {
  return find_with<CallWithEntries>(list_entries, read_entries, database, scope, id);
}

Result<CallWithTranscript> find_with_transcript(db::Database& database, const TenantScope& scope, CallId id) {
  const auto read = [](db::Rows rows) { return Transcript(std::move(rows)); };
  return find_with<CallWithTranscript>(list_transcript, read, database, scope, id);
}

Result<CallPage> list(db::Database& database, const TenantScope& scope, const CallFilter& filter) {
  const Instant since = filter.since.value_or(Instant());
  const Instant until = filter.until.value_or(Instant::max());
  const Uuid first = filter.since ? id_bound(since - seconds(1)) : Uuid();
  const Uuid last = last_bound(filter.until);
  const bool all_projects = scope.project.is_nil();
  const std::string_view status = filter.status ? to_text(*filter.status) : "";
  const auto page = filter.status ? database.query(scope, list_calls_of_status,
                                                   {scope.account, first, last, since, until, all_projects,
                                                    scope.project, filter.limit, filter.offset, status})
                                  : database.query(scope, list_calls,
                                                   {scope.account, first, last, since, until, all_projects,
                                                    scope.project, filter.limit, filter.offset});
  if (!page) return fail(page.error());
  CallPage result;
  for (const db::Row row : *page) result.calls.push_back(read_call(row));
  const auto found = static_cast<std::int64_t>(result.calls.size());
  // A page that is not full is the last one: then the total is known without counting.
  if (found < filter.limit && (found > 0 || filter.offset == 0)) {
    result.total = filter.offset + found;
    return result;
  }
  const auto total =
      filter.status
          ? database.query(scope, count_calls_of_status,
                           {scope.account, first, last, since, until, all_projects, scope.project, status})
          : database.query(scope, count_calls,
                           {scope.account, first, last, since, until, all_projects, scope.project});
  if (!total) return fail(total.error());
  result.total = total->front().integer(0);
  return result;
}

Result<std::vector<Call>> of_number(db::Database& database, const TenantScope& scope, std::string_view number,
                                    CallId before, Instant until, std::int64_t limit) {
  const auto rows =
      database.query(scope, list_calls_of_number,
                     {scope.account, number, before, until, scope.project.is_nil(), scope.project, limit});
  if (!rows) return fail(rows.error());
  std::vector<Call> result;
  for (const db::Row row : *rows) result.push_back(read_call(row));
  return result;
}

Result<std::vector<ToolUse>> tool_uses(db::Database& database, const TenantScope& scope, CallId id) {
  const auto rows = database.query(scope, list_tool_uses, {scope.account, id});
  if (!rows) return fail(rows.error());
  std::vector<ToolUse> result;
  for (const db::Row row : *rows) {
    result.push_back({.id = row.uuid(0),
                      .name = std::string(row.text(1)),
                      .arguments = std::string(row.text(2)),
                      .result = row.optional_text(3),
                      .error = std::string(row.text(4)),
                      .requested_at = row.instant(5),
                      .finished_at = row.optional_instant(6)});
  }
  return result;
}

Result<std::vector<OverdueCall>> overdue(db::Database& database, Instant now, std::int64_t limit) {
  const auto rows = database.query(db::Scope::operations(), find_overdue, {now, limit});
  if (!rows) return fail(rows.error());
  std::vector<OverdueCall> result;
  for (const db::Row row : *rows) result.push_back({row.id<AccountId>(0), row.id<CallId>(1)});
  return result;
}

Result<std::vector<std::pair<Status, std::int64_t>>> live_counts(db::Database& database) {
  const auto rows = database.query(db::Scope::operations(), count_live, {});
  if (!rows) return fail(rows.error());
  std::vector<std::pair<Status, std::int64_t>> counts;
  for (const db::Row row : *rows) {
    counts.emplace_back(parse_status(row.text(0)).value_or(Status::queued), row.integer(1));
  }
  return counts;
}

void insert(Transaction& transaction, const TenantScope& scope, const Call& call) {
  const CallRequest& request = call.request;
  transaction.execute(insert_call, {scope.account,
                                    call.id,
                                    call.project,
                                    to_text(call.state.status),
                                    call.created_at,
                                    request.to.text(),
                                    request.task,
                                    request.instructions,
                                    request.country,
                                    request.locale,
                                    request.voice,
                                    request.agent_name,
                                    request.caller_name,
                                    request.metadata,
                                    request.tools,
                                    request.webhook_url,
                                    request.tool_webhook_url,
                                    request.end_user_id,
                                    request.max_duration_seconds,
                                    call.price.per_minute.to_units(billing::stored_places).value(),
                                    call.price.currency.code(),
                                    call.carrier,
                                    call.from_number});
}

std::optional<Call> lock(Transaction& transaction, const TenantScope& scope, CallId id) {
  const db::Rows rows = transaction.query(lock_call, {scope.account, id});
  if (rows.empty() || !scope.covers(rows.front().id<ProjectId>(1))) return std::nullopt;
  return read_call(rows.front());
}

void update(Transaction& transaction, const TenantScope& scope, const Call& call) {
  const Lifecycle& state = call.state;
  transaction.execute(
      update_call, {scope.account, call.id, to_text(state.status), call.carrier, call.from_number,
                    call.provider_call_id, call.dial_requested_at, state.ringing_at, state.started_at,
                    state.ended_at, carriers::to_text(state.answered_by), to_text(state.reason), call.entries,
                    call.event_sequence, call.event_at, call.event_received_at, call.deadline_at});
}

Entry append(Transaction& transaction, const TenantScope& scope, Call& call, EntryKind kind, std::string text,
             Instant at, bool hangs_up) {
  Entry entry{
      .sequence = ++call.entries, .kind = kind, .text = std::move(text), .at = at, .hangs_up = hangs_up};
  transaction.execute(insert_entry,
                      {scope.account, call.id, entry.sequence, to_text(kind), entry.text, at, hangs_up});
  return entry;
}

void set_summary(Transaction& transaction, const TenantScope& scope, CallId id, std::string_view summary) {
  transaction.execute(set_summary_column, {scope.account, id, summary});
}

void add_usage(Transaction& transaction, const TenantScope& scope, CallId id, std::string_view fallbacks,
               std::int64_t prompt_tokens, std::int64_t completion_tokens) {
  transaction.execute(add_usage_columns, {scope.account, id, fallbacks, prompt_tokens, completion_tokens});
}

void insert_tool_use(Transaction& transaction, const TenantScope& scope, CallId call, const ToolUse& use) {
  transaction.execute(insert_tool_use_row,
                      {scope.account, call, use.id, use.name, use.arguments, use.requested_at});
}

void finish_tool_use(Transaction& transaction, const TenantScope& scope, CallId call, const ToolUse& use) {
  transaction.execute(finish_tool_use_row,
                      {scope.account, call, use.id, use.result, use.error, use.finished_at});
}

}  // namespace trunkline::calls::store
