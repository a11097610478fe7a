#include "warehouse/http/exchange.hpp"

#include <doctest/doctest.h>

#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::testing;
using net::testing::code_of;
using net::testing::LoopbackServer;
using net::testing::Peer;

namespace {

AnswerRules rules() {
  return {.provider = "Somebody",
          .asked_wait = [](const net::Headers& headers, Instant) -> std::optional<Duration> {
            const auto text = headers.find("wait");
            if (!text) return std::nullopt;
            return seconds(std::stoi(std::string(*text)));
          },
          .error_in = [](const json::Value& body) { return filled_text_of(body.find("error")); }};
}

struct Attempt {
  int status = 200;
  std::string body = {};
  std::string headers = {};
};

// What an order comes to when the server answers so, one after the other, and the last one for ever.
struct Outcome {
  Result<json::Value> value = json::Value();
  CountingWatch watch;
  int served = 0;
};

Outcome outcome_of(std::vector<Attempt> attempts, Order order = {}) {
  Outcome outcome;
  LoopbackServer server([&](Peer& peer) {
    while (peer.read_request()) {
      const Attempt& attempt =
          attempts[std::min<std::size_t>(static_cast<std::size_t>(outcome.served), attempts.size() - 1)];
      ++outcome.served;
      if (attempt.status == 0) return peer.reset();
      peer.answer(attempt.status, attempt.body, attempt.headers);
    }
  });
  ManualClock clock(from_microseconds(1'780'272'000'000'000));
  runtime::run_to_completion([&] {
    Simulation simulation(clock);
    Exchange exchange(simulation.context(), rules());
    order.url = server.url("/rows?secret=s3cret");
    Result<Answer> answer = exchange.send(order, outcome.watch);
    if (answer) {
      outcome.value = answer->value;
    } else {
      outcome.value = fail(answer.error());
    }
  });
  return outcome;
}

}  // namespace

// contracts/warehouse.md, section 7, "Retry policy".
TEST_SUITE("warehouse exchange") {
  TEST_CASE("an answer is read") {
    const Outcome outcome = outcome_of({{200, "{\"a\":1}"}});
    REQUIRE(outcome.value);
    CHECK(*outcome.value == json::object({{"a", 1}}));
    CHECK(outcome.watch.requests == 1);
  }

  TEST_CASE(
      "5xx, lost connections and bodies that are not JSON are tried five times more, with longer waits") {
    for (const Attempt& broken : {Attempt{500, "{}"}, Attempt{502, "<html>"}, Attempt{200, "<html>"},
                                  Attempt{200, "{\"a\":"}, Attempt{0}}) {
      CAPTURE(broken.status);
      const Outcome failed = outcome_of({broken});
      CHECK_FALSE(failed.value);
      CHECK(failed.watch.requests == 6);
      CHECK(failed.watch.retries == 5);
      // 1 + 2 + 4 + 8 + 16 seconds, and a quarter more at most.
      CHECK(failed.watch.waited >= seconds(31));
      CHECK(failed.watch.waited <= seconds(39));
      const Outcome recovered = outcome_of({broken, broken, {200, "[]"}});
      CHECK(recovered.value);
      CHECK(recovered.watch.requests == 3);
    }
    CHECK(code_of(outcome_of({{503, "{}"}}).value) == "provider_unavailable");
    CHECK(code_of(outcome_of({{200, "nothing"}}).value) == "provider_malformed");
  }

  TEST_CASE("the message of a broken body says where, and no message has the URL's query") {
    const Outcome outcome = outcome_of({{200, "{\"rows\":[{\"id\":1},{\"id\":}]}"}});
    REQUIRE_FALSE(outcome.value);
    CHECK(outcome.value.error().describe().find("/rows/1/id") != std::string::npos);
    for (const Attempt& attempt : {Attempt{200, "x"}, Attempt{401, "{}"}, Attempt{0}, Attempt{500, "{}"}}) {
      CHECK(outcome_of({attempt}).value.error().describe().find("s3cret") == std::string::npos);
    }
  }

  TEST_CASE("429 is waited out as the provider says, five times") {
    const Outcome recovered = outcome_of({{429, "{}", "wait: 7\r\n"}, {200, "{}"}});
    CHECK(recovered.value);
    CHECK(recovered.watch.waited == seconds(7));
    CHECK(recovered.watch.reasons == std::vector<std::string>{"rate limit"});
    const Outcome failed = outcome_of({{429, "{}", "wait: 7\r\n"}});
    CHECK(code_of(failed.value) == "provider_rate_limited");
    CHECK(failed.watch.requests == 6);
    CHECK(failed.watch.waited == seconds(35));
    // Without a word about it the waits grow; a wait of years is a clock that is wrong.
    CHECK(outcome_of({{429, "{}"}, {200, "{}"}}).watch.waited >= seconds(1));
    CHECK(outcome_of({{429, "{}", "wait: 99999999\r\n"}, {200, "{}"}}).watch.waited == minutes(5));
  }

  TEST_CASE("what stays wrong is not tried again") {
    struct Case {
      int status;
      bool is_single;
      std::string_view code;
    };
    for (const Case& each : {Case{400, false, "provider_refused"}, Case{401, false, "provider_denied"},
                             Case{403, false, "provider_denied"}, Case{404, false, "provider_refused"},
                             Case{404, true, "provider_gone"}, Case{422, false, "provider_refused"}}) {
      CAPTURE(each.status);
      const Outcome outcome =
          outcome_of({{each.status, "{\"error\":\"because\"}"}}, {.is_single = each.is_single});
      CHECK(code_of(outcome.value) == each.code);
      CHECK(outcome.watch.requests == 1);
      CHECK(outcome.value.error().message().find("because") != std::string::npos);
    }
  }

  TEST_CASE("an error inside a 200 is an error") {
    const Outcome outcome = outcome_of({{200, "{\"error\":\"no\"}"}});
    CHECK(code_of(outcome.value) == "provider_refused");
    CHECK(outcome.watch.requests == 1);
  }

  TEST_CASE("what must not happen twice is sent once") {
    for (const Attempt& attempt : {Attempt{500, "{}"}, Attempt{429, "{}"}, Attempt{0}, Attempt{200, "x"}}) {
      const Outcome outcome = outcome_of({attempt, {200, "{}"}}, {.is_read = false});
      CHECK_FALSE(outcome.value);
      CHECK(outcome.served == 1);
    }
  }

  TEST_CASE("a run that is called off does not wait on") {
    LoopbackServer server([](Peer& peer) {
      while (peer.read_request()) peer.answer(500, "{}");
    });
    ManualClock clock(from_microseconds(1'780'272'000'000'000));
    CountingWatch watch;
    watch.cancelled_after_requests = 2;
    runtime::run_to_completion([&] {
      Simulation simulation(clock);
      Exchange exchange(simulation.context(), rules());
      CHECK_FALSE(exchange.send({.url = server.url("/")}, watch));
    });
    CHECK(watch.requests == 2);
  }
}

TEST_SUITE("warehouse budget") {
  TEST_CASE("no stretch of a window has more requests than the quota") {
    Budget budget(3, minutes(1));
    Instant now = from_microseconds(1'780'272'030'000'000);
    std::vector<Instant> sent;
    SeededRandom random(5);
    for (int request = 0; request < 200; ++request) {
      now += budget.reserve(now);
      sent.push_back(now);
      now += milliseconds(static_cast<std::int64_t>(random.below(30'000)));
    }
    for (std::size_t at = 3; at < sent.size(); ++at) CHECK(sent[at] - sent[at - 3] >= minutes(1));
  }

  TEST_CASE("fibers that ask at the same time get places one after the other") {
    Budget budget(2, minutes(1));
    const Instant now = from_microseconds(0);
    std::vector<Duration> waits;
    for (int request = 0; request < 5; ++request) waits.push_back(budget.reserve(now));
    CHECK(waits == std::vector<Duration>{seconds(0), seconds(0), minutes(1), minutes(1), minutes(2)});
  }

  TEST_CASE("what the provider says closes the quota for all") {
    Budget budget(10, minutes(1));
    const Instant now = from_microseconds(0);
    budget.close_until(now + seconds(40));
    CHECK(budget.reserve(now) == seconds(40));
    CHECK(budget.reserve(now + seconds(50)) == seconds(0));
  }
}

// contracts/warehouse.md, section 5, "Text".
TEST_SUITE("warehouse page text") {
  json::Value repaired(std::string_view body) {
    Result<PageText> page = read_page_text(body, 1 << 20);
    REQUIRE(page);
    if (page->is_repaired) note_repairs(page->value);
    return page->value;
  }

  TEST_CASE("U+0000 goes, lone surrogates become U+FFFD, and the row says so") {
    CHECK(repaired(R"({"t":"a\u0000b"})") == json::object({{"t", "ab"}, {"_text", "nul_removed"}}));
    CHECK(repaired(R"({"t":"a\ud800b"})") == json::object({{"t",
                                                            "a\xEF\xBF\xBD"
                                                            "b"},
                                                           {"_text", "replaced"}}));
    CHECK(repaired(R"({"t":["\u0000","\udc00"]})") ==
          json::object({{"t", json::array({"", "\xEF\xBF\xBD"})}, {"_text", "nul_removed,replaced"}}));
  }

  TEST_CASE("a backslash before u0000 is not U+0000, and good text stays as it was sent") {
    CHECK(repaired(R"({"t":"a\\u0000b"})") == json::object({{"t", "a\\u0000b"}}));
    CHECK(repaired(R"({"t":"Grüße 👋 \ud83d\udc4b"})") == json::object({{"t", "Grüße 👋 👋"}}));
  }

  TEST_CASE("only the row that was repaired is marked") {
    Result<PageText> page = read_page_text(R"({"rows":[{"t":"a\u0000"},{"t":"b"}]})", 1 << 20);
    REQUIRE(page);
    Answer answer{.value = page->value, .is_repaired = page->is_repaired};
    std::vector<json::Value> rows;
    REQUIRE(each_row(answer, "rows", [&](json::Value& row) -> Result<void> {
      rows.push_back(row);
      return {};
    }));
    CHECK(rows[0] == json::object({{"t", "a"}, {"_text", "nul_removed"}}));
    CHECK(rows[1] == json::object({{"t", "b"}}));
  }
}

TEST_SUITE("warehouse fields") {
  TEST_CASE("a failure names the row and the member") {
    Answer answer{.value = json::object({{"data", json::array({json::object({{"cost", "1"}}),
                                                               json::object({{"cost", "much"}})})}})};
    const Result<std::int64_t> read = each_row(answer, "data", [](json::Value& row) {
      RowReader reader(row);
      reader.amount("cost");
      return reader.result();
    });
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == warehouse::error_codes::provider_malformed);
    CHECK(read.error().message() == "/data/1/cost: is no amount");
  }

  TEST_CASE("a list that is none, and a row that is none, are malformed") {
    const auto message = [](json::Value value) {
      Answer answer{.value = std::move(value)};
      return each_row(answer, "data", [](json::Value&) { return Result<void>(); }).error().message();
    };
    CHECK(message(json::Object()) == "/data: must be a list");
    CHECK(message(json::array({})) == "/data: must be a list");
    CHECK(message(json::object({{"data", json::array({7})}})) == "/data/0: must be an object");
  }

  TEST_CASE("members drift between types, and absent is not zero") {
    const json::Value row = json::object({{"a", "61"}, {"b", 61}, {"c", nullptr}, {"d", ""}, {"e", 0}});
    RowReader reader(row);
    CHECK(reader.integer("a") == 61);
    CHECK(reader.text("b") == "61");
    CHECK_FALSE(reader.amount("c"));
    CHECK_FALSE(reader.amount("d"));
    CHECK_FALSE(reader.amount("missing"));
    CHECK(reader.amount("e") == Decimal());
    CHECK(reader.result());
  }
}
