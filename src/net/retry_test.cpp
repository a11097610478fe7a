#include "net/retry.hpp"

#include <algorithm>
#include <atomic>

#include <doctest/doctest.h>

#include "net/loopback_server_testing.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

namespace {

const Instant now = parse_instant("2026-11-20T10:00:00Z").value();

Result<ClientResponse> answered(int status, Headers headers = {}) {
  return ClientResponse{.status = status, .headers = std::move(headers), .body = ""};
}
Result<ClientResponse> failed(ErrorCode code) {
  return fail(code, "failed");
}

// Always the largest or the smallest.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint8_t byte) : byte_(byte) {}
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, byte_); }

 private:
  std::uint8_t byte_;
};

std::optional<Duration> delay_of(const RetryPolicy& policy, std::size_t attempts,
                                 const Result<ClientResponse>& outcome) {
  FixedRandom zero(0);
  return next_delay(policy, attempts, outcome, now, zero);
}

}  // namespace

TEST_SUITE("retry") {
  TEST_CASE("what is worth another attempt depends on the policy") {
    struct Case {
      Result<ClientResponse> outcome;
      bool passing;
      bool unreceived;
    };
    const Case cases[] = {
        {answered(200), false, false},
        {answered(400), false, false},
        {answered(401), false, false},
        {answered(408), true, false},
        {answered(429), true, true},
        {answered(500), true, false},
        {answered(501), false, false},
        {answered(503), true, false},
        {failed(cannot_connect), true, true},
        {failed(tls_failure), true, true},
        {failed(connect_timed_out), true, true},
        {failed(name_not_resolved), true, true},
        {failed(client_busy), true, true},
        {failed(response_timed_out), true, false},
        {failed(connection_lost), true, false},
        {failed(malformed_response), true, false},
        {failed(response_too_large), false, false},
        {failed(address_not_allowed), false, false},
        {failed(error_codes::internal), false, false},
    };
    for (const Case& each : cases) {
      CAPTURE(each.outcome ? std::to_string(each.outcome->status)
                           : std::string(each.outcome.error().code().name));
      CHECK(delay_of(retry_passing_failures(), 1, each.outcome).has_value() == each.passing);
      CHECK(delay_of(retry_only_unreceived(), 1, each.outcome).has_value() == each.unreceived);
    }
    for (const ErrorCode& code : retry_only_unreceived().failures)
      CHECK_FALSE(may_have_been_received(Error(code, "")));
  }

  TEST_CASE("delays double up to a cap, and chance takes its share") {
    RetryPolicy policy = retry_passing_failures();
    policy.attempts_max = 20;
    SeededRandom random(1);
    for (const auto& [attempts, most] :
         {std::pair(1UL, 500), {2UL, 1000}, {3UL, 2000}, {5UL, 8000}, {19UL, 8000}}) {
      Duration least = hours(1);
      Duration largest{};
      for (int i = 0; i < 1000; ++i) {
        const Duration delay = next_delay(policy, attempts, answered(503), now, random).value();
        least = std::min(least, delay);
        largest = std::max(largest, delay);
      }
      CHECK(largest <= milliseconds(most));
      CHECK(largest > milliseconds(most) * 9 / 10);
      CHECK(least < milliseconds(most) / 10);
    }
    policy.jitter_percent = 25;
    CHECK(delay_of(policy, 2, answered(503)) == milliseconds(750));
    policy.jitter_percent = 0;
    CHECK(next_delay(policy, 2, answered(503), now, random) == milliseconds(1000));
    CHECK_FALSE(delay_of(policy, 20, answered(503)));
  }

  // Standard Webhooks, "Deliverability and reliability".
  TEST_CASE("a schedule of steps takes the place of doubling") {
    RetryPolicy policy = retry_passing_failures();
    policy.attempts_max = 5;
    policy.jitter_percent = 0;
    policy.steps = {seconds(5), minutes(5), minutes(30), hours(2)};
    CHECK(delay_of(policy, 1, answered(500)) == seconds(5));
    CHECK(delay_of(policy, 2, answered(500)) == minutes(5));
    CHECK(delay_of(policy, 4, answered(500)) == hours(2));
    CHECK_FALSE(delay_of(policy, 5, answered(500)));
  }

  // RFC 9110, section 10.2.3; the milliseconds are OpenAI's (contracts/openai.md, section 2).
  TEST_CASE("what the other side asks for is read in all its forms") {
    struct Case {
      Headers headers;
      std::optional<Duration> delay;
    };
    const Case cases[] = {
        {{}, std::nullopt},
        {{{"Retry-After", "120"}}, seconds(120)},
        {{{"retry-after", " 0 "}}, seconds(0)},
        {{{"Retry-After", "1.5"}}, milliseconds(1500)},
        {{{"retry-after-ms", "250"}, {"Retry-After", "9"}}, milliseconds(250)},
        {{{"retry-after-ms", "soon"}, {"Retry-After", "9"}}, seconds(9)},
        {{{"Retry-After", "Fri, 20 Nov 2026 10:01:30 GMT"}}, seconds(90)},
        {{{"Retry-After", "Friday, 20-Nov-26 10:01:30 GMT"}}, seconds(90)},
        {{{"Retry-After", "Fri Nov 20 10:01:30 2026"}}, seconds(90)},
        {{{"Retry-After", "Fri, 20 Nov 2026 10:01:30 GMT"}, {"Date", "Fri, 20 Nov 2026 10:01:20 GMT"}},
         seconds(10)},
        {{{"Retry-After", "Fri, 20 Nov 2026 09:00:00 GMT"}}, seconds(0)},
        {{{"Retry-After", "-5"}}, std::nullopt},
        {{{"Retry-After", "1e9"}}, std::nullopt},
        {{{"Retry-After", "nan"}}, std::nullopt},
        {{{"Retry-After", "inf"}}, std::nullopt},
        {{{"Retry-After", ""}}, std::nullopt},
        {{{"Retry-After", "99999999999999999999999"}}, seconds(1'000'000'000)},
        {{{"Retry-After", "Fri, 20 Nov 2026 10:01:30 GMT or so"}}, std::nullopt},
    };
    for (const Case& each : cases) {
      CAPTURE(each.headers.size() == 0 ? std::string() : each.headers.begin()->value);
      CHECK(asked_delay(each.headers, now) == each.delay);
    }
  }

  TEST_CASE("nobody is asked again sooner than they want, up to a limit") {
    RetryPolicy policy = retry_passing_failures();
    policy.asked_delay_max = minutes(10);
    CHECK(delay_of(policy, 1, answered(429, {{"Retry-After", "60"}})) == seconds(60));
    CHECK(delay_of(policy, 1, answered(429, {{"Retry-After", "86400"}})) == minutes(10));
    CHECK(delay_of(policy, 1, fail(Error(client_busy, "busy").after(seconds(1)))) == seconds(1));
    FixedRandom large(0x7f);
    const auto delay = next_delay(policy, 1, answered(429, {{"Retry-After", "60"}}), now, large).value();
    CHECK(delay >= seconds(60));
    CHECK(delay <= seconds(60) + policy.first_delay);
  }

  TEST_CASE("x-should-retry decides where it is heeded") {
    RetryPolicy policy = retry_passing_failures();
    CHECK(delay_of(policy, 1, answered(500, {{"x-should-retry", "false"}})));
    policy.heeds_should_retry = true;
    CHECK_FALSE(delay_of(policy, 1, answered(500, {{"x-should-retry", "false"}})));
    CHECK(delay_of(policy, 1, answered(400, {{"x-should-retry", "true"}})));
    CHECK_FALSE(delay_of(policy, 1, answered(200, {{"x-should-retry", "true"}})));
    CHECK_FALSE(delay_of(policy, 1, answered(400, {{"x-should-retry", "maybe"}})));
  }

  TEST_CASE("sending goes on until it succeeds, or the attempts or the time are used up") {
    std::atomic<int> seen = 0;
    LoopbackServer server([&](Peer& peer) {
      while (const auto request = peer.read_request()) {
        ++seen;
        if (request->starts_with("GET /asks")) {
          peer.answer(503, "", "Retry-After: 30\r\n");
        } else {
          peer.answer(seen % 3 == 0 ? 200 : 503, "");
        }
      }
    });
    runtime::run_to_completion([&] {
      TestClient test;
      SystemClock clock;
      SeededRandom random(7);
      RetryPolicy policy = retry_passing_failures();
      policy.first_delay = milliseconds(5);
      const auto good = send_with_retries(test.client, get(server.url()), policy, clock, random);
      REQUIRE(good);
      CHECK(good->status == 200);
      CHECK(seen == 3);

      policy.attempts_max = 2;
      CHECK(send_with_retries(test.client, get(server.url()), policy, clock, random)->status == 503);
      CHECK(seen == 5);

      const runtime::DeadlineScope deadline(seconds(5));
      const auto start = std::chrono::steady_clock::now();
      CHECK(send_with_retries(test.client, get(server.url("/asks")), policy, clock, random)->status == 503);
      CHECK(std::chrono::steady_clock::now() - start < seconds(5));
      CHECK(seen == 6);
    });
  }
}
