// What a provider's client needs of the program around it.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/client.hpp"

namespace trunkline::warehouse {

// All must outlive the client.
struct ClientContext {
  net::Client& http;
  const Clock& clock;
  Random& random;
  // How to wait; simulations move their clock instead. Empty: the fiber sleeps.
  std::function<void(Duration)> sleep = {};
};

}  // namespace trunkline::warehouse
