// A quota of so many requests in each window of time, counted as providers do: windows begin at whole
// multiples of their length.
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace trunkline::fakes {

struct QuotaVerdict {
  bool admitted = false;
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  Instant resets_at{};
};

class Quota {
 public:
  Quota(std::int64_t limit, Duration window) : limit_(limit), window_(window) {}

  QuotaVerdict take(Instant now) {
    const std::int64_t window = to_microseconds(now) / window_.count();
    if (window != current_) {
      current_ = window;
      used_ = 0;
    }
    const bool admitted = used_ < limit_;
    if (admitted) ++used_;
    return {admitted, limit_, limit_ - used_, from_microseconds((window + 1) * window_.count())};
  }

 private:
  std::int64_t limit_;
  Duration window_;
  std::int64_t current_ = -1;
  std::int64_t used_ = 0;
};

}  // namespace trunkline::fakes
