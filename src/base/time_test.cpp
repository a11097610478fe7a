#include "base/time.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace trunkline;

TEST_SUITE("time") {
  TEST_CASE("instants are written in UTC with milliseconds, cut") {
    struct Case {
      std::int64_t since_epoch;
      std::string_view text;
    };
    for (const Case& each : std::initializer_list<Case>{
             {0, "1970-01-01T00:00:00.000Z"},
             {999, "1970-01-01T00:00:00.000Z"},
             {1'999, "1970-01-01T00:00:00.001Z"},
             {-1, "1969-12-31T23:59:59.999Z"},
             {951'782'400'000'000, "2000-02-29T00:00:00.000Z"},
             {1'709'251'199'999'999, "2024-02-29T23:59:59.999Z"},
             {253'402'300'799'999'999, "9999-12-31T23:59:59.999Z"},
         }) {
      CHECK(format_rfc3339(from_microseconds(each.since_epoch)) == each.text);
    }
  }

  TEST_CASE("what lies outside the years that RFC 3339 knows is written as their first or last moment") {
    CHECK(format_rfc3339(Instant::min()) == "0000-01-01T00:00:00.000Z");
    CHECK(format_rfc3339(Instant::max()) == "9999-12-31T23:59:59.999Z");
    CHECK(format_rfc3339(*parse_instant("9999-12-31T23:59:59-23:59")) == "9999-12-31T23:59:59.999Z");
  }

  TEST_CASE("what was written reads back to the same millisecond") {
    CHECK(rc::check([] {
      const auto at = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000, 253'402'300'799'999) * 1000;
      RC_ASSERT(parse_instant(format_rfc3339(from_microseconds(at))) == from_microseconds(at));
    }));
  }

  TEST_CASE("the forms that clients send are read") {
    const Instant expected = *parse_instant("2026-03-02T09:15:04Z");
    CHECK(to_microseconds(expected) == 1'772'442'904'000'000);
    for (const std::string_view text :
         {"2026-03-02T09:15:04Z", "2026-03-02 09:15:04Z", "2026-03-02T09:15:04+00:00",
          "2026-03-02T10:15:04+01:00", "2026-03-02T10:15:04+0100", "2026-03-02T04:15:04-05:00",
          "2026-03-02T09:15:04.000000000Z", "2026-03-02T09:15:04", "2026-03-02 09:15:04"}) {
      CAPTURE(text);
      CHECK(parse_instant(text) == expected);
    }
    CHECK(parse_instant("2026-03-02") == parse_instant("2026-03-02T00:00:00Z"));
    CHECK(parse_instant("2026-03-02T09:15:04.1234567Z") == expected + microseconds(123456));
  }

  TEST_CASE("texts that name no moment are refused") {
    for (const std::string_view text :
         {"", "now", "2026", "2026-13-01", "2026-00-01", "2026-02-29", "2026-04-31", "2026-03-02T24:00:00Z",
          "2026-03-02T09:60:00Z", "2026-03-02T09:15:61Z", "2026-03-02T09:15:04+25:00",
          "2026-03-02T09:15:04Zx", "2026-03-02T09:15:04.1234567890Z", "2026-03-02T09:15:04.Z", " 2026-03-02",
          "2026-3-2"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_instant(text));
    }
  }

  TEST_CASE("any bytes are read or refused, never worse") {
    CHECK(rc::check([](const std::string& bytes) { (void)parse_instant(bytes); }));
  }

  TEST_CASE("a month begins with its first instant and ends with the next month's") {
    const Month february{2024, 2};
    CHECK(february.begin() == *parse_instant("2024-02-01"));
    CHECK(february.end() == *parse_instant("2024-03-01"));
    CHECK(Month{2025, 12}.end() == *parse_instant("2026-01-01"));
    CHECK(month_of(february.end() - microseconds(1)) == february);
    CHECK(to_text(february) == "2024-02");
    CHECK(parse_month("2024-02") == february);
    for (const std::string_view text :
         {"", "2024", "2024-13", "2024-00", "24-02", "2024-2", "1969-12", "2024-02-01"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_month(text));
    }
  }

  TEST_CASE("durations are read with their unit and told to people") {
    CHECK(parse_duration("500ms") == milliseconds(500));
    CHECK(parse_duration("30s") == seconds(30));
    CHECK(parse_duration("5m") == minutes(5));
    CHECK(parse_duration("2h") == hours(2));
    CHECK(parse_duration("3d") == days(3));
    for (const std::string_view text :
         {"", "s", "5", "-5s", "5 s", "5w", "1e9s", "791730923d", "99999999999999999999s"}) {
      CAPTURE(text);
      CHECK_FALSE(parse_duration(text));
    }
    CHECK(format_duration(milliseconds(350)) == "350 ms");
    CHECK(format_duration(milliseconds(4200)) == "4.2 s");
    CHECK(format_duration(minutes(62)) == "1 h 2 min");
  }
}
