// Deliveries from the outbox to a real receiver on loopback.
#include "webhooks/delivery.hpp"

#include <algorithm>
#include <deque>
#include <latch>
#include <mutex>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "jobs/jobs_testing.hpp"
#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::webhooks;

namespace {

// Answers with the statuses it is given, in turn, then with 200; keeps what came.
class Receiver {
 public:
  explicit Receiver(std::deque<int> statuses = {}) : statuses_(std::move(statuses)) {}

  std::string url() const { return server_.url("/hooks"); }
  std::vector<std::string> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }
  std::string body(std::size_t index) const {
    const std::string request = requests().at(index);
    return request.substr(request.find("\r\n\r\n") + 4);
  }

 private:
  void serve(net::testing::Peer& peer) {
    while (const auto request = peer.read_request()) {
      int status = 200;
      {
        const std::scoped_lock lock(mutex_);
        requests_.push_back(*request);
        if (!statuses_.empty()) {
          status = statuses_.front();
          statuses_.pop_front();
        }
      }
      peer.answer(status, "thanks");
    }
  }

  mutable std::mutex mutex_;
  std::deque<int> statuses_;
  std::vector<std::string> requests_;
  net::testing::LoopbackServer server_{[this](net::testing::Peer& peer) { serve(peer); }};
};

struct Bench {
  jobs::TestJobs jobs;
  net::testing::TestClient http;
  tenancy::Keyring keyring{std::string(32, 'k'), "test"};
  Endpoints endpoints{*jobs.database, keyring, http.guard, jobs.clock, jobs.random};
  Messages messages{*jobs.database, jobs.queue, endpoints, jobs.ids, jobs.clock};
  Delivery delivery{*jobs.database, jobs.queue, messages,    endpoints,
                    http.client,    jobs.clock, jobs.random, jobs.metrics};
  tenancy::TenantScope scope{.account = jobs.account, .project = {}};

  Bench() {
    jobs.runner.handle(std::string(delivery_job), {},
                       [this](const trunkline::jobs::Job& job) { return delivery.deliver(job); });
    jobs.runner.start();
  }
  ~Bench() { jobs.runner.stop(runtime::test_patience); }

  void set_endpoint(const std::string& url) {
    REQUIRE(endpoints.set(scope, {.url = url, .secret = "whsec_example"}));
  }
  void emit(Uuid subject, std::string_view event, const std::string& body = R"({"event":"e"})") {
    const auto target = messages.target_for(scope, "");
    REQUIRE(target);
    REQUIRE(jobs.database->transact(scope, [&](db::Transaction& transaction) {
      messages.emit(transaction, scope, *target, subject, event, *json::parse(body));
    }));
  }
  // Until every message has the status.
  bool all_become(MessageStatus status) {
    return runtime::eventually([&] {
      jobs.runner.wake();
      const auto listed = messages.list(scope, {});
      return std::ranges::all_of(*listed, [&](const Message& each) { return each.status == status; });
    });
  }
  // Until the receiver has got so many requests.
  bool arrive(const Receiver& receiver, std::size_t count) {
    const bool are_there = runtime::eventually([&] {
      jobs.runner.wake();
      return receiver.requests().size() >= count;
    });
    runtime::sleep_for(milliseconds(20));
    return are_there && receiver.requests().size() == count;
  }
};

void with_bench(const std::function<void(Bench&)>& body) {
  runtime::run_to_completion([&] {
    Bench bench;
    body(bench);
  });
}

}  // namespace

