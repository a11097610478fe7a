// Lets a model rest that fails again and again, so that calls do not wait for it each time.
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace trunkline::dialogue {

struct BreakerPolicy {
  std::size_t failures_max = 3;  // in a row
  Duration rest = seconds(30);
};

class Breaker {
 public:
  explicit Breaker(BreakerPolicy policy) : policy_(policy) {}

  // Whether to try it now. After a rest one caller tries it, while the others let it rest on.
  bool allows(Instant now) {
    if (failures_ < policy_.failures_max) return true;
    if (now < rests_until_) return false;
    rests_until_ = now + policy_.rest;
    return true;
  }

  void succeeded() { failures_ = 0; }

  void failed(Instant now) {
    if (++failures_ >= policy_.failures_max) rests_until_ = now + policy_.rest;
  }

 private:
  BreakerPolicy policy_;
  std::size_t failures_ = 0;  // in a row
  Instant rests_until_{};
};

}  // namespace trunkline::dialogue
