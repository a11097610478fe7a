#include "net/resolver.hpp"

#include <algorithm>
#include <atomic>

#include <doctest/doctest.h>

#include "runtime/runtime_testing.hpp"
#include "runtime/semaphore.hpp"

using namespace trunkline;
using namespace trunkline::net;

TEST_SUITE("resolver") {
  TEST_CASE("addresses are read strictly and written as RFC 5952 has them") {
    CHECK(IpAddress::parse("8.8.4.4")->to_text() == "8.8.4.4");
    CHECK(IpAddress::parse("2001:DB8:0:0:0:0:0:1")->to_text() == "2001:db8::1");
    CHECK(IpAddress::parse("::ffff:1.2.3.4")->to_text() == "::ffff:1.2.3.4");
    CHECK(IpAddress::parse("8.8.4.4")->is_v4());
    CHECK_FALSE(IpAddress::parse("::8.8.4.4")->is_v4());
    for (const char* text : {"", "1", "1.2.3", "01.2.3.4", "0x1.2.3.4", "1.2.3.4 ", "256.1.1.1",
                             "fe80::1%eth0", "[::1]", ":::", "1:2:3:4:5:6:7:8:9", "example.com"}) {
      CAPTURE(std::string(text));
      CHECK_FALSE(IpAddress::parse(text));
    }
    CHECK_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  }

  TEST_CASE("the system knows localhost, and not a name that cannot be") {
    runtime::run_to_completion([] {
      runtime::ThreadPool pool("resolve", 2, 100);
      SystemResolver resolver(pool);
      const auto addresses = resolver.look_up("localhost");
      REQUIRE(addresses);
      CHECK(std::ranges::find(*addresses, *IpAddress::parse("127.0.0.1")) != addresses->end());
      const auto nothing = resolver.look_up("no such host.invalid");
      REQUIRE_FALSE(nothing);
      CHECK(nothing.error().code() == name_not_resolved);
    });
  }

  TEST_CASE("many fibers that ask for one name share one look-up") {
    runtime::run_to_completion([] {
      runtime::ThreadPool pool("resolve", 1, 1);  // there is room for one alone
      SystemResolver resolver(pool);
      runtime::Semaphore done(0);
      int good = 0;
      for (int i = 0; i < 100; ++i) {
        runtime::EventLoop::current()->spawn("asker", [&] {
          good += resolver.look_up("localhost") ? 1 : 0;
          done.release();
        });
      }
      for (int i = 0; i < 100; ++i) done.acquire();
      CHECK(good == 100);
    });
  }

  // Fault F25: cached-address grace.
  TEST_CASE("when a look-up fails, an older answer serves a while longer") {
    runtime::run_to_completion([] {
      runtime::ThreadPool pool("resolve", 1, 1);
      SystemResolver patient(pool, {.fresh_for = Duration::zero()});
      SystemResolver strict(pool, {.fresh_for = Duration::zero(), .grace = Duration::zero()});
      CHECK(patient.look_up("localhost"));
      CHECK(strict.look_up("localhost"));
      // The pool is busy and its queue full, so that every further look-up fails.
      runtime::Semaphore done(0);
      std::atomic<bool> is_over = false;
      std::atomic<int> blocking = 0;
      for (int i = 0; i < 2; ++i) {
        runtime::EventLoop::current()->spawn("blocker", [&] {
          (void)pool.run([&] {
            ++blocking;
            runtime::eventually([&] { return is_over.load(); });
          });
          done.release();
        });
        REQUIRE(runtime::eventually([&] { return blocking == 1; }));
      }
      runtime::yield();
      CHECK(patient.look_up("localhost"));
      CHECK_FALSE(strict.look_up("localhost"));
      is_over = true;
      done.acquire();
      done.acquire();
    });
  }

  TEST_CASE("nobody waits for a look-up beyond the fiber's deadline") {
    runtime::run_to_completion([] {
      runtime::ThreadPool pool("resolve", 1, 2);
      SystemResolver resolver(pool);
      std::atomic<bool> is_over = false;
      std::atomic<bool> is_blocking = false;
      runtime::Semaphore done(0);
      runtime::EventLoop::current()->spawn("blocker", [&] {
        (void)pool.run([&] {
          is_blocking = true;
          runtime::eventually([&] { return is_over.load(); });
        });
        done.release();
      });
      CHECK(runtime::eventually([&] { return is_blocking.load(); }));
      {
        const runtime::DeadlineScope deadline(milliseconds(30));
        const auto start = std::chrono::steady_clock::now();
        CHECK_FALSE(resolver.look_up("localhost"));
        CHECK(std::chrono::steady_clock::now() - start < runtime::test_patience);
      }
      is_over = true;
      done.acquire();
      CHECK(resolver.look_up("localhost"));
    });
  }

  TEST_CASE("what is remembered is bounded") {
    runtime::run_to_completion([] {
      runtime::ThreadPool pool("resolve", 1, 10);
      SystemResolver resolver(pool, {.names_max = 2});
      for (const char* name : {"127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1"}) {
        CHECK(resolver.look_up(name)->front().to_text() == name);
      }
    });
  }
}
