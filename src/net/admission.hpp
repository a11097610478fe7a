// Who of those that ask is served at once, who waits in line for their turn, and who is refused: overload
// costs those that are refused nothing but the asking, and those that wait never much of their patience
// (docs/operations.md, Overload). One for each loop, on its thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "net/limits.hpp"
#include "net/router.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::net {

class Admission {
 public:
  struct Limits {
    std::size_t running_max = limits::requests_running;
    // A request that would stand in line for longer is refused. Zero: there is no line.
    Duration wait_max = limits::request_wait;
    std::size_t waiting_max = limits::requests_waiting;
    std::size_t waiting_bytes_max = limits::request_bytes_waiting;
  };
  enum class Verdict : std::uint8_t { begins, waits, refused };

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // `begin` is taken when the request waits, and comes back from next(); `bytes` is what it holds meanwhile.
  // A live call's request always begins; one in the background is refused at half of the limits.
  Verdict ask(Priority priority, std::size_t bytes, runtime::SteadyTime now, runtime::Task& begin);
  // A request that began has ended.
  void leave() { --running_; }
  // The first in line, when there is room for it: it has begun.
  std::optional<runtime::Task> next(runtime::SteadyTime now);

  std::size_t running() const { return running_; }
  std::size_t waiting() const { return line_.size(); }

 private:
  struct Waiting {
    runtime::Task begin;
    std::size_t bytes;
    runtime::SteadyTime since;
  };

  bool line_is_too_long(std::size_t share, std::size_t bytes, runtime::SteadyTime now) const;
  void measure_pace(runtime::SteadyTime now);

  Limits limits_;
  std::size_t running_ = 0;
  std::deque<Waiting> line_;
  std::size_t waiting_bytes_ = 0;
  // How long the line takes for one of its requests, as measured lately.
  std::chrono::duration<double, std::micro> pace_{0};
  std::size_t begun_ = 0;  // of the line, since measured_from_
  runtime::SteadyTime measured_from_{};
};

}  // namespace trunkline::net
