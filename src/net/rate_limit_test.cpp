#include "net/rate_limit.hpp"

#include <stdexcept>

#include <doctest/doctest.h>

using namespace trunkline;
using namespace trunkline::net;

namespace {

const Instant start = parse_instant("2026-11-20T10:00:00Z").value();

}  // namespace

TEST_SUITE("rate limit") {
  TEST_CASE("a bucket gives what it holds, then what flows in") {
    RateLimiter limiter(5, 5 / 60.0, 100);  // five a minute, as for logins
    for (std::uint64_t i = 0; i < 5; ++i) {
      const RateVerdict verdict = limiter.take("account", start);
      CHECK(verdict.admitted);
      CHECK(verdict.remaining == 4 - i);
      CHECK(verdict.wait == seconds(0));
    }
    const RateVerdict refused = limiter.take("account", start);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.remaining == 0);
    CHECK(refused.wait == seconds(12));
    CHECK(refused.until_full == seconds(60));
    CHECK_FALSE(limiter.take("account", start + milliseconds(11'999)).admitted);
    CHECK(limiter.take("account", start + milliseconds(11'500)).wait == seconds(1));
    CHECK(limiter.take("account", start + seconds(12)).admitted);
    CHECK_FALSE(limiter.take("account", start + seconds(12)).admitted);
    CHECK(limiter.take("somebody else", start).remaining == 4);
  }

  TEST_CASE("a bucket never holds more than its capacity") {
    RateLimiter limiter(3, 100, 100);
    CHECK(limiter.take("a", start).remaining == 2);
    CHECK(limiter.take("a", start + days(30)).remaining == 2);
  }

  TEST_CASE("a cost above one is taken whole or not at all") {
    RateLimiter limiter(10, 1, 100);
    CHECK(limiter.take("a", start, 7).remaining == 3);
    const RateVerdict refused = limiter.take("a", start, 5);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.remaining == 3);
    CHECK(refused.wait == seconds(2));
    CHECK(limiter.take("a", start, 3).admitted);
    CHECK_FALSE(limiter.take("b", start, 11).admitted);
    CHECK_FALSE(limiter.take("b", start, UINT64_MAX).admitted);
    CHECK(limiter.take("b", start, 10).admitted);
  }

  // Control C10: admitted within 5 % of the limit at ten times the load.
  TEST_CASE("of ten times the load just the limit is admitted") {
    RateLimiter limiter(100, 1000, 100);
    int admitted = 0;
    for (int i = 0; i < 100'000; ++i) {
      admitted += limiter.take("a", start + microseconds(100) * i).admitted ? 1 : 0;
    }
    CHECK(admitted >= 10'000);
    CHECK(admitted <= 10'101);
  }

  // Fault F18: clocks step.
  TEST_CASE("a clock that goes back neither refills nor locks out") {
    RateLimiter limiter(2, 1, 100);
    CHECK(limiter.take("a", start).admitted);
    CHECK(limiter.take("a", start).admitted);
    const RateVerdict earlier = limiter.take("a", start - hours(1));
    CHECK_FALSE(earlier.admitted);
    CHECK(earlier.wait == seconds(1));
    CHECK(limiter.take("a", start - hours(1) + seconds(1)).admitted);
  }

  TEST_CASE("memory is bounded, and full buckets go first") {
    RateLimiter limiter(10, 1, 3);
    limiter.take("spent", start, 10);
    limiter.take("half", start, 5);
    limiter.take("nearly full", start, 1);
    limiter.take("new", start + milliseconds(500), 2);
    CHECK(limiter.size() == 3);
    CHECK_FALSE(limiter.take("spent", start + milliseconds(500)).admitted);
    CHECK(limiter.take("half", start + milliseconds(500)).remaining == 4);
    for (int i = 0; i < 10'000; ++i) limiter.take(std::to_string(i), start + milliseconds(500));
    CHECK(limiter.size() == 3);
    CHECK_FALSE(limiter.take("spent", start + milliseconds(500)).admitted);
  }

  TEST_CASE("limits that make no sense are refused") {
    CHECK_THROWS_AS(RateLimiter(0, 1, 1), std::invalid_argument);
    CHECK_THROWS_AS(RateLimiter(1, 0, 1), std::invalid_argument);
    CHECK_THROWS_AS(RateLimiter(1, -1, 1), std::invalid_argument);
    CHECK_THROWS_AS(RateLimiter(1, 1, 0), std::invalid_argument);
    CHECK_THROWS_AS(RateLimiter(UINT64_MAX, 1, 1), std::invalid_argument);
    CHECK_THROWS_AS(RateLimiter(1, 2e9, 1), std::invalid_argument);
  }

  // draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4.
  TEST_CASE("the header fields are structured fields") {
    RateLimiter limiter(100, 100 / 60.0, 10);
    CHECK(rate_limit_policy_field("login", limiter) == "\"login\";q=100;w=60");
    CHECK(rate_limit_field("login", limiter.take("a", start, 50)) == "\"login\";r=50;t=30");
    CHECK(rate_limit_field("a\"b\\c", limiter.take("a", start, 60)) == "\"a\\\"b\\\\c\";r=50;t=6");
  }
}
