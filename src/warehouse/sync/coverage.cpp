#include "warehouse/sync/coverage.hpp"

#include <algorithm>

namespace trunkline::warehouse::sync {

std::vector<Window> joined(std::vector<Window> windows) {
  std::ranges::sort(windows, {}, &Window::begin);
  std::vector<Window> result;
  for (const Window& window : windows) {
    if (window.end <= window.begin) continue;
    if (!result.empty() && window.begin <= result.back().end) {
      result.back().end = std::max(result.back().end, window.end);
    } else {
      result.push_back(window);
    }
  }
  return result;
}

std::vector<Window> holes_in(Window range, const std::vector<Window>& proven) {
  std::vector<Window> holes;
  Instant at = range.begin;
  for (const Window& window : proven) {
    if (window.end <= at) continue;
    if (window.begin >= range.end) break;
    if (window.begin > at) holes.push_back({at, window.begin});
    at = window.end;
  }
  if (at < range.end) holes.push_back({at, range.end});
  return holes;
}

Result<FeedCoverage> coverage_of(db::Database& database, const Provider& provider, const Feed& feed,
                                 std::optional<Instant> from, std::optional<Instant> until) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  const auto windows =
      read_windows(database, {.provider_id = *number, .account = account.account}, feed.name);
  if (!windows) return fail(windows.error());
  FeedCoverage coverage{
      .provider = account.provider, .account = account.account, .feed = feed.name, .type = feed.type};
  coverage.windows = static_cast<std::int64_t>(windows->size());
  if (windows->empty() && !(from && until)) return coverage;
  std::vector<Window> complete;
  std::optional<Window> range;
  for (const StoredWindow& each : *windows) {
    if (!range) range = each.window;
    range->begin = std::min(range->begin, each.window.begin);
    range->end = std::max(range->end, each.window.end);
    if (each.status == "complete") complete.push_back(each.window);
  }
  if (!range) range = Window{*from, *until};
  coverage.range = {from.value_or(range->begin), until.value_or(range->end)};
  coverage.proven = joined(std::move(complete));
  coverage.holes = holes_in(coverage.range, coverage.proven);
  for (const StoredWindow& each : *windows) {
    const bool is_in_hole = std::ranges::any_of(coverage.holes, [&](const Window& hole) {
      return each.window.begin < hole.end && hole.begin < each.window.end;
    });
    if (each.status != "complete" && is_in_hole) coverage.unproven.push_back(each);
  }
  return coverage;
}

Result<ListingProof> listing_of(db::Database& database, const Provider& provider, const Feed& feed) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  const Owner owner{.provider_id = *number, .account = account.account};
  ListingProof proof{
      .provider = account.provider, .account = account.account, .feed = feed.name, .type = feed.type};
  auto last = last_window(database, owner, feed.name);
  if (!last) return fail(last.error());
  proof.last = std::move(*last);
  auto whole = last_window(database, owner, feed.name, "complete");
  if (!whole) return fail(whole.error());
  proof.whole = std::move(*whole);
  return proof;
}

int percent_of_day(const FeedCoverage& coverage, Instant day) {
  const Instant begin = std::chrono::floor<days>(day);
  const Window whole{std::max(begin, coverage.range.begin),
                     std::min(Instant(begin + days(1)), coverage.range.end)};
  if (whole.end <= whole.begin) return 100;
  Duration missing{};
  for (const Window& hole : holes_in(whole, coverage.proven)) missing += hole.end - hole.begin;
  const auto length = (whole.end - whole.begin).count();
  return static_cast<int>((length - missing.count()) * 100 / length);
}

}  // namespace trunkline::warehouse::sync
