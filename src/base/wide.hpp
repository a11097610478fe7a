// Unsigned integers of 256 bits: what base/decimal.cpp needs for results that take more than 128 bits on the
// way to one that fits, or to the certainty that none does.
#pragma once

#include <compare>
#include <cstdint>

namespace trunkline {

__extension__ typedef unsigned __int128 UInt128;

struct Wide {
  UInt128 high = 0;
  UInt128 low = 0;
  friend auto operator<=>(const Wide&, const Wide&) = default;
};

inline Wide multiply_wide(UInt128 left, UInt128 right) {
  constexpr UInt128 half = UINT64_MAX;
  const UInt128 low = (left & half) * (right & half);
  const UInt128 middle = (left >> 64) * (right & half) + (low >> 64);
  const UInt128 other_middle = (left & half) * (right >> 64) + (middle & half);
  return {(left >> 64) * (right >> 64) + (middle >> 64) + (other_middle >> 64),
          other_middle << 64 | (low & half)};
}

inline Wide add(const Wide& left, const Wide& right) {
  const UInt128 low = left.low + right.low;
  return {left.high + right.high + (low < left.low ? 1 : 0), low};
}

inline Wide subtract(const Wide& left, const Wide& right) {
  return {left.high - right.high - (left.low < right.low ? 1 : 0), left.low - right.low};
}

// Divides in place by up to 64 bits and returns the remainder.
inline std::uint64_t divide_short(Wide& value, std::uint64_t divisor) {
  std::uint64_t remainder = 0;
  const auto step = [&](UInt128& part) {
    UInt128 quotient = 0;
    for (const int shift : {64, 0}) {
      const UInt128 dividend = UInt128{remainder} << 64 | static_cast<std::uint64_t>(part >> shift);
      quotient = quotient << 64 | dividend / divisor;
      remainder = static_cast<std::uint64_t>(dividend % divisor);
    }
    part = quotient;
  };
  step(value.high);
  step(value.low);
  return remainder;
}

}  // namespace trunkline
