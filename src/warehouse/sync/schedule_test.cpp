#include "warehouse/sync/schedule.hpp"

#include <doctest/doctest.h>

namespace trunkline::warehouse::sync {
namespace {

Instant time(std::string_view text) {
  return *parse_instant(text);
}

TEST_SUITE("warehouse schedule") {
  TEST_CASE("Each kind is due after its interval, daily ones at 02:00 of the zone (section 3)") {
    const TimeZone sydney = *TimeZone::find("Australia/Sydney");
    const Instant now = time("2026-06-01T00:00:00Z");
    CHECK(is_due(SyncType::calls, std::nullopt, now, sydney, "a"));
    CHECK_FALSE(is_due(SyncType::calls, now - minutes(14), now, sydney, "a"));
    CHECK(is_due(SyncType::calls, now - minutes(16), now, sydney, "a"));
    CHECK_FALSE(is_due(SyncType::balance, now - minutes(59), now, sydney, "a"));
    CHECK(is_due(SyncType::balance, now - minutes(61), now, sydney, "a"));
    // 02:00 in Sydney is 16:00 UTC of the day before.
    const Instant before = time("2026-05-31T15:59:00Z");
    const Instant after = time("2026-05-31T16:01:00Z");
    CHECK_FALSE(is_due(SyncType::billing, time("2026-05-31T02:00:00Z"), before, sydney, "a"));
    CHECK(is_due(SyncType::billing, time("2026-05-31T02:00:00Z"), after, sydney, "a"));
    CHECK_FALSE(is_due(SyncType::billing, after, after + hours(20), sydney, "a"));
    // A clock that was set back does not stop the schedule.
    CHECK(is_due(SyncType::calls, now + hours(5), now, sydney, "a"));
  }

  TEST_CASE("Accounts do not all start at once") {
    const TimeZone utc = TimeZone::utc();
    const Instant now = time("2026-06-01T00:00:00Z");
    int due = 0;
    for (int i = 0; i < 100; ++i) {
      if (is_due(SyncType::calls, now - minutes(15) - seconds(30), now, utc, std::to_string(i))) ++due;
    }
    CHECK(due > 20);
    CHECK(due < 80);
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
