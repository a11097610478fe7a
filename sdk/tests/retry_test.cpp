// What is tried again, when, and what never is.
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "support.hpp"

namespace {

using trunkline::Failure;
using trunkline::HttpRequest;
using trunkline::HttpResponse;
using Outcome = trunkline::Result<HttpResponse>;

// Answers by a script; the last outcome again and again. Remembers the requests.
class ScriptedTransport final : public trunkline::Transport {
 public:
  explicit ScriptedTransport(std::deque<Outcome> script) : script_(std::move(script)) {}

  Outcome send(const HttpRequest& request) override {
    requests.push_back(request);
    Outcome outcome = script_.front();
    if (script_.size() > 1) script_.pop_front();
    return outcome;
  }

  std::vector<HttpRequest> requests;

 private:
  std::deque<Outcome> script_;
};

Outcome answer(int status, const Json& body = Json::object(), trunkline::HttpHeaders headers = {}) {
  return HttpResponse{.status = status, .headers = std::move(headers), .body = body.dump()};
}

Outcome broken(bool sent, bool temporary = true) {
  return Failure{
      .kind = voice::FailureKind::connection, .message = "broken", .temporary = temporary, .sent = sent};
}

Outcome over_limit(int code, int retry_after) {
  return answer(
      429,
      {{"detail", {{"error_code", code}, {"message", "M"}, {"details", {{"retry_after", retry_after}}}}}});
}

// A client on a script, with a clock that does not wait.
struct Bench {
  std::shared_ptr<ScriptedTransport> transport;
  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  voice::ClientOptions options;

