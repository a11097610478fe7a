// One event loop a thread: it owns the sockets, the timers and the fibers of that thread. Fibers are how
// waiting code is written here: a fiber that waits gives the thread back to the loop, and goes on where it
// stopped.
//
// Rules for code on a fiber: it may wait only through this library (Waiter, sleep_for, Semaphore, ThreadPool)
// and what is built on it (db, net); it holds no std::mutex and no view into thread-local scratch across a
// wait; it keeps big arrays off its stack of 256 KiB. A fiber never moves to another thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace boost::asio {
class io_context;
}

namespace trunkline::runtime {

using Task = std::move_only_function<void()>;
using SteadyTime = std::chrono::steady_clock::time_point;

inline SteadyTime steady_now() {
  return std::chrono::steady_clock::now();
}

// From now until then, rounded up; never less than zero.
Duration time_left(SteadyTime until);

class Fiber;
class Timer;

// What a loop did since the last time somebody asked, for the metrics.
struct LoopStatistics {
  Duration longest_run{};  // the longest stretch without giving the thread back; above 10 ms is a defect
  std::size_t fibers_running = 0;  // started and not finished
};

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();  // no fiber may be running any more
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs on the calling thread until stop(); work posted before is done first.
  void run();
  // Any thread.
  void stop();

  // Runs `task` on the loop's thread, outside any fiber: it must not wait. Any thread.
  void post(Task task);
  // Starts a fiber on this loop. Any thread. `name` is static text, for diagnosis. An exception that leaves
  // `body` ends the process: it is a defect.
  void spawn(const char* name, Task body);
  // The same without a detour through the queue: the fiber runs to its first wait before this returns. Only
  // on the loop's thread and outside any fiber.
  void start(const char* name, Task body);

  // Runs `task` on the loop's thread after `delay`, outside any fiber, unless the Timer is destroyed first.
  // Only on the loop's thread.
  [[nodiscard]] Timer call_after(Duration delay, Task task);

  LoopStatistics take_statistics();

  // The loop of this thread; nullptr when the thread runs none.
  static EventLoop* current();

  // For net/ and db/postgres only: the Asio context that this loop runs.
  boost::asio::io_context& context();

 private:
  friend class Waiter;
  friend class Timer;
  friend class Fiber;
  friend void yield();
  struct State;
  void resume_soon(Fiber& fiber);
  void resume_all_soon(std::vector<Fiber*> fibers);
  std::unique_ptr<State> state_;
};

// A pending call of EventLoop::call_after. Destroying or cancelling it calls the call off. Only on the loop's
// thread.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept;
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { cancel(); }
  void cancel();
  bool is_pending() const;

 private:
  friend class EventLoop;
  struct Entry;
  explicit Timer(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
  std::shared_ptr<Entry> entry_;
};

// True on a fiber: only there may code wait.
bool on_fiber();

// Waits at least `duration`. Suspends.
void sleep_for(Duration duration);

// Lets the loop and other fibers run. Suspends.
void yield();

// Where one fiber waits for one wake. Made by the fiber that will wait; woken at most once, from any thread,
// before or after the wait begins. The Waiter must live until then: whoever waits here is always woken.
class Waiter {
 public:
  Waiter();
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  void wait();  // suspends
  void wake();
  // Wakes many at the price of one hand-over a loop.
  static void wake_all(std::span<Waiter* const> waiters);

 private:
  // Marks it woken; the fiber to resume, or nullptr when it does not wait yet.
  Fiber* mark_woken();
  enum class Phase : std::uint8_t { idle, waiting, woken };
  EventLoop* loop_;
  Fiber* fiber_;
  std::atomic<Phase> phase_{Phase::idle};
};

// One value handed to one waiting fiber.
template <class T>
class Completion {
 public:
  void complete(T value) {
    value_.emplace(std::move(value));
    waiter_.wake();
  }
  T wait() {  // suspends
    waiter_.wait();
    return std::move(*value_);
  }

 private:
  Waiter waiter_;
  std::optional<T> value_;
};

// Starts a loop on this thread, runs `body` on a fiber and returns its result when it has finished. For
// main(), commands and tests. A loop in which other fibers still wait stays until the process ends.
void run_to_completion(Task body);

// The moment after which nobody waits for the current fiber's work any more. Requests set it, whatever they
// wait for keeps to it. `SteadyTime::max()` when there is none.
SteadyTime current_deadline();

// Sets the current fiber's deadline for a scope; an earlier one that is there already stays.
class DeadlineScope {
 public:
  explicit DeadlineScope(Duration from_now);
  ~DeadlineScope();
  DeadlineScope(const DeadlineScope&) = delete;
  DeadlineScope& operator=(const DeadlineScope&) = delete;

 private:
  SteadyTime previous_;
};

}  // namespace trunkline::runtime
