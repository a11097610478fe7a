// So many requests in any stretch of time, and not one more: the moments of the last ones are kept.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "trunkline/engagement/customers.hpp"

namespace trunkline::inline v1::detail {

// Thread-safe.
class SlidingWindow {
 public:
  SlidingWindow(const engagement::RateLimit& limit, std::shared_ptr<Clock> clock)
      : limit_(limit), clock_(std::move(clock)) {}

  // Blocks until there is room, and takes it.
  void wait();

 private:
  engagement::RateLimit limit_;
  std::shared_ptr<Clock> clock_;
  std::mutex mutex_;
  std::deque<std::chrono::steady_clock::time_point> taken_;
};

}  // namespace trunkline::inline v1::detail
