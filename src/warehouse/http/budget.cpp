#include "warehouse/http/budget.hpp"

#include <algorithm>

namespace trunkline::warehouse {

Duration Budget::reserve(Instant now) {
  Instant place = std::max(now, closed_until_);
  if (places_.size() >= limit_) {
    place = std::max(place, places_.front() + window_);
    places_.pop_front();
  }
  places_.push_back(place);
  return place - now;
}

void Budget::close_until(Instant instant) {
  closed_until_ = std::max(closed_until_, instant);
}

}  // namespace trunkline::warehouse
