#include "base/decimal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "base/text.hpp"
#include "base/wide.hpp"

namespace trunkline {
namespace {

constexpr UInt128 limit = (UInt128{1} << 127) - 1;  // the largest coefficient, either side of zero

constexpr int max_power = 38;  // 10^38 is the last power below the limit

constexpr std::array<UInt128, max_power + 1> powers_of_ten = [] {
  std::array<UInt128, max_power + 1> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

UInt128 power_of_ten(int exponent) {
  return powers_of_ten[static_cast<std::size_t>(exponent)];
}

UInt128 magnitude_of(Int128 value) {
  return value < 0 ? -static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

Int128 with_sign(UInt128 magnitude, bool negative) {
  return negative ? -static_cast<Int128>(magnitude) : static_cast<Int128>(magnitude);
}

// A product that overflows or lands on -2^127, which is no coefficient, does not fit.
bool multiply_fits(Int128 left, Int128 right, Int128& product) {
  return !__builtin_mul_overflow(left, right, &product) && product >= -static_cast<Int128>(limit);
}

[[noreturn]] void throw_overflow(const char* operation) {
  throw std::overflow_error(std::string("decimal overflow in ") + operation);
}

void require_places(int places) {
  if (places < 0 || places > Decimal::max_scale) throw std::invalid_argument("decimal places are 0 to 30");
}

// Cuts decimals that are zero until the value is a Decimal, and throws when a digit would be lost.
Decimal fit(Wide magnitude, bool negative, int scale, const char* operation) {
  while (magnitude.high != 0 || magnitude.low > limit || scale > Decimal::max_scale) {
    if (scale == 0 || divide_short(magnitude, 10) != 0) throw_overflow(operation);
    --scale;
  }
  return Decimal::from_units(with_sign(magnitude.low, negative), scale);
}

// What a division leaves, next to the divisor.
enum class Rest : std::uint8_t { nothing, below_half, half, above_half };

struct Quotient {
  UInt128 whole;
  Rest rest;
};

Rest rest_of(UInt128 remainder, UInt128 divisor) {
  if (remainder == 0) return Rest::nothing;
  const UInt128 missing = divisor - remainder;
  if (remainder == missing) return Rest::half;
  return remainder < missing ? Rest::below_half : Rest::above_half;
}

Quotient divide_plain(UInt128 dividend, UInt128 divisor) {
  const UInt128 whole = dividend / divisor;
  return {whole, rest_of(dividend - whole * divisor, divisor)};
}

// By hand, a bit at a time. The divisor is below 2^127, so the shifted remainder never loses a bit.
Quotient divide_wide(const Wide& dividend, UInt128 divisor) {
  if (dividend.high == 0) return divide_plain(dividend.low, divisor);
  if (dividend.high >= divisor) throw_overflow("division");
  UInt128 remainder = dividend.high;
  UInt128 quotient = 0;
  for (int bit = 127; bit >= 0; --bit) {
    remainder = remainder << 1 | (dividend.low >> bit & 1);
    quotient <<= 1;
    if (remainder >= divisor) {
      remainder -= divisor;
      quotient |= 1;
    }
  }
  return {quotient, rest_of(remainder, divisor)};
}

// Divides once more, by 10^exponent, and keeps count of what the first division left.
Quotient divide_again(const Quotient& first, int exponent) {
  Quotient second = divide_plain(first.whole, power_of_ten(exponent));
  if (first.rest == Rest::nothing) return second;
  if (second.rest == Rest::nothing) second.rest = Rest::below_half;
  if (second.rest == Rest::half) second.rest = Rest::above_half;
  return second;
}

bool moves_away_from_zero(const Quotient& quotient, bool negative, Rounding rule) {
  if (quotient.rest == Rest::nothing) return false;
  switch (rule) {
    case Rounding::half_away_from_zero:
      return quotient.rest >= Rest::half;
    case Rounding::half_even:
      return quotient.rest == Rest::above_half || (quotient.rest == Rest::half && (quotient.whole & 1) != 0);
    case Rounding::down:
      return false;
    case Rounding::up:
      return true;
    case Rounding::ceiling:
      return !negative;
    case Rounding::floor:
      return negative;
  }
  return false;
}

UInt128 rounded(const Quotient& quotient, bool negative, Rounding rule) {
  return quotient.whole + (moves_away_from_zero(quotient, negative, rule) ? 1 : 0);
}

// The digits of a decimal number as they come in: coefficient * 10^exponent. Zeros wait until a digit follows
// them.
struct Digits {
  UInt128 coefficient = 0;
  int waiting_zeros = 0;
  int decimals = 0;
  int count = 0;
  bool fits = true;

  void take(char character, bool after_point) {
    ++count;
    if (after_point) ++decimals;
    if (character == '0') {
      if (coefficient != 0) ++waiting_zeros;
      return;
    }
    const int shift = coefficient == 0 ? 0 : waiting_zeros + 1;
    waiting_zeros = 0;
    const UInt128 digit = static_cast<UInt128>(character - '0');
    UInt128 shifted = 0;
    if (shift > max_power || __builtin_mul_overflow(coefficient, power_of_ten(shift), &shifted) ||
        shifted > limit - digit) {
      fits = false;
      return;
    }
    coefficient = shifted + digit;
  }

  int exponent() const { return waiting_zeros - decimals; }
};

// What follows the E; nothing when it is not a whole number. Cut at a size that no number of ours can reach.
std::optional<int> parse_exponent(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
  }
  constexpr int cut = 1'000'000;
  int value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (rest != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return text.starts_with('-') ? -cut : cut;
  return std::clamp(value, -cut, cut);
}

std::unexpected<Error> syntax_error() {
  return fail(error_codes::decimal_syntax,
              "not a decimal number; write it with digits and at most one point, like 12.5, -0.05 or 1.6E-4");
}

std::unexpected<Error> range_error(const char* what) {
  return fail(error_codes::decimal_range,
              std::string("the number has ") + what + "; at most 38 digits with 30 decimals are kept");
}

// The decimal digits, at least `least` of them.
std::string digits_of(UInt128 magnitude, std::size_t least) {
  constexpr std::uint64_t chunk = 10'000'000'000'000'000'000U;  // 19 digits, as many as 64 bits hold
  std::array<char, 48> buffer;
  std::size_t position = buffer.size();
  const auto write = [&](std::uint64_t part) {
    for (; part != 0; part /= 10) buffer[--position] = static_cast<char>('0' + part % 10);
  };
  const auto pad = [&](std::size_t size) {
    while (buffer.size() - position < size) buffer[--position] = '0';
  };
  for (std::size_t size = 19; magnitude >= chunk; magnitude /= chunk, size += 19) {
    write(static_cast<std::uint64_t>(magnitude % chunk));
    pad(size);
  }
  write(static_cast<std::uint64_t>(magnitude));
  pad(least);
  return std::string(&buffer[position], buffer.size() - position);
}

}  // namespace

Decimal Decimal::from_units(Int128 units, int places) {
  require_places(places);
  if (magnitude_of(units) > limit) throw_overflow("from_units");
  return Decimal(units, places);
}

Result<Decimal> Decimal::parse(std::string_view text) {
  if (text.size() > max_text_size) return range_error("more than 100 characters");
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);

  Digits digits;
  bool after_point = false;
  std::size_t position = 0;
  for (; position < text.size(); ++position) {
    if (is_digit(text[position])) {
      digits.take(text[position], after_point);
    } else if (text[position] == '.' && !after_point) {
      after_point = true;
    } else {
      break;
    }
  }
  if (digits.count == 0) return syntax_error();
  std::optional<int> exponent = 0;
  if (position < text.size()) {
    if (text[position] != 'e' && text[position] != 'E') return syntax_error();
    exponent = parse_exponent(text.substr(position + 1));
    if (!exponent) return syntax_error();
  }

  if (!digits.fits) return range_error("too many digits");
  if (digits.coefficient == 0) return Decimal();
  const int power = *exponent + digits.exponent();
  if (power < -max_scale) return range_error("too many decimals");
  if (power <= 0) return Decimal(with_sign(digits.coefficient, negative), -power);
  if (power > max_power || digits.coefficient > limit / power_of_ten(power)) {
    return range_error("too many digits");
  }
  return Decimal(with_sign(digits.coefficient * power_of_ten(power), negative), 0);
}

std::string Decimal::to_text() const {
  const auto decimals = static_cast<std::size_t>(scale_);
  std::string text = digits_of(magnitude_of(coefficient_), decimals + 1);
  if (decimals != 0) {
    text.insert(text.size() - decimals, 1, '.');
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  if (is_negative()) text.insert(text.begin(), '-');
  return text;
}

std::string Decimal::to_text(int places, Rounding rule) const {
  const Decimal shown = round(places, rule);
  const auto decimals = static_cast<std::size_t>(places);
  const auto digits_there = static_cast<std::size_t>(shown.scale_);
  std::string text = digits_of(magnitude_of(shown.coefficient_), digits_there + 1);
  text.append(decimals - digits_there, '0');
  if (decimals != 0) text.insert(text.size() - decimals, 1, '.');
  if (shown.is_negative()) text.insert(text.begin(), '-');
  return text;
}

Decimal Decimal::round(int places, Rounding rule) const {
  require_places(places);
  if (scale_ <= places) return *this;
  const Quotient quotient = divide_plain(magnitude_of(coefficient_), power_of_ten(scale_ - places));
  return Decimal(with_sign(rounded(quotient, is_negative(), rule), is_negative()), places);
}

Decimal Decimal::divide(const Decimal& by, int places, Rounding rule) const {
  require_places(places);
  if (by.is_zero()) throw std::domain_error("decimal division by zero");
  if (is_zero()) return Decimal();
  const bool negative = is_negative() != by.is_negative();
  const UInt128 divisor = magnitude_of(by.coefficient_);

  // The quotient in units of 10^-places is this coefficient * 10^exponent / the divisor.
  const int exponent = by.scale_ - scale_ + places;
  Quotient quotient;
  if (exponent < 0) {
    quotient = divide_again(divide_plain(magnitude_of(coefficient_), divisor), -exponent);
  } else {
    Wide dividend = multiply_wide(magnitude_of(coefficient_), power_of_ten(std::min(exponent, max_scale)));
    if (exponent > max_scale) {
      const UInt128 more = power_of_ten(exponent - max_scale);
      const Wide upper = multiply_wide(dividend.high, more);
      if (upper.high != 0) throw_overflow("division");
      dividend = add(Wide{upper.low, 0}, multiply_wide(dividend.low, more));
      if (dividend.high < upper.low) throw_overflow("division");
    }
    quotient = divide_wide(dividend, divisor);
  }
  const UInt128 result = rounded(quotient, negative, rule);
  if (result > limit) throw_overflow("division");
  return Decimal(with_sign(result, negative), places);
}

std::optional<std::int64_t> Decimal::to_units(int places) const {
  require_places(places);
  Int128 units = coefficient_;
  if (scale_ <= places) {
    if (!multiply_fits(coefficient_, static_cast<Int128>(power_of_ten(places - scale_)), units))
      return std::nullopt;
  } else {
    const Int128 divisor = static_cast<Int128>(power_of_ten(scale_ - places));
    units = coefficient_ / divisor;
    if (units * divisor != coefficient_) return std::nullopt;
  }
  if (units < INT64_MIN || units > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(units);
}

Decimal operator+(const Decimal& left, const Decimal& right) {
  if (left.scale_ < right.scale_) return right + left;
  // `right` has at most as many decimals as `left` and is brought to the same number of them.
  const UInt128 factor = power_of_ten(left.scale_ - right.scale_);
  Int128 sum = 0;
  if (multiply_fits(right.coefficient_, static_cast<Int128>(factor), sum) &&
      !__builtin_add_overflow(sum, left.coefficient_, &sum) && sum >= -static_cast<Int128>(limit)) {
    return Decimal(sum, left.scale_);
  }
  const Wide left_magnitude{0, magnitude_of(left.coefficient_)};
  const Wide right_magnitude = multiply_wide(magnitude_of(right.coefficient_), factor);
  if (left.is_negative() == right.is_negative()) {
    return fit(add(left_magnitude, right_magnitude), left.is_negative(), left.scale_, "addition");
  }
  const bool left_is_larger = left_magnitude > right_magnitude;
  return left_is_larger
             ? fit(subtract(left_magnitude, right_magnitude), left.is_negative(), left.scale_, "addition")
             : fit(subtract(right_magnitude, left_magnitude), right.is_negative(), left.scale_, "addition");
}

Decimal operator*(const Decimal& left, const Decimal& right) {
  const int scale = left.scale_ + right.scale_;
  Int128 product = 0;
  if (scale <= Decimal::max_scale && multiply_fits(left.coefficient_, right.coefficient_, product)) {
    return Decimal(product, scale);
  }
  return fit(multiply_wide(magnitude_of(left.coefficient_), magnitude_of(right.coefficient_)),
             left.is_negative() != right.is_negative(), scale, "multiplication");
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
  if (left.scale_ == right.scale_) return left.coefficient_ <=> right.coefficient_;
  if (left.scale_ > right.scale_) return 0 <=> (right <=> left);
  Int128 scaled = 0;
  if (multiply_fits(left.coefficient_, static_cast<Int128>(power_of_ten(right.scale_ - left.scale_)),
                    scaled)) {
    return scaled <=> right.coefficient_;
  }
  // Too large for any coefficient, so its sign decides.
  return left.is_negative() ? std::strong_ordering::less : std::strong_ordering::greater;
}

std::size_t Decimal::hash() const {
  Int128 coefficient = coefficient_;
  int scale = scale_;
  for (; scale > 0 && coefficient % 10 == 0; --scale) coefficient /= 10;
  const auto low = static_cast<std::uint64_t>(coefficient);
  const auto high = static_cast<std::uint64_t>(coefficient >> 64);
  const std::uint64_t mixed =
      (low ^ (high + static_cast<std::uint64_t>(scale)) * 0x94d049bb133111ebULL) * 0x9e3779b97f4a7c15ULL;
  return mixed ^ mixed >> 32;
}

Decimal literals::operator""_decimal(const char* text, std::size_t size) {
  const auto value = Decimal::parse({text, size});
  if (!value) throw std::invalid_argument(value.error().describe());
  return *value;
}

}  // namespace trunkline
