#include "engagement/sliding_window.hpp"

namespace trunkline::inline v1::detail {

void SlidingWindow::wait() {
  if (limit_.requests <= 0) return;
  while (true) {
    std::chrono::milliseconds pause{};
    {
      const std::lock_guard lock(mutex_);
      const auto now = clock_->now();
      while (!taken_.empty() && now - taken_.front() >= limit_.window) taken_.pop_front();
      if (taken_.size() < static_cast<std::size_t>(limit_.requests)) {
        taken_.push_back(now);
        return;
      }
      pause = std::chrono::ceil<std::chrono::milliseconds>(taken_.front() + limit_.window - now);
    }
    clock_->sleep_for(pause);
  }
}

}  // namespace trunkline::inline v1::detail