  explicit Bench(std::deque<Outcome> script)
      : transport(std::make_shared<ScriptedTransport>(std::move(script))) {
    options.api_key = "pk_live_test";
    options.transport = transport;
    options.clock = clock;
  }
  voice::ResultClient client() const { return voice::ResultClient(options); }
  std::size_t tries() const { return transport->requests.size(); }
};

const Json placed{{"id", "call_1"}, {"status", "queued"}};
const voice::CallRequest order{.to = "+12025550101", .task = "Ask"};

using Act = std::function<std::optional<Failure>(const Bench&)>;

template <class T>
std::optional<Failure> outcome_of(const trunkline::Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

struct Operation {
  const char* name;
  Act act;
};

std::vector<Operation> repeatable_operations() {
  const auto by = [](const Bench& bench) { return voice::ResultPartnerClient("token", bench.options); };
  return {
      {"create", [](const Bench& bench) { return outcome_of(bench.client().create_call(order)); }},
      {"get", [](const Bench& bench) { return outcome_of(bench.client().get_call("c")); }},
      {"list", [](const Bench& bench) { return outcome_of(bench.client().list_calls()); }},
      {"cancel", [](const Bench& bench) { return outcome_of(bench.client().cancel_call("c")); }},
      {"hang up", [](const Bench& bench) { return outcome_of(bench.client().hang_up_call("c")); }},
      {"register",
       [](const Bench& bench) { return outcome_of(bench.client().register_tool({.name = "t"})); }},
      {"tools", [](const Bench& bench) { return outcome_of(bench.client().list_tools()); }},
      {"delete", [](const Bench& bench) { return outcome_of(bench.client().delete_tool("t")); }},
      {"usage", [](const Bench& bench) { return outcome_of(bench.client().get_usage()); }},
      {"keys", [=](const Bench& bench) { return outcome_of(by(bench).list_api_keys()); }},
      {"revoke", [=](const Bench& bench) { return outcome_of(by(bench).revoke_api_key("k")); }},
      {"subscription", [=](const Bench& bench) { return outcome_of(by(bench).get_subscription()); }},
  };
}

std::vector<Operation> other_operations() {
  const auto by = [](const Bench& bench) { return voice::ResultPartnerClient("token", bench.options); };
  return {
      {"key", [=](const Bench& bench) { return outcome_of(by(bench).create_api_key()); }},
      {"checkout", [=](const Bench& bench) { return outcome_of(by(bench).checkout()); }},
      {"portal", [=](const Bench& bench) { return outcome_of(by(bench).portal()); }},
      {"log in", [](const Bench& bench) { return outcome_of(voice::try_log_in("e", "p", bench.options)); }},
  };
}

TEST_SUITE("sdk retries") {
  TEST_CASE("what does no harm twice is tried four times after each temporary failure") {
    const std::vector<Outcome> failures{answer(429), answer(502),  answer(503),
                                        answer(504), broken(true), broken(false)};
    for (const Operation& operation : repeatable_operations()) {
      for (const Outcome& failure : failures) {
        CAPTURE(operation.name);
        const Bench bench({failure});
        REQUIRE(operation.act(bench));
        CHECK(bench.tries() == 4);
        CHECK(bench.clock->pauses().size() == 3);
      }
    }
  }

  TEST_CASE("what would be done twice is tried again only when it was certainly not sent") {
    for (const Operation& operation : other_operations()) {
      CAPTURE(operation.name);
      for (const Outcome& failure : {answer(429), answer(503), broken(true)}) {
        const Bench bench({failure});
        REQUIRE(operation.act(bench));
        CHECK(bench.tries() == 1);
      }
      const Bench bench({broken(false)});
      REQUIRE(operation.act(bench));
      CHECK(bench.tries() == 4);
    }
  }

  TEST_CASE("what will not change by waiting is not tried again") {
    const std::vector<Outcome> failures{answer(400),         answer(401),        answer(403), answer(404),
                                        answer(409),         answer(422),        answer(500), answer(301),
                                        over_limit(6002, 1), broken(true, false)};
    for (const Outcome& failure : failures) {
      const Bench bench({failure});
      REQUIRE_FALSE(bench.client().create_call(order).has_value());
      CHECK(bench.tries() == 1);
    }
  }

  TEST_CASE("a call is placed with one idempotency key and one request id through all its tries") {
    const Bench bench({broken(true), answer(503), answer(201, placed, {{"Idempotent-Replayed", "true"}})});
    const voice::PlacedCall call = bench.client().create_call(order).value();
    CHECK(call.id == "call_1");
    CHECK(call.replayed);
    CHECK(call.idempotency_key.size() == 32);
    REQUIRE(bench.tries() == 3);
    const auto header = [&](std::size_t at, const char* name) {
      return std::string(
          HttpResponse{.headers = bench.transport->requests[at].headers}.header(name).value_or(""));
    };
    for (std::size_t at = 0; at < 3; ++at) {
      CHECK(header(at, "Idempotency-Key") == call.idempotency_key);
      CHECK(header(at, "X-Request-Id") == header(0, "X-Request-Id"));
      CHECK(bench.transport->requests[at].body == bench.transport->requests[0].body);
      CHECK(bench.transport->requests[at].repeatable);
    }
    const Bench another({answer(201, placed)});
    CHECK(another.client().create_call(order).value().idempotency_key != call.idempotency_key);
  }

  TEST_CASE("a failure of create_call carries the key to repeat it with") {
    voice::CallRequest mine = order;
    mine.idempotency_key = "mine";
    const auto failure = failure_of(Bench({broken(true)}).client().create_call(mine));
    CHECK(failure.idempotency_key == "mine");
    CHECK(failure.message.find("repeat it with the idempotency key mine") != std::string::npos);
    CHECK(failure_of(Bench({answer(409)}).client().create_call(mine)).idempotency_key == "mine");
    CHECK(failure_of(Bench({answer(201, Json::array())}).client().create_call(mine)).idempotency_key ==
          "mine");
  }

  TEST_CASE("the pause doubles up to the longest, and is between half and all of that by chance") {
    std::set<milliseconds> first_pauses;
    for (int round = 0; round < 20; ++round) {
      Bench bench({broken(true)});
      bench.options.retries = {
          .tries = 5, .first_pause = milliseconds(100), .longest_pause = milliseconds(300)};
      REQUIRE_FALSE(bench.client().get_call("c").has_value());
      const auto pauses = bench.clock->pauses();
      REQUIRE(pauses.size() == 4);
      const std::vector<milliseconds> whole{milliseconds(100), milliseconds(200), milliseconds(300),
                                            milliseconds(300)};
      for (std::size_t at = 0; at < 4; ++at) {
        CHECK(pauses[at] >= whole[at] / 2);
        CHECK(pauses[at] <= whole[at]);
      }
      first_pauses.insert(pauses[0]);
    }
    CHECK(first_pauses.size() > 1);
  }

  TEST_CASE("the server's Retry-After is the least pause") {
    const Bench bench({over_limit(6001, 5), answer(503, Json::object(), {{"Retry-After", "7"}}),
                       answer(200, {{"id", "c"}})});
    CHECK(bench.client().get_call("c").has_value());
    CHECK(bench.clock->pauses() == std::vector<milliseconds>{seconds(5), seconds(7)});
  }

  TEST_CASE("a pause that would outlast the total time is not begun") {
    Bench bench({over_limit(6001, 30)});
    bench.options.timeouts.total = seconds(20);
    const auto failure = failure_of(bench.client().get_call("c"));
    CHECK(failure.kind == voice::FailureKind::rate_limit);
    CHECK(failure.retry_after == seconds(30));
    CHECK(bench.clock->pauses().empty());
  }

  TEST_CASE("a try gets the time that is left of the total, at most that of a request") {
    Bench bench({over_limit(6001, 12), answer(200, {{"id", "c"}})});
    bench.options.timeouts = {.connect = seconds(9), .request = seconds(10), .total = seconds(15)};
    CHECK(bench.client().get_call("c").has_value());
    REQUIRE(bench.tries() == 2);
    CHECK(bench.transport->requests[0].timeout == seconds(10));
    CHECK(bench.transport->requests[0].connect_timeout == seconds(9));
    CHECK(bench.transport->requests[1].timeout == seconds(3));
    CHECK(bench.transport->requests[1].connect_timeout == seconds(3));
  }

  TEST_CASE("options that make no sense are refused before any request") {
    const auto refused = [](auto change) {
      Bench bench({answer(200)});
      change(bench.options);
      CHECK_THROWS_AS(voice::Client client(bench.options), voice::ValidationError);
    };
    refused([](auto& options) { options.api_key = ""; });
    refused([](auto& options) { options.api_key = "a b"; });
    refused([](auto& options) { options.api_key = "a\r\nX: y"; });
    refused([](auto& options) { options.user_agent = "a\nb"; });
    refused([](auto& options) { options.timeouts.total = seconds(0); });
    refused([](auto& options) { options.timeouts.request = seconds(-1); });
    refused([](auto& options) { options.retries.tries = 0; });
    refused([](auto& options) { options.retries.first_pause = milliseconds(-1); });
    for (const char* url :
         {"", "127.0.0.1", "ftp://a", "http://", "http://u:p@a", "http://a?b", "http://a#b"}) {
      CAPTURE(url);
      refused([&](auto& options) { options.base_url = url; });
    }
    CHECK_THROWS_AS(voice::PartnerClient(""), voice::ValidationError);
  }
}

}  // namespace
