#include "fakes/provider/faults.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "fakes/provider/flags.hpp"
#include "fakes/provider/quota.hpp"

using namespace trunkline;
using namespace trunkline::fakes;

TEST_SUITE("fake faults") {
  TEST_CASE("a fault strikes each n-th request of its path, after some, so many times") {
    FaultBoard board;
    board.add({.kind = FaultKind::malformed, .path = "/a", .every = 2, .skip = 1, .times = 2});
    std::string struck;
    for (int request = 0; request < 8; ++request) {
      CHECK_FALSE(board.take("/b").has(FaultKind::malformed));
      struck += board.take("/a/b").has(FaultKind::malformed) ? 'x' : '.';
    }
    CHECK(struck == ".x.x....");
    board.add({.kind = FaultKind::cut});
    CHECK(board.take("/a").has(FaultKind::cut));
    board.clear();
    CHECK(board.take("/a").faults.empty());
  }

  TEST_CASE("rows that shift come one request after the other, until all are there") {
    FaultBoard board;
    board.add({.kind = FaultKind::shifting, .times = 3, .rows = 5});
    std::vector<std::int64_t> hidden;
    for (int request = 0; request < 5; ++request) hidden.push_back(board.take("/").hidden_rows);
    CHECK(hidden == std::vector<std::int64_t>{10, 5, 0, 0, 0});
  }

  TEST_CASE("faults are read by name") {
    const Result<Fault> fault =
        parse_fault(*json::parse(R"({"kind":"slow","path":"/x","every":3,"times":4,"delay_ms":250})"));
    REQUIRE(fault);
    CHECK(fault->kind == FaultKind::slow);
    CHECK(fault->delay == milliseconds(250));
    CHECK(fault->every == 3);
    CHECK(to_text(fault->kind) == "slow");
    CHECK_FALSE(parse_fault(*json::parse(R"({"kind":"nonsense"})")));
    CHECK_FALSE(parse_fault(*json::parse("[]")));
  }

  TEST_CASE("a quota is fresh with each window") {
    Quota quota(2, minutes(1));
    const Instant minute = from_microseconds(1'780'272'000'000'000);
    CHECK(quota.take(minute + seconds(58)).admitted);
    CHECK(quota.take(minute + seconds(59)).admitted);
    const QuotaVerdict refused = quota.take(minute + seconds(59));
    CHECK_FALSE(refused.admitted);
    CHECK(refused.resets_at == minute + minutes(1));
    CHECK(quota.take(minute + minutes(1)).remaining == 1);
  }

  TEST_CASE("flags are read, and what is wrong with them is said") {
    const Instant now = from_microseconds(1'780'272'000'000'000);
    const char* good[] = {"fake",   "--port", "7",       "--calls",          "9",
                          "--days", "30",     "--fault", R"({"kind":"cut"})"};
    const Result<ProviderFlags> flags = parse_flags(9, good, now);
    REQUIRE(flags);
    CHECK(flags->port == 7);
    CHECK(flags->calls == 9);
    CHECK(flags->faults.size() == 1);
    // Without a beginning the simulated time ends a day from now.
    CHECK(flags->end() > now);
    CHECK(flags->end() <= now + days(1));
    for (const std::vector<const char*>& bad : {std::vector<const char*>{"fake", "--port"},
                                                {"fake", "--port", "x"},
                                                {"fake", "--nonsense", "1"},
                                                {"fake", "--fault", "{"},
                                                {"fake", "--begin", "someday"}})
      CHECK_FALSE(parse_flags(static_cast<int>(bad.size()), bad.data(), now));
  }
}
