// What the client bounds: exchanges for a host and in all, lines, hosts, files.
#include <algorithm>
#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/resource.h>

#include "net/client.hpp"
#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"
#include "runtime/semaphore.hpp"

using namespace trunkline;
using namespace trunkline::net;
using namespace trunkline::net::testing;

namespace {

// Runs `body` on that many fibers and waits for all.
void on_fibers(int count, const std::function<void(int)>& body) {
  runtime::Semaphore done(0);
  for (int i = 0; i < count; ++i) {
    runtime::EventLoop::current()->spawn("test", [&, i] {
      body(i);
      done.release();
    });
  }
  for (int i = 0; i < count; ++i) done.acquire();
}

// ThreadSanitizer takes milliseconds to make a fiber, and AddressSanitizer not much less.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int crowd = 200;
#else
constexpr int crowd = 3000;
#endif

// How many files this process may open, after asking for as many as it can have.
std::size_t raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

TEST_SUITE("client limits") {
  TEST_CASE("a host gets no more than its share at once, and the others wait in order") {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    LoopbackServer server([&](Peer& peer) {
      while (const auto request = peer.read_request()) {
        most = std::max<int>(most, ++running);
        peer.sleep(milliseconds(2));
        --running;
        peer.answer(200, "");
      }
    });
    runtime::run_to_completion([&] {
      TestClient test({.transfers_per_host_max = 3});
      std::vector<int> order;
      on_fibers(30, [&](int i) {
        if (test.client.send(post(server.url(), "x"))) order.push_back(i);
      });
      REQUIRE(order.size() == 30);
      for (int i = 0; i < 30; ++i) CHECK(std::abs(order[static_cast<std::size_t>(i)] - i) < 3);
      CHECK(test.client.statistics().transfers == 0);
      CHECK(test.client.statistics().waiting == 0);
    });
    CHECK(most == 3);
    CHECK(server.connections() == 3);
  }

  TEST_CASE("one slow host does not hold up another") {
    LoopbackServer slow([](Peer& peer) {
      peer.read_request();
      peer.sleep(runtime::test_patience);
    });
    LoopbackServer quick(echo);
    runtime::run_to_completion([&] {
      TestClient test({.transfers_per_host_max = 2});
      ClientRequest stuck = get(slow.url());
      stuck.total_deadline = seconds(1);
      int given_up = 0;
      on_fibers(11, [&](int i) {
        if (i < 10) {
          CHECK_FALSE(test.client.send(stuck));
          ++given_up;
        } else {
          CHECK(test.client.send(get(quick.url())));
          CHECK(given_up == 0);
        }
      });
    });
  }

  TEST_CASE("who waits too long for a turn, or in too long a line, is told that we are busy") {
    LoopbackServer server([](Peer& peer) {
      peer.read_request();
      peer.sleep(milliseconds(200));
      peer.answer(200, "");
    });
    runtime::run_to_completion([&] {
      TestClient test({.transfers_per_host_max = 1, .waiting_per_host_max = 1});
      std::vector<std::string> outcomes(3);
      on_fibers(3, [&](int i) {
        ClientRequest request = get(server.url());
        request.total_deadline = milliseconds(i == 0 ? 1000 : 50);
        const auto response = test.client.send(request);
        if (response) return;
        outcomes[static_cast<std::size_t>(i)] = response.error().code().name;
        CHECK(response.error().retry_after() == seconds(1));
        CHECK_FALSE(may_have_been_received(response.error()));
      });
      CHECK(outcomes == std::vector<std::string>{"", "client_busy", "client_busy"});
    });
    CHECK(server.connections() == 1);
  }

  TEST_CASE("thousands of requests can be under way at once") {
    const int count = raise_file_limit() > 8000 ? crowd : 200;
    LoopbackServer server([&](Peer& peer) {
      if (!peer.read_request()) return;
      // All are answered only when all have come.
      while (server.connections() < count && peer.sleep(milliseconds(20))) {
      }
      peer.answer(200, "ok");
    });
    runtime::run_to_completion([&] {
      TestClient test({.transfers_per_host_max = 4096});
      int good = 0;
      on_fibers(count, [&](int) { good += test.client.send(post(server.url(), "x")) ? 1 : 0; });
      CHECK(good == count);
    });
    CHECK(server.connections() == count);
  }

  TEST_CASE("loops with a client each do not disturb each other") {
    LoopbackServer server(echo);
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 3; ++thread) {
      threads.emplace_back([&] {
        runtime::run_to_completion([&] {
          TestClient test;
          on_fibers(10, [&](int i) {
            for (int round = 0; round < 20; ++round) {
              const auto response =
                  test.client.send(post(server.url("/", fmt::format("h{}.example", i)), "x"));
              good += response && response->body == "x" ? 1 : 0;
            }
          });
        });
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(good == 600);
  }

  TEST_CASE("when no more files can be opened, the client is busy, not the host gone") {
    LoopbackServer server(echo);
    runtime::run_to_completion([&] {
      TestClient test;
      rlimit before{};
      getrlimit(RLIMIT_NOFILE, &before);
      rlimit none = before;
      none.rlim_cur = 3;
      setrlimit(RLIMIT_NOFILE, &none);
      const auto response = test.client.send(get(server.url()));
      setrlimit(RLIMIT_NOFILE, &before);
      CHECK(code_of(response) == "client_busy");
    });
  }

  TEST_CASE("only so many idle connections are kept, the ones used last") {
    LoopbackServer server(echo);
    struct Case {
      std::size_t kept;
      int connections;  // after two rounds over three hosts
    };
    for (const Case& each : {Case{0, 6}, Case{1, 6}, Case{3, 3}}) {
      CAPTURE(each.kept);
      const int before = server.connections();
      runtime::run_to_completion([&] {
        TestClient test({.idle_connections_max = each.kept});
        for (int i = 0; i < 6; ++i)
          CHECK(test.client.send(get(server.url("/", fmt::format("h{}.example", i % 3)))));
      });
      CHECK(server.connections() - before == each.connections);
    }
  }

  TEST_CASE("more hosts than are remembered cost only new look-ups") {
    LoopbackServer server(echo);
    runtime::run_to_completion([&] {
      TestClient test({.hosts_max = 20});
      auto held = test.client.open(get(server.url("/", "held.example")));
      REQUIRE(held);
      for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 100; ++i)
          CHECK(test.client.send(get(server.url("/", fmt::format("h{}.example", i)))));
      }
      CHECK_FALSE(held->next_chunk().value());
    });
    CHECK(server.connections() == 101);
  }
}
