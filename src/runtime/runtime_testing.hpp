// For tests that wait for what other fibers, threads or servers do.
#pragma once

#include <thread>

#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

// What must come to be may take this long: only a failing test waits for it, and a busy machine may stop a
// process for seconds.
inline constexpr Duration test_patience = seconds(30);

// Waits until `so()`; whether it came to be. On a fiber, or on a thread without a loop.
template <typename Condition>
bool eventually(Condition so) {
  constexpr Duration pause = milliseconds(2);
  const SteadyTime until = std::chrono::steady_clock::now() + test_patience;
  while (!so()) {
    if (std::chrono::steady_clock::now() > until) return false;
    if (EventLoop::current() == nullptr) {
      std::this_thread::sleep_for(pause);
    } else {
      sleep_for(pause);
    }
  }
  return true;
}

}  // namespace trunkline::runtime
