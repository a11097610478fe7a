// When to try again, as pure rules (RetryPolicy in trunkline/options.hpp says the same for people).
#pragma once

#include <algorithm>
#include <chrono>

#include "trunkline/error.hpp"
#include "trunkline/options.hpp"

namespace trunkline::inline v1::detail {

// `repeatable`: sending the request twice does no harm.
inline bool may_try_again(const Failure& failure, bool repeatable) {
  return failure.temporary && (repeatable || !failure.sent);
}

// Before the try after the failed one; `tries_so_far` from 1, `fraction` from 0 to below 1 by chance.
inline std::chrono::milliseconds pause_before_next(const RetryPolicy& policy, int tries_so_far,
                                                   const Failure& failure, double fraction) {
  auto whole = std::min(policy.first_pause, policy.longest_pause);
  for (int doubled = 1; doubled < tries_so_far && whole < policy.longest_pause; ++doubled) {
    whole = std::min(whole * 2, policy.longest_pause);
  }
  const auto half = whole / 2;
  const std::chrono::milliseconds by_chance(
      static_cast<std::chrono::milliseconds::rep>(static_cast<double>((whole - half).count()) * fraction));
  const std::chrono::milliseconds asked = failure.retry_after.value_or(std::chrono::seconds(0));
  return std::max(half + by_chance, asked);
}

}  // namespace trunkline::inline v1::detail
