#include <stdexcept>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/event_loop.hpp"
#include "runtime/semaphore.hpp"
#include "runtime/thread_pool.hpp"

using namespace trunkline;
using namespace trunkline::runtime;

TEST_SUITE("runtime") {
  TEST_CASE("fibers take turns where they wait") {
    std::string order;
    run_to_completion([&] {
      Semaphore done(0);
      for (const char letter : {'a', 'b'}) {
        EventLoop::current()->spawn("letter", [&, letter] {
          for (int round = 0; round < 3; ++round) {
            order += letter;
            yield();
          }
          done.release();
        });
      }
      done.acquire();
      done.acquire();
    });
    CHECK(order == "ababab");
  }

  TEST_CASE("a wake before the wait is not lost") {
    run_to_completion([] {
      Completion<int> completion;
      completion.complete(7);
      CHECK(completion.wait() == 7);
    });
  }

  TEST_CASE("a wake from another thread resumes the fiber on its own loop") {
    run_to_completion([] {
      const auto thread_before = std::this_thread::get_id();
      Completion<std::thread::id> completion;
      std::thread other([&] { completion.complete(std::this_thread::get_id()); });
      const auto thread_of_waker = completion.wait();
      other.join();
      CHECK(std::this_thread::get_id() == thread_before);
      CHECK(thread_of_waker != thread_before);
    });
  }

  TEST_CASE("many fibers and many wakes from threads all come home") {
    constexpr int count = 2000;
    int finished = 0;
    run_to_completion([&] {
      ThreadPool pool("pool", 3, count);
      Semaphore done(0);
      for (int i = 0; i < count; ++i) {
        EventLoop::current()->spawn("worker", [&, i] {
          const Result<int> doubled = pool.run([i] { return 2 * i; });
          if (doubled && *doubled == 2 * i) ++finished;
          done.release();
        });
      }
      for (int i = 0; i < count; ++i) done.acquire();
    });
    CHECK(finished == count);
  }

  TEST_CASE("timers fire in the order of their time, and a cancelled one never") {
    std::string order;
    run_to_completion([&] {
      const Timer late = EventLoop::current()->call_after(milliseconds(4), [&] { order += 'c'; });
      const Timer early = EventLoop::current()->call_after(milliseconds(1), [&] { order += 'a'; });
      Timer cancelled = EventLoop::current()->call_after(milliseconds(2), [&] { order += 'x'; });
      cancelled.cancel();
      CHECK_FALSE(cancelled.is_pending());
      sleep_for(milliseconds(8));
    });
    CHECK(order == "ac");
  }

  TEST_CASE("a fiber that waits in a catch block keeps its own exception") {
    std::string seen;
    run_to_completion([&] {
      Semaphore done(0);
      const auto thrower = [&](const char* text) {
        try {
          throw std::runtime_error(text);
        } catch (...) {
          yield();
          try {
            throw;
          } catch (const std::runtime_error& error) {
            seen += error.what();
          }
        }
        done.release();
      };
      EventLoop::current()->spawn("first", [&] { thrower("first "); });
      EventLoop::current()->spawn("second", [&] { thrower("second "); });
      done.acquire();
      done.acquire();
    });
    CHECK(seen == "first second ");
  }

  TEST_CASE("work on the pool may throw; the caller gets the exception") {
    run_to_completion([] {
      ThreadPool pool("pool", 1, 10);
      CHECK_THROWS_AS((void)pool.run([]() -> int { throw std::out_of_range("far"); }), std::out_of_range);
    });
  }

  TEST_CASE("a full pool refuses instead of growing") {
    run_to_completion([] {
      ThreadPool pool("pool", 1, 0);
      const Result<int> result = pool.run([] { return 1; });
      REQUIRE_FALSE(result);
      CHECK(result.error().code() == pool_full);
      CHECK(result.error().retry_after().has_value());
    });
  }

  TEST_CASE("a bell rung while nobody waits is heard by the next who does") {
    run_to_completion([] {
      Bell bell;
      bell.ring();
      CHECK(bell.wait_for(milliseconds(1)));
      CHECK_FALSE(bell.wait_for(milliseconds(1)));
    });
  }

  TEST_CASE("a nested deadline never extends the one around it") {
    run_to_completion([] {
      const DeadlineScope outer(seconds(1));
      const SteadyTime deadline = current_deadline();
      {
        const DeadlineScope inner(hours(1));
        CHECK(current_deadline() == deadline);
      }
      {
        const DeadlineScope inner(milliseconds(1));
        CHECK(current_deadline() < deadline);
      }
      CHECK(current_deadline() == deadline);
    });
  }

  TEST_CASE("a queue hands items over in order and ends when closed") {
    run_to_completion([] {
      Queue<int> queue;
      queue.push(1);
      queue.push(2);
      queue.close();
      CHECK(queue.pop() == 1);
      CHECK(queue.pop() == 2);
      CHECK_FALSE(queue.pop().has_value());
    });
  }

  TEST_CASE("the loop reports the longest stretch without a wait") {
    run_to_completion([] {
      const SteadyTime until = std::chrono::steady_clock::now() + milliseconds(15);
      while (std::chrono::steady_clock::now() < until) {
      }
      yield();
      CHECK(EventLoop::current()->take_statistics().longest_run >= milliseconds(14));
      CHECK(EventLoop::current()->take_statistics().longest_run < milliseconds(14));
    });
  }

  // Under ASan the leak check at the end of the process has the last word.
  TEST_CASE("what a fiber holds is kept when it still waits at the end of its loop") {
    struct Held {
      ~Held() { destroyed = true; }
      bool& destroyed;
      std::vector<int> memory = std::vector<int>(100);
    };
    static bool destroyed = false;
    bool waits = false;
    run_to_completion([&] {
      EventLoop::current()->spawn("waits for ever", [&waits] {
        const Held held{destroyed};
        waits = true;
        Waiter().wait();
      });
      yield();
    });
    CHECK(waits);
    CHECK_FALSE(destroyed);
  }

  TEST_CASE("a loop that is destroyed on another loop's fiber leaves that fiber able to wait") {
    run_to_completion([] {
      {
        EventLoop other;
        other.spawn("only", [&] { other.stop(); });
        std::thread([&] { other.run(); }).join();
      }
      sleep_for(milliseconds(1));
      CHECK(EventLoop::current() != nullptr);
    });
  }
}
