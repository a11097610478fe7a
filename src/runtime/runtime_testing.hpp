// For tests that wait for what other fibers, threads or servers do.
#pragma once

#include <functional>

#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

// What must come to be may take this long: only a failing test waits for it, and a busy machine may stop a
// process for seconds.
inline constexpr Duration test_patience = seconds(30);

// Waits until `so()`; whether it came to be. On a fiber, or on a thread without a loop.
bool eventually(const std::function<bool()>& so);

}  // namespace trunkline::runtime
