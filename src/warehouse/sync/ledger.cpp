#include "warehouse/sync/ledger.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/core.h>
#include <unistd.h>

#include "base/text.hpp"

namespace trunkline::warehouse::sync {
namespace {

using store::cell;
using store::read_stored_time;
using store::stored_time;

const db::Statement select_state{"sync.state",
                                 "SELECT watermark::text, window_begin::text, window_end::text, cursor, "
                                 "updated_at::text FROM telco.sync_state"
                                 " WHERE provider_id = $1 AND account = $2 AND feed = $3 FOR UPDATE"};
const db::Statement upsert_state{
    "sync.write_state",
    "INSERT INTO telco.sync_state (provider_id, account, feed, watermark, window_begin, window_end, cursor,"
    " updated_at) VALUES ($1, $2, $3, $4::text::timestamptz, $5::text::timestamptz, $6::text::timestamptz, "
    "$7,"
    " $8::text::timestamptz) ON CONFLICT (provider_id, account, feed) DO UPDATE SET watermark = "
    "excluded.watermark, window_begin = excluded.window_begin, window_end = excluded.window_end, cursor = "
    "excluded.cursor, updated_at = excluded.updated_at"};

// The row of the feed with no name; writing it locks it until the commit.
const db::Statement lock_row{
    "sync.lock_account",
    "INSERT INTO telco.sync_state (provider_id, account, feed, updated_at) VALUES ($1, $2, '', "
    "$3::text::timestamptz) ON CONFLICT (provider_id, account, feed) DO UPDATE SET updated_at = "
    "excluded.updated_at"};

const db::Statement insert_window{
    "sync.insert_window",
    "INSERT INTO telco.sync_windows (provider_id, account, feed, window_begin, window_end, asked_at, pages,"
    " rows_received, rows_distinct, status) VALUES ($1, $2, $3, $4::text::timestamptz, $5::text::timestamptz,"
    " $6::text::timestamptz, 0, 0, 0, 'running') RETURNING id"};
const db::Statement update_window{
    "sync.update_window",
    "UPDATE telco.sync_windows SET window_end = $2::text::timestamptz, pages = $3, rows_received = $4,"
    " rows_distinct = $5, total_said = $6, end_said = $7, status = $8, problem = $9,"
    " completed_at = CASE WHEN $10 = true THEN $11::text::timestamptz END WHERE id = $1"};
const db::Statement select_windows{
    "sync.windows",
    "SELECT window_begin::text, window_end::text, status, coalesce(end_said, ''), coalesce(problem, ''),"
    " rows_distinct, total_said, asked_at::text FROM telco.sync_windows WHERE provider_id = $1 AND account = "
    "$2"
    " AND feed = $3 ORDER BY window_begin, id",
    db::Reach::scan};

const db::Statement select_last_window{
    "sync.last_window",
    "SELECT window_begin::text, window_end::text, status, coalesce(end_said, ''), coalesce(problem, ''),"
    " rows_distinct, total_said, asked_at::text FROM telco.sync_windows WHERE provider_id = $1 AND account = "
    "$2 AND feed = $3 AND ($4 = '' OR status = $4) ORDER BY window_begin DESC, id DESC LIMIT 1"};

const db::Statement read_lease{"sync.read_lease",
                               "SELECT holder, expires_at FROM telco.sync_leases WHERE provider_id = $1 AND "
                               "account = $2 AND sync_type = $3"
                               " FOR UPDATE"};
const db::Statement upsert_lease{
    "sync.take_lease",
    "INSERT INTO telco.sync_leases (provider_id, account, sync_type, holder, expires_at) VALUES ($1, $2, $3, "
    "$4,"
    " $5) ON CONFLICT (provider_id, account, sync_type) DO UPDATE SET holder = excluded.holder, expires_at = "
    "excluded.expires_at"};
const db::Statement extend_lease{
    "sync.renew_lease",
    "UPDATE telco.sync_leases SET expires_at = $5 WHERE provider_id = $1 AND account "
    "= $2 AND sync_type = $3 AND holder = $4"};
const db::Statement delete_lease{"sync.give_lease_back",
                                 "DELETE FROM telco.sync_leases WHERE provider_id = $1 AND account = $2 AND "
                                 "sync_type = $3 AND holder = $4"};

const db::Statement mark_interrupted{
    "sync.mark_interrupted",
    "UPDATE telco.sync_log SET status = 'failed', error_message = 'interrupted', completed_at = "
    "$4::text::timestamptz WHERE provider_id = $1 AND account = $2 AND sync_type = $3 AND status = "
    "'running'"};
const db::Statement insert_log{
    "sync.begin_log",
    "INSERT INTO telco.sync_log (provider_id, account, sync_type, trigger, started_at, completed_at,"
    " records_fetched, records_inserted, records_updated, records_unchanged, pages, requests, retries, "
    "status,"
    " error_message, created_at) VALUES ($1, $2, $3, $4, $5::text::timestamptz, $6::text::timestamptz, 0, 0, "
    "0, "
    "0, 0, 0, 0, $7, $8, $5::text::timestamptz) RETURNING id"};
const db::Statement update_log{
    "sync.end_log",
    "UPDATE telco.sync_log SET completed_at = $2::text::timestamptz, records_fetched = $3, records_inserted "
    "= $4,"
    " records_updated = $5, records_unchanged = $6, pages = $7, requests = $8, retries = $9,"
    " date_range_start = $10::text::timestamptz, date_range_end = $11::text::timestamptz, status = $12,"
    " error_message = $13 WHERE id = $1"};
const db::Statement select_last_start{"sync.last_start",
                                      "SELECT max(started_at)::text FROM telco.sync_log WHERE provider_id = "
                                      "$1 AND account = $2 AND sync_type = $3"
                                      " AND status <> 'skipped'"};

constexpr std::size_t problem_size_max = 500;

std::optional<std::string> filled(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}
std::optional<std::string> time_text(const std::optional<Instant>& instant) {
  return cell(instant);
}

// Field 22 of /proc/PID/stat: when the process was started, in ticks since the machine was. A number that was
// given to another process has another one.
std::string start_of(std::int64_t process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(file, text);
  const std::size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return "";
  const auto fields = split(std::string_view(text).substr(end_of_name + 2), ' ');
  return fields.size() > 19 ? std::string(fields[19]) : "";
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Only of processes on this machine can that be known.
bool is_known_dead(std::string_view holder) {
  const auto parts = split(holder, '/');
  if (parts.size() < 3 || parts[0] != host_name()) return false;
  return start_of(parse_integer(parts[1]).value_or(0)) != parts[2];
}

}  // namespace

void lock_account(db::Transaction& transaction, const Owner& owner, Instant now) {
  transaction.execute(lock_row, {owner.provider_id, owner.account, stored_time(now)});
}

FeedState read_state(db::Transaction& transaction, const Owner& owner, const std::string& feed) {
  const db::Rows rows = transaction.query(select_state, {owner.provider_id, owner.account, feed});
  FeedState state;
  if (rows.empty()) return state;
  const auto time = [&](std::size_t column) -> std::optional<Instant> {
    const auto text = rows.front().optional_text(column);
    return text ? read_stored_time(*text) : std::nullopt;
  };
  state.watermark = time(0);
  if (time(1) && time(2)) state.window = Window{*time(1), *time(2)};
  state.cursor = rows.front().optional_text(3).value_or("");
  state.updated_at = time(4);
  return state;
}

void write_state(db::Transaction& transaction, const Owner& owner, const std::string& feed,
                 const FeedState& state, Instant now) {
  transaction.execute(
      upsert_state, {owner.provider_id, owner.account, feed, time_text(state.watermark),
                     time_text(state.window ? std::optional(state.window->begin) : std::nullopt),
                     time_text(state.window ? std::optional(state.window->end) : std::nullopt), state.cursor,
                     stored_time(now)});
}

void write_window(db::Transaction& transaction, const Owner& owner, const std::string& feed,
                  WindowProgress& progress, Instant now) {
  if (progress.id == 0) {
    progress.id =
        transaction
            .query(insert_window, {owner.provider_id, owner.account, feed, stored_time(progress.window.begin),
                                   stored_time(progress.window.end), stored_time(now)})
            .front()
            .integer(0);
  }
  transaction.execute(update_window,
                      {progress.id, stored_time(progress.window.end), progress.pages, progress.received,
                       progress.distinct, progress.total_said, filled(progress.end_said), progress.status,
                       filled(progress.problem), progress.status != "running", stored_time(now)});
}

namespace {

StoredWindow stored_window(const db::Row& row) {
  return {.window = {*read_stored_time(row.text(0)), *read_stored_time(row.text(1))},
          .status = std::string(row.text(2)),
          .end_said = std::string(row.text(3)),
          .problem = std::string(row.text(4)),
          .rows = row.integer(5),
          .total_said = row.optional_integer(6),
          .asked_at = *read_stored_time(row.text(7))};
}

}  // namespace

Result<std::vector<StoredWindow>> read_windows(db::Database& database, const Owner& owner,
                                               const std::string& feed) {
  const auto rows =
      database.query(db::Scope::operations(), select_windows, {owner.provider_id, owner.account, feed});
  if (!rows) return fail(rows.error());
  std::vector<StoredWindow> windows;
  for (const db::Row row : *rows) windows.push_back(stored_window(row));
  return windows;
}

Result<std::optional<StoredWindow>> last_window(db::Database& database, const Owner& owner,
                                                const std::string& feed, std::string_view status) {
  const auto rows = database.query(db::Scope::operations(), select_last_window,
                                   {owner.provider_id, owner.account, feed, status});
  if (!rows) return fail(rows.error());
  return rows->empty() ? std::nullopt : std::optional(stored_window(rows->front()));
}

std::string this_process() {
  static std::atomic<int> runs{0};
  return fmt::format("{}/{}/{}/{}", host_name(), getpid(), start_of(getpid()), runs++);
}

bool is_running(db::Transaction& transaction, const Owner& owner, SyncType type, Instant now) {
  const db::Rows rows = transaction.query(read_lease, {owner.provider_id, owner.account, to_text(type)});
  return !rows.empty() && rows.front().instant(1) > now && !is_known_dead(rows.front().text(0));
}

Result<bool> take_lease(db::Database& database, const Owner& owner, SyncType type, const std::string& holder,
                        Instant now) {
  return database.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    if (is_running(transaction, owner, type, now)) return false;
    transaction.execute(upsert_lease,
                        {owner.provider_id, owner.account, to_text(type), holder, now + lease_duration});
    return true;
  });
}

