// Where the time comes from. Everything that needs "now" is given a Clock, so that tests and simulations own
// time.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/time.hpp"

namespace trunkline {

class Clock {
 public:
  virtual ~Clock() = default;
  // The wall clock, UTC. It may step back; durations inside one process are measured with `steady`.
  virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Instant now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

// A clock that stands still until it is told. Safe to move from one thread while others read it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(to_microseconds(start)) {}
  Instant now() const override { return from_microseconds(now_.load()); }
  void advance(Duration by) { now_.fetch_add(by.count()); }
  void set(Instant to) { now_.store(to_microseconds(to)); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace trunkline
