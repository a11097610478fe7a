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

}  // namespace trunkline::warehouse::sync