bool renew_lease(db::Transaction& transaction, const Owner& owner, SyncType type, const std::string& holder,
                 Instant now) {
  return transaction.execute_counted(extend_lease, {owner.provider_id, owner.account, to_text(type), holder,
                                                    now + lease_duration}) == 1;
}

Result<void> give_lease_back(db::Database& database, const Owner& owner, SyncType type,
                             const std::string& holder) {
  const auto given = database.execute(db::Scope::operations(), delete_lease,
                                      {owner.provider_id, owner.account, to_text(type), holder});
  if (!given) return fail(given.error());
  return {};
}

Result<void> begin_log(db::Database& database, const Owner& owner, SyncType type, LogLine& line) {
  const auto begun = database.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    const std::string at = stored_time(line.started_at);
    transaction.execute(mark_interrupted, {owner.provider_id, owner.account, to_text(type), at});
    return transaction
        .query(insert_log, {owner.provider_id, owner.account, to_text(type), line.trigger, at, nullptr,
                            "running", nullptr})
        .front()
        .integer(0);
  });
  if (!begun) return fail(begun.error());
  line.id = *begun;
  return {};
}

Result<void> end_log(db::Database& database, const LogLine& line, Instant now) {
  const std::string problem(cut_to_bytes(line.problem, problem_size_max));
  const auto ended = database.execute(
      db::Scope::operations(), update_log,
      {line.id, stored_time(now), line.rows.received, line.rows.inserted, line.rows.updated,
       line.rows.unchanged, line.pages, line.requests, line.retries,
       time_text(line.range ? std::optional(line.range->begin) : std::nullopt),
       time_text(line.range ? std::optional(line.range->end) : std::nullopt), line.status, filled(problem)});
  if (!ended) return fail(ended.error());
  return {};
}

Result<void> log_skipped(db::Database& database, const Owner& owner, SyncType type, std::string_view trigger,
                         Instant now) {
  const std::string at = stored_time(now);
  const auto logged = database.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    transaction.query(insert_log, {owner.provider_id, owner.account, to_text(type), trigger, at, at,
                                   "skipped", "another run of this kind is under way"});
  });
  if (!logged) return fail(logged.error());
  return {};
}

Result<std::optional<Instant>> last_start(db::Database& database, const Owner& owner, SyncType type) {
  const auto rows = database.query(db::Scope::operations(), select_last_start,
                                   {owner.provider_id, owner.account, to_text(type)});
  if (!rows) return fail(rows.error());
  const auto text = rows->empty() ? std::nullopt : rows->front().optional_text(0);
  return text ? read_stored_time(*text) : std::nullopt;
}

}  // namespace trunkline::warehouse::sync