TEST_SUITE("webhook delivery [db], voice-api.md section 9") {
  TEST_CASE("what is sent is what was signed, and the attempt is recorded") {
    with_bench([](Bench& bench) {
      const Receiver receiver;
      bench.set_endpoint(receiver.url());
      bench.emit(bench.jobs.ids.next(), "call.completed", R"({"b":1,"a":"Zoë"})");
      REQUIRE(bench.all_become(MessageStatus::delivered));
      REQUIRE(receiver.requests().size() == 1);
      CHECK(receiver.body(0) == R"({"a":"Zo\u00eb","b":1})");
      CHECK(receiver.requests()[0].find("X-Pamela-Signature: " +
                                        legacy_signature("whsec_example", receiver.body(0))) !=
            std::string::npos);
      CHECK(receiver.requests()[0].find("Content-Type: application/json") != std::string::npos);
      const auto listed = bench.messages.list(bench.scope, {});
      REQUIRE(listed->size() == 1);
      const auto attempts = bench.messages.attempts(bench.scope, listed->front().id);
      REQUIRE(attempts->size() == 1);
      CHECK(attempts->front().status == 200);
      CHECK(attempts->front().response == "thanks");
    });
  }

  TEST_CASE("an event of a transaction that rolls back is never told") {
    with_bench([](Bench& bench) {
      const Receiver receiver;
      bench.set_endpoint(receiver.url());
      const auto target = bench.messages.target_for(bench.scope, "");
      CHECK_FALSE(
          bench.jobs.database->transact(bench.scope, [&](db::Transaction& transaction) -> Result<void> {
            bench.messages.emit(transaction, bench.scope, *target, bench.jobs.ids.next(), "call.completed",
                                *json::parse("{}"));
            return fail(trunkline::error_codes::invalid_argument, "no");
          }));
      bench.jobs.settle();
      CHECK(receiver.requests().empty());
      CHECK(bench.messages.list(bench.scope, {})->empty());
    });
  }

  TEST_CASE("a failed try is repeated after its pause, with the same bytes and id") {
    with_bench([](Bench& bench) {
      const Receiver receiver({500, 503});
      bench.set_endpoint(receiver.url());
      bench.emit(bench.jobs.ids.next(), "call.completed");
      REQUIRE(bench.arrive(receiver, 1));
      bench.jobs.advance(seconds(4));
      CHECK(receiver.requests().size() == 1);
      bench.jobs.advance(seconds(2));
      REQUIRE(bench.arrive(receiver, 2));
      bench.jobs.advance(minutes(6));
      REQUIRE(bench.all_become(MessageStatus::delivered));
      REQUIRE(receiver.requests().size() == 3);
      CHECK(receiver.body(0) == receiver.body(2));
      const auto attempts =
          bench.messages.attempts(bench.scope, bench.messages.list(bench.scope, {})->front().id);
      REQUIRE(attempts->size() == 3);
      CHECK((*attempts)[0].status == 500);
      CHECK((*attempts)[1].status == 503);
      CHECK((*attempts)[2].status == 200);
    });
  }

  TEST_CASE("a refusal for good ends it at once, and a replay sends it again") {
    with_bench([](Bench& bench) {
      const Receiver receiver({400});
      bench.set_endpoint(receiver.url());
      bench.emit(bench.jobs.ids.next(), "call.completed");
      REQUIRE(bench.all_become(MessageStatus::failed));
      const MessageId id = bench.messages.list(bench.scope, {})->front().id;
      REQUIRE(bench.messages.replay(bench.scope, id));
      REQUIRE(bench.all_become(MessageStatus::delivered));
      CHECK(receiver.body(0) == receiver.body(1));
      CHECK(bench.messages.attempts(bench.scope, id)->size() == 2);

      // Also one that was delivered: its former delivery is not forgotten.
      REQUIRE(bench.messages.replay(bench.scope, id));
      CHECK(bench.messages.attempts(bench.scope, id)->size() == 2);
      REQUIRE(bench.all_become(MessageStatus::delivered));
      const auto attempts = bench.messages.attempts(bench.scope, id);
      REQUIRE(attempts->size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK((*attempts)[i].number == static_cast<std::int64_t>(i + 1));
        CHECK((*attempts)[i].status == (i == 0 ? 400 : 200));
      }
      CHECK(bench.messages.replay(bench.scope, MessageId(bench.jobs.ids.next())).error().code() ==
            webhooks::error_codes::message_not_found);
    });
  }

  TEST_CASE("the messages of one call stay in order behind a failed one; other calls do not wait") {
    with_bench([](Bench& bench) {
      const Receiver receiver({500});
      bench.set_endpoint(receiver.url());
      const Uuid call = bench.jobs.ids.next();
      bench.emit(call, "first", R"({"n":1})");
      REQUIRE(bench.arrive(receiver, 1));
      bench.emit(call, "second", R"({"n":2})");
      bench.emit(bench.jobs.ids.next(), "other", R"({"n":3})");
      REQUIRE(bench.arrive(receiver, 2));
      CHECK(receiver.body(1) == R"({"n":3})");
      bench.jobs.advance(seconds(6));
      REQUIRE(bench.all_become(MessageStatus::delivered));
      CHECK(receiver.body(2) == R"({"n":1})");
      CHECK(receiver.body(3) == R"({"n":2})");
    });
  }

  TEST_CASE("what is erased while it waits in line is not sent") {
    with_bench([](Bench& bench) {
      std::atomic<int> requests = 0;
      std::latch go_on{1};
      const net::testing::LoopbackServer receiver([&](net::testing::Peer& peer) {
        while (peer.read_request()) {
          ++requests;
          go_on.wait();
          peer.answer(200, "thanks");
        }
      });
      bench.set_endpoint(receiver.url("/hooks"));
      const Uuid call = bench.jobs.ids.next();
      bench.emit(call, "call.started");
      bench.emit(call, "call.completed");
      REQUIRE(runtime::eventually([&] { return requests > 0; }));
      // The second is in memory with its text, for longer than that is used.
      bench.jobs.clock.advance(seconds(11));
      REQUIRE(bench.jobs.database->transact(bench.scope, [&](db::Transaction& transaction) {
        bench.messages.erase(transaction, bench.scope, call);
      }));
      go_on.count_down();
      bench.jobs.settle();
      CHECK(requests == 1);
      CHECK(bench.jobs.queue.list({})->empty());
    });
  }

  TEST_CASE("410 disables the endpoint; what follows is held until it is set anew and replayed") {
    with_bench([](Bench& bench) {
      const Receiver receiver({410});
      bench.set_endpoint(receiver.url());
      bench.emit(bench.jobs.ids.next(), "first");
      REQUIRE(bench.all_become(MessageStatus::failed));
      bench.jobs.clock.advance(seconds(2));  // the endpoint is remembered for a second
      bench.emit(bench.jobs.ids.next(), "second");
      bench.jobs.settle();
      CHECK(receiver.requests().size() == 1);
      CHECK(bench.messages.list(bench.scope, {.status = MessageStatus::held})->size() == 1);
      bench.set_endpoint(receiver.url());
      CHECK(*bench.messages.replay(bench.scope, {.status = MessageStatus::held}) == 1);
      REQUIRE(bench.arrive(receiver, 2));
    });
  }

  TEST_CASE("five days of failures disable the endpoint") {
    with_bench([](Bench& bench) {
      const Endpoint endpoint = *bench.endpoints.set(bench.scope, {.url = "http://127.0.0.1:9/"});
      REQUIRE(bench.endpoints.note_outcome(endpoint, Reception::failed));
      bench.jobs.clock.advance(days(4));
      REQUIRE(bench.endpoints.note_outcome(*bench.endpoints.find(bench.scope), Reception::failed));
      bench.jobs.clock.advance(seconds(2));
      CHECK_FALSE(bench.endpoints.find(bench.scope)->disabled_at);
      bench.jobs.clock.advance(days(1) + seconds(1));
      REQUIRE(bench.endpoints.note_outcome(*bench.endpoints.find(bench.scope), Reception::failed));
      bench.jobs.clock.advance(seconds(2));
      CHECK(bench.endpoints.find(bench.scope)->disabled_at);
    });
  }

  TEST_CASE("one success ends the series of failures") {
    with_bench([](Bench& bench) {
      const Endpoint endpoint = *bench.endpoints.set(bench.scope, {.url = "http://127.0.0.1:9/"});
      REQUIRE(bench.endpoints.note_outcome(endpoint, Reception::failed));
      bench.jobs.clock.advance(seconds(2));
      CHECK(bench.endpoints.find(bench.scope)->failing_since);
      REQUIRE(bench.endpoints.note_outcome(*bench.endpoints.find(bench.scope), Reception::accepted));
      bench.jobs.clock.advance(seconds(2));
      CHECK_FALSE(bench.endpoints.find(bench.scope)->failing_since);
    });
  }

  TEST_CASE("a body that is too long for receivers' parsers, or a secret without text, is refused early") {
    with_bench([](Bench& bench) {
      CHECK_FALSE(bench.endpoints.set(bench.scope, {.secret = ""}));
      CHECK_FALSE(bench.endpoints.set(bench.scope, {.url = "ftp://example.com/"}));
      CHECK_FALSE(bench.endpoints.set(bench.scope, {.url = "no URL"}));
    });
  }

  TEST_CASE("another account's messages are unknown") {
    with_bench([](Bench& bench) {
      const Receiver receiver;
      bench.set_endpoint(receiver.url());
      bench.emit(bench.jobs.ids.next(), "call.completed");
      const MessageId id = bench.messages.list(bench.scope, {})->front().id;
      const tenancy::TenantScope other{.account = AccountId(bench.jobs.ids.next()), .project = {}};
      CHECK(bench.messages.find(other, id).error().code() == webhooks::error_codes::message_not_found);
      CHECK(bench.messages.list(other, {})->empty());
      CHECK(*bench.messages.replay(other, MessageFilter{}) == 0);
      CHECK(bench.messages.replay(other, id).error().code() == webhooks::error_codes::message_not_found);
    });
  }
}
