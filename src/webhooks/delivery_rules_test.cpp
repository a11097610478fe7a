#include <doctest/doctest.h>

#include "net/client.hpp"
#include "webhooks/delivery.hpp"

using namespace trunkline;
using namespace trunkline::webhooks;

TEST_SUITE("webhook delivery rules, voice-api.md section 13") {
  TEST_CASE("the receiver's status decides: taken, later again, never again") {
    struct Case {
      int status;
      Verdict verdict;
    };
    for (const Case& each : std::initializer_list<Case>{{200, Verdict::delivered},
                                                        {201, Verdict::delivered},
                                                        {204, Verdict::delivered},
                                                        {299, Verdict::delivered},
                                                        {301, Verdict::try_again},
                                                        {302, Verdict::try_again},
                                                        {400, Verdict::give_up},
                                                        {401, Verdict::give_up},
                                                        {404, Verdict::give_up},
                                                        {408, Verdict::try_again},
                                                        {410, Verdict::gone},
                                                        {413, Verdict::give_up},
                                                        {425, Verdict::try_again},
                                                        {429, Verdict::try_again},
                                                        {500, Verdict::try_again},
                                                        {502, Verdict::try_again},
                                                        {503, Verdict::try_again},
                                                        {599, Verdict::try_again}}) {
      CAPTURE(each.status);
      CHECK(verdict_for_status(each.status) == each.verdict);
    }
  }

  TEST_CASE("no answer is tried again, an address that must not be reached is not") {
    CHECK(verdict_for_failure(Error(trunkline::error_codes::unavailable, "refused")) == Verdict::try_again);
    CHECK(verdict_for_failure(Error(net::address_not_allowed, "private")) == Verdict::give_up);
    CHECK(verdict_for_failure(Error(net::url_not_allowed, "http")) == Verdict::give_up);
    CHECK(verdict_for_failure(Error(net::invalid_url, "no URL")) == Verdict::give_up);
  }

  TEST_CASE("ten tries over three days: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h") {
    const Duration expected[] = {seconds(5), minutes(5), minutes(30), hours(2), hours(5),
                                 hours(10),  hours(14),  hours(20),   hours(24)};
    Duration all{};
    for (std::int64_t failed = 1; failed <= 9; ++failed) {
      const auto pause = pause_after(failed, 0.0);
      REQUIRE(pause);
      CHECK(*pause == expected[failed - 1]);
      all += *pause;
    }
    CHECK(all > days(3));
    CHECK(all < days(4));
    CHECK_FALSE(pause_after(10, 0.0));
    CHECK_FALSE(pause_after(11, 0.0));
  }

  TEST_CASE("jitter spreads the tries over the tenth after the pause, never before it") {
    for (const double jitter : {0.0, 0.25, 0.5, 0.999}) {
      const auto pause = pause_after(2, jitter);
      CHECK(*pause >= minutes(5));
      CHECK(*pause <= minutes(5) + seconds(30));
    }
  }
}
