// Gap proofs: which time of which feed is proven, day by day, and where there are holes.
#pragma once

#include "warehouse/sync/ledger.hpp"

namespace trunkline::warehouse::sync {

struct FeedCoverage {
  std::string provider;
  std::string account;
  std::string feed;
  SyncType type = SyncType::calls;
  Window range{};              // from the first window that was ever asked to the last
  std::vector<Window> proven;  // joined, in order
  std::vector<Window> holes;   // within the range
  std::int64_t windows = 0;
  // What the provider said last about each window that is not complete.
  std::vector<StoredWindow> unproven;
};

// Joins windows that touch or overlap. Pure.
std::vector<Window> joined(std::vector<Window> windows);
// What of the range the windows leave out; they must be joined. Pure.
std::vector<Window> holes_in(Window range, const std::vector<Window>& proven);

// Of one feed, up to `until` (its watermark's overlap is not a hole). Suspends.
Result<FeedCoverage> coverage_of(db::Database& database, const Provider& provider, const Feed& feed,
                                 std::optional<Instant> from, std::optional<Instant> until);

// A list of everything there is, as far as it is proven: its last page said that it was the last, and it had
// as many records as the provider counted, where it counts them.
struct ListingProof {
  std::string provider;
  std::string account;
  std::string feed;
  SyncType type = SyncType::calls;
  std::optional<StoredWindow> last = {};   // the last time that it was read
  std::optional<StoredWindow> whole = {};  // the last time that it was read to its end

  bool is_proven() const { return last && last->status == "complete"; }
};
// Suspends.
Result<ListingProof> listing_of(db::Database& database, const Provider& provider, const Feed& feed);

// The share of a day, 0 to 100, that is proven; 100 only when all of it is.
int percent_of_day(const FeedCoverage& coverage, Instant day);

}  // namespace trunkline::warehouse::sync
