// Pauses between tries of what fails for now: each is twice the one before, up to a limit.
#pragma once

#include <algorithm>
#include <utility>

#include "base/time.hpp"

namespace trunkline {

class Backoff {
 public:
  constexpr Backoff(Duration first, Duration longest) : pause_(first), longest_(longest) {}

  Duration next() { return std::exchange(pause_, std::min(pause_ * 2, longest_)); }

 private:
  Duration pause_;
  Duration longest_;
};

}  // namespace trunkline
