#include "billing/price.hpp"

namespace trunkline::billing {

using trunkline::literals::operator""_decimal;

PinnedPrice current_price() {
  static const PinnedPrice price{.per_minute = "0.10"_decimal, .currency = Currency("USD")};
  return price;
}

std::int64_t billed_minutes(std::int64_t duration_seconds) {
  return std::max<std::int64_t>((duration_seconds + 59) / 60, 1);
}

Money price_of(const PinnedPrice& price, std::int64_t minutes) {
  return Money{price.per_minute * minutes, price.currency}.rounded();
}

}  // namespace trunkline::billing
