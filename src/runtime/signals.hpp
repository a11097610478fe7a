// What the operating system asks of a process.
#pragma once

#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

// Runs `task` on the loop when the process is asked to end (SIGTERM, SIGINT): at the first time, and again at
// each further one. Lives as long as the object.
class TerminationSignals {
 public:
  TerminationSignals(EventLoop& loop, std::function<void()> task);
  ~TerminationSignals();
  TerminationSignals(const TerminationSignals&) = delete;
  TerminationSignals& operator=(const TerminationSignals&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A write to a connection that is gone is an error of that write, not the end of the process.
void ignore_broken_pipes();

}  // namespace trunkline::runtime
