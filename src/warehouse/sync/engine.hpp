// Reads providers' feeds into the warehouse (contracts/warehouse.md, sections 3, 4 and 7): windows with an
// overlap, pages that are committed together with their cursor, watermarks that never pass what is durably
// stored. A run that is cut off anywhere, by an error or by kill -9, is continued by the next one.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/sync/ledger.hpp"

namespace trunkline::warehouse::sync {

namespace error_codes {
inline constexpr ErrorCode lease_lost{"sync_lease_lost", ErrorKind::conflict};
inline constexpr ErrorCode cancelled{"sync_cancelled", ErrorKind::unavailable};
}  // namespace error_codes

// What a run looks like from outside, told after every page and before every wait.
struct Progress {
  std::string_view provider;
  std::string_view account;
  SyncType type = SyncType::calls;
  std::string_view feed;
  std::int64_t pages = 0;
  std::int64_t rows = 0;
  Duration elapsed{};
  std::string waiting_for = {};  // "quota, 20 s"
};

struct RunOptions {
  std::string trigger = "manual";  // schedule, manual, webhook, backfill
  // A range by hand, [from, to). Without: from the watermark to now.
  std::optional<Instant> from = {};
  std::optional<Instant> to = {};
  std::function<void(const Progress&)> progress = {};
  const std::atomic<bool>* cancelled = nullptr;
};

struct RunReport {
  std::string provider;
  std::string account;
  SyncType type = SyncType::calls;
  LogLine log;
};

struct EngineOptions {
  Duration backfill = days(90);    // how far the first run looks back
  std::size_t group_rows = 1'000;  // so many rows of a window's pages are committed together at least
};

class Engine {
 public:
  Engine(const store::Store& store, const Clock& clock, EngineOptions options = {})
      : store_(store), clock_(clock), options_(std::move(options)) {}

  // One kind of one account: all its feeds. The log says how it ended; an error is returned only when not
  // even that could be written. Suspends.
  Result<RunReport> run(Provider& provider, SyncType type, const RunOptions& options);

  // Stores what a webhook said, and reads the calls that it asks for. Suspends.
  Result<store::Written> take_event(Provider& provider, const WebhookEvent& event);

 private:
  class Run;

  const store::Store& store_;
  const Clock& clock_;
  EngineOptions options_;
};

// 0 success, 2 partial, 1 failed: the exit code of a manual run (section 7). A skipped run is a success.
int exit_code(const std::vector<RunReport>& reports);

}  // namespace trunkline::warehouse::sync
