// A quota that all requests of an account share: so many in any stretch of time as long as the window, which
// keeps to the quota however the provider counts its windows.
#pragma once

#include <deque>

#include "base/time.hpp"

namespace trunkline::warehouse {

// For one loop.
class Budget {
 public:
  Budget(std::size_t limit, Duration window) : limit_(limit), window_(window) {}

  // Takes a place for one request and says how long to wait for it. Places are given in order.
  Duration reserve(Instant now);
  // The provider says that nothing is left until then.
  void close_until(Instant instant);

 private:
  std::size_t limit_;
  Duration window_;
  Instant closed_until_{};
  std::deque<Instant> places_;  // the last `limit` ones
};

}  // namespace trunkline::warehouse
