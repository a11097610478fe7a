#include "fakes/provider/series.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace trunkline;
using namespace trunkline::fakes;

namespace {

const Instant year_begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
const Instant year_end = year_begin + days(365);

}  // namespace

TEST_SUITE("fake series") {
  TEST_CASE("events rise, lie in their period, and are found by their time") {
    for (const std::int64_t count : {1, 7, 5000}) {
      const Series series(3, year_begin, year_end, count);
      Instant before = year_begin;
      for (std::int64_t event = 0; event < count; ++event) {
        const Instant start = series.start_of(event);
        CHECK(start >= before);
        CHECK(start < year_end);
        CHECK(series.first_from(start) <= event);
        CHECK(series.start_of(series.first_from(start)) == start);
        CHECK(series.first_from(start + milliseconds(1)) > event);
        before = start + milliseconds(1);
      }
      CHECK(series.first_from(year_begin) == 0);
      CHECK(series.first_from(year_end) == count);
    }
  }

  TEST_CASE("a million events are as easy to find as one") {
    const Series series(3, year_begin, year_end, 1'000'000);
    const bool holds = rc::check([&] {
      const auto event = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
      RC_ASSERT(series.start_of(series.first_from(series.start_of(event))) == series.start_of(event));
      if (event > 0) RC_ASSERT(series.start_of(event - 1) < series.start_of(event));
    });
    CHECK(holds);
  }

  TEST_CASE("the same seed gives the same year, another one another") {
    const Series one(3, year_begin, year_end, 100);
    const Series same(3, year_begin, year_end, 100);
    const Series other(4, year_begin, year_end, 100);
    CHECK(one.start_of(50) == same.start_of(50));
    CHECK(one.start_of(50) != other.start_of(50));
    CHECK(scatter_hex(1, 2, 3, 40).size() == 40);
    CHECK(scatter_hex(1, 2, 3, 40) == scatter_hex(1, 2, 3, 40));
    CHECK(scatter_hex(1, 2, 3, 40) != scatter_hex(1, 3, 3, 40));
  }

  TEST_CASE("more events than milliseconds are refused") {
    CHECK_THROWS(Series(1, year_begin, year_begin + seconds(1), 1'000'000));
    CHECK_THROWS(Series(1, year_end, year_begin, 1));
    CHECK(Series(1, year_begin, year_end, 0).first_from(year_begin + days(3)) == 0);
  }

  TEST_CASE("rows and events turn into each other") {
    const RowPattern pattern{2, 0, 3, 1};
    std::int64_t row = 0;
    for (std::int64_t event = 0; event < 200; ++event) {
      CHECK(pattern.before(event) == row);
      for (int of_event = 0; of_event < pattern.rows_of(event); ++of_event, ++row) {
        CHECK(pattern.at(row).event == event);
        CHECK(pattern.at(row).row == of_event);
      }
    }
  }

  TEST_CASE("the rows of a window are those that a walk over all events finds") {
    const Series series(9, year_begin, year_end, 3000);
    const RowPattern pattern{1, 2, 0, 1};
    const bool holds = rc::check([&] {
      const Instant from = year_begin + minutes(*rc::gen::inRange(0, 360 * 1440));
      const Instant to = from + minutes(*rc::gen::inRange(1, 60 * 1440));
      const Instant now = from + minutes(*rc::gen::inRange(-1440, 90 * 1440));
      // A row lies up to ten minutes after its event, and is there half an hour later.
      const auto includes = [&](std::int64_t event, int row) {
        const Instant at = series.start_of(event) + minutes(row * 10);
        return at >= from && at < to && series.start_of(event) + minutes(30) <= now;
      };
      std::vector<std::pair<std::int64_t, int>> expected;
      for (std::int64_t event = 0; event < series.count(); ++event) {
        for (int row = 0; row < pattern.rows_of(event); ++row) {
          if (includes(event, row)) expected.emplace_back(event, row);
        }
      }
      const FeedRows rows(pattern, events_of(series, from, to, minutes(15), now, minutes(45)), includes);
      RC_ASSERT(rows.size() == static_cast<std::int64_t>(expected.size()));
      for (std::int64_t at = 0; at < rows.size(); ++at) {
        const RowPattern::Place place = rows.at(at);
        RC_ASSERT(std::pair(place.event, place.row) == expected[static_cast<std::size_t>(at)]);
      }
    });
    CHECK(holds);
  }
}
