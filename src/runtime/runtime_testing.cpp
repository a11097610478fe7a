#include "runtime/runtime_testing.hpp"

#include <thread>

namespace trunkline::runtime {

namespace {

// A fiber must not block its loop; a thread without a loop has nothing else to do.
void pause() {
  constexpr Duration length = milliseconds(2);
  if (EventLoop::current() == nullptr) {
    std::this_thread::sleep_for(length);
  } else {
    sleep_for(length);
  }
}

}  // namespace

bool eventually(const std::function<bool()>& so) {
  const SteadyTime until = steady_now() + test_patience;
  while (!so()) {
    if (steady_now() > until) return false;
    pause();
  }
  return true;
}

}  // namespace trunkline::runtime
