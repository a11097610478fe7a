// Exact decimal numbers for amounts, rates and quantities: an integer of 127 bits over a power of ten.
// Nothing here is ever a binary fraction; a sum of products stays exact until it is rounded, once, by a rule
// that is named.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace trunkline {

__extension__ typedef __int128 Int128;

// What happens to the digits that are cut off.
enum class Rounding : std::uint8_t {
  half_away_from_zero,  // 2.5 becomes 3, -2.5 becomes -3: the rule for money (contracts/pricing-api.md,
                        // section 4)
  half_even,            // 2.5 becomes 2, 3.5 becomes 4
  down,                 // towards zero
  up,                   // away from zero
  ceiling,              // towards positive infinity
  floor,                // towards negative infinity
};

template <class T>
concept PlainInteger = std::integral<T> && !std::same_as<T, bool> && sizeof(T) <= sizeof(std::int64_t);

// The value is coefficient / 10^scale, with |coefficient| < 2^127 (a little over 38 digits) and a scale of 0
// to 30. Equal values of different scale are equal, print alike and hash alike.
//
// Arithmetic is exact. When the exact result does not fit it throws std::overflow_error: inputs are bounded
// where they are parsed, so that is a defect of the program and not an answer to a caller.
class Decimal {
 public:
  static constexpr int max_scale = 30;
  static constexpr std::size_t max_text_size = 100;

  constexpr Decimal() = default;
  template <PlainInteger Integer>
  constexpr explicit Decimal(Integer whole) : coefficient_(whole) {}
  // Not from binary fractions, ever.
  explicit Decimal(std::floating_point auto) = delete;

  // `units` / 10^places: from_units(1250, 2) is 12.5. Throws when `places` is not 0 to 30.
  static Decimal from_units(Int128 units, int places);

  // Reads [+-] digits [. digits] [(e|E) [+-] digits], with digits on at least one side of the point: "12",
  // "-0.05", "1.666E-4". Errors: decimal_syntax; decimal_range when it has more than 30 decimals, more digits
  // than fit, or more than 100 characters. Zeros that change nothing do not count as digits.
  static Result<Decimal> parse(std::string_view text);

  // Without exponent and without zeros that change nothing: "0.1", "12", "-0.000167".
  std::string to_text() const;
  // With exactly `places` decimals, rounded if there are more: "12.30".
  std::string to_text(int places, Rounding rule = Rounding::half_away_from_zero) const;

  Int128 coefficient() const { return coefficient_; }
  int scale() const { return scale_; }
  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return coefficient_ < 0; }

  // The value with at most `places` decimals (0 to 30).
  Decimal round(int places, Rounding rule = Rounding::half_away_from_zero) const;
  // The quotient with at most `places` decimals, rounded once. Throws std::domain_error when `by` is zero,
  // and std::overflow_error when the quotient in units of 10^-places does not fit.
  Decimal divide(const Decimal& by, int places, Rounding rule = Rounding::half_away_from_zero) const;

  // The value in units of 10^-places, as the database keeps it; nothing when it has more decimals or does not
  // fit.
  std::optional<std::int64_t> to_units(int places) const;
  // Nothing when it is not a whole number or does not fit.
  std::optional<std::int64_t> to_int64() const { return to_units(0); }

  Decimal operator-() const { return Decimal(-coefficient_, scale_); }
  friend Decimal operator+(const Decimal& left, const Decimal& right);
  friend Decimal operator-(const Decimal& left, const Decimal& right) { return left + -right; }
  friend Decimal operator*(const Decimal& left, const Decimal& right);
  template <PlainInteger Integer>
  friend Decimal operator*(const Decimal& left, Integer right) {
    return left * Decimal(right);
  }
  Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
  Decimal& operator-=(const Decimal& other) { return *this = *this - other; }
  Decimal& operator*=(const Decimal& other) { return *this = *this * other; }

  friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);
  friend bool operator==(const Decimal& left, const Decimal& right) { return (left <=> right) == 0; }

  std::size_t hash() const;

 private:
  constexpr Decimal(Int128 coefficient, int scale) : coefficient_(coefficient), scale_(scale) {}

  Int128 coefficient_ = 0;
  int scale_ = 0;
};

namespace literals {
// For constants and tests: "0.0125"_decimal. Throws std::invalid_argument when the text is not a decimal
// number.
Decimal operator""_decimal(const char* text, std::size_t size);
}  // namespace literals

namespace error_codes {
inline constexpr ErrorCode decimal_syntax{"decimal_syntax", ErrorKind::invalid};
inline constexpr ErrorCode decimal_range{"decimal_range", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline

template <>
struct std::hash<trunkline::Decimal> {
  std::size_t operator()(const trunkline::Decimal& value) const noexcept { return value.hash(); }
};
