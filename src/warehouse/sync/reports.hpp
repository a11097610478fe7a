// What operators are told of the warehouse, on the command line and over HTTP alike.
#pragma once

#include "warehouse/sync/coverage.hpp"

namespace trunkline::warehouse::sync {

struct CoverageReport {
  std::vector<FeedCoverage> windows;
  std::vector<ListingProof> listings;

  // No holes, and no list whose last reading is not proven. What was never asked for is no hole.
  bool is_whole() const;
};
// Of all feeds of these accounts. Suspends.
Result<CoverageReport> coverage_report(db::Database& database, const std::vector<Provider*>& providers,
                                       std::optional<Instant> from, std::optional<Instant> until);
json::Value to_json(const CoverageReport& report);

// A line of monthly_cost_summary; amounts as the database says them.
struct MonthCost {
  std::string month;  // "2026-05"
  std::string provider;
  std::string currency;  // "" for calls whose cost the provider does not tell
  std::int64_t total_calls = 0;
  std::optional<std::string> call_costs = {};
  std::optional<std::string> number_rental = {};
};
// Of a month, "2026-05"; of the last twelve for "". Suspends.
Result<std::vector<MonthCost>> month_costs(db::Database& database, std::string_view month, Instant now);
json::Value to_json(const std::vector<MonthCost>& costs);

// Each feed of these accounts: the last run of its kind, how far it is stored, whether that is fresh, and
// what went wrong last. Suspends.
Result<json::Value> status_report(db::Database& database, const std::vector<Provider*>& providers,
                                  Instant now);

// The last lines of sync_log, the newest first. Suspends.
Result<json::Value> log_report(db::Database& database, std::int64_t limit);

}  // namespace trunkline::warehouse::sync
