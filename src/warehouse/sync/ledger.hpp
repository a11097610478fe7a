// What the sync remembers in the database: where each feed stands, which windows were asked, who runs, and
// the log of runs (contracts/warehouse.md, section 7).
#pragma once

#include "db/database.hpp"
#include "warehouse/provider.hpp"
#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::sync {

using store::Owner;

// Where a feed stands. The window is one that is not finished, if there is any.
struct FeedState {
  std::optional<Instant> watermark;
  std::optional<Window> window;
  std::string cursor;
  std::optional<Instant> updated_at;
};

// Makes the writers of one account follow each other: a webhook and a page may be about the same call.
void lock_account(db::Transaction& transaction, const Owner& owner, Instant now);

FeedState read_state(db::Transaction& transaction, const Owner& owner, const std::string& feed);
void write_state(db::Transaction& transaction, const Owner& owner, const std::string& feed,
                 const FeedState& state, Instant now);

// One window on its way: what came, and what the provider said.
struct WindowProgress {
  std::int64_t id = 0;  // 0 until it is stored
  Window window{};
  std::int64_t pages = 0;
  std::int64_t received = 0;
  std::int64_t distinct = 0;
  std::optional<std::int64_t> total_said = {};
  std::string end_said = {};
  std::string status = "running";  // running, complete, partial
  std::string problem = {};
};
void write_window(db::Transaction& transaction, const Owner& owner, const std::string& feed,
                  WindowProgress& progress, Instant now);

struct StoredWindow {
  Window window{};
  std::string status;
  std::string end_said;
  std::string problem;
  std::int64_t rows = 0;
  std::optional<std::int64_t> total_said = {};
  Instant asked_at{};
};
Result<std::vector<StoredWindow>> read_windows(db::Database& database, const Owner& owner,
                                               const std::string& feed);
// The last one that was asked for, of any status or of one.
Result<std::optional<StoredWindow>> last_window(db::Database& database, const Owner& owner,
                                                const std::string& feed, std::string_view status = {});

// Leases: one run of a kind at a time. A holder that died on this machine is known to be dead at once.
inline constexpr Duration lease_duration = minutes(5);
std::string this_process();
// True while a run of that kind is under way.
bool is_running(db::Transaction& transaction, const Owner& owner, SyncType type, Instant now);
Result<bool> take_lease(db::Database& database, const Owner& owner, SyncType type, const std::string& holder,
                        Instant now);
// False when somebody else has it.
bool renew_lease(db::Transaction& transaction, const Owner& owner, SyncType type, const std::string& holder,
                 Instant now);
Result<void> give_lease_back(db::Database& database, const Owner& owner, SyncType type,
                             const std::string& holder);

// A line of sync_log.
struct LogLine {
  std::int64_t id = 0;
  std::string trigger;
  Instant started_at{};
  store::Written rows;
  std::int64_t pages = 0;
  std::int64_t requests = 0;
  std::int64_t retries = 0;
  std::optional<Window> range = {};
  std::string status = "running";  // success, partial, failed, skipped
  std::string problem = {};
};
// Also marks lines that a dead run left as running; the caller holds the lease.
Result<void> begin_log(db::Database& database, const Owner& owner, SyncType type, LogLine& line);
Result<void> end_log(db::Database& database, const LogLine& line, Instant now);
Result<void> log_skipped(db::Database& database, const Owner& owner, SyncType type, std::string_view trigger,
                         Instant now);

// When a kind was last run with success, for the schedule.
Result<std::optional<Instant>> last_start(db::Database& database, const Owner& owner, SyncType type);

}  // namespace trunkline::warehouse::sync
