// What a call costs (contracts/voice-api.md, section 6). The price is pinned when the call is created and
// travels with it.
#pragma once

#include "base/money.hpp"

namespace trunkline::billing {

struct PinnedPrice {
  Decimal per_minute;  // of a started minute
  Currency currency;

  friend bool operator==(const PinnedPrice&, const PinnedPrice&) = default;
};

// 0.10 USD for each started minute.
PinnedPrice current_price();

// max(ceil(seconds / 60), 1): 0, 1 and 60 seconds are one minute, 61 are two.
std::int64_t billed_minutes(std::int64_t duration_seconds);

// Rounded once, half away from zero, to the currency's minor unit.
Money price_of(const PinnedPrice& price, std::int64_t minutes);

}  // namespace trunkline::billing
