// Decimal against an oracle that shares nothing with it: schoolbook arithmetic on strings of digits.
#include <algorithm>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/decimal.hpp"

namespace trunkline {
namespace {

// A natural number in decimal digits, without leading zeros; zero is "".
using Natural = std::string;

const Natural largest_coefficient = "170141183460469231731687303715884105727";  // 2^127 - 1

Natural trimmed(Natural digits) {
  return digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

bool less(const Natural& left, const Natural& right) {
  return left.size() != right.size() ? left.size() < right.size() : left < right;
}

int digit_at(const Natural& number, std::size_t from_right) {
  return from_right < number.size() ? number[number.size() - 1 - from_right] - '0' : 0;
}

Natural add(const Natural& left, const Natural& right) {
  Natural sum;
  int carry = 0;
  for (std::size_t i = 0; i < std::max(left.size(), right.size()) || carry != 0; ++i) {
    const int digit = digit_at(left, i) + digit_at(right, i) + carry;
    sum.insert(sum.begin(), static_cast<char>('0' + digit % 10));
    carry = digit / 10;
  }
  return trimmed(sum);
}

Natural subtract(const Natural& left, const Natural& right) {
  Natural difference;
  int borrow = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const int digit = digit_at(left, i) - digit_at(right, i) - borrow;
    borrow = digit < 0 ? 1 : 0;
    difference.insert(difference.begin(), static_cast<char>('0' + (digit + 10) % 10));
  }
  return trimmed(difference);
}

Natural multiply(const Natural& left, const Natural& right) {
  Natural product;
  for (const char digit : right) {
    if (!product.empty()) product += '0';
    for (int i = '0'; i < digit; ++i) product = add(product, left);
  }
  return product;
}

Natural divide(const Natural& dividend, const Natural& divisor) {
  Natural quotient;
  Natural remainder;
  for (const char digit : dividend) {
    remainder = trimmed(remainder + digit);
    char count = '0';
    for (; !less(remainder, divisor); ++count) remainder = subtract(remainder, divisor);
    quotient += count;
  }
  return trimmed(quotient);
}

Natural shifted(const Natural& number, int places) {
  return number.empty() ? number : number + std::string(static_cast<std::size_t>(places), '0');
}

// What a Decimal stands for, or would if it could hold it.
struct Exact {
  bool negative = false;
  Natural digits;
  int scale = 0;

  friend bool operator==(const Exact&, const Exact&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Exact& value) {
    return out << (value.negative ? "-" : "") << value.digits << "e-" << value.scale;
  }
};

// In lowest terms.
Exact reduced(bool negative, Natural digits, int scale) {
  while (scale > 0 && digits.ends_with('0')) {
    digits.pop_back();
    --scale;
  }
  if (digits.empty()) return {};
  return {negative, digits, scale};
}

bool representable(const Exact& value) {
  return value.scale <= Decimal::max_scale && !less(largest_coefficient, value.digits);
}

Natural natural_of(Int128 value) {
  Natural digits;
  for (; value != 0; value /= 10) {
    const int digit = static_cast<int>(value % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return digits;
}

Exact exact(const Decimal& value) {
  return reduced(value.is_negative(), natural_of(value.coefficient()), value.scale());
}

Exact exact_sum(const Exact& left, const Exact& right) {
  const int scale = std::max(left.scale, right.scale);
  const Natural a = shifted(left.digits, scale - left.scale);
  const Natural b = shifted(right.digits, scale - right.scale);
  if (left.negative == right.negative) return reduced(left.negative, add(a, b), scale);
  return less(a, b) ? reduced(right.negative, subtract(b, a), scale)
                    : reduced(left.negative, subtract(a, b), scale);
}

Exact exact_product(const Exact& left, const Exact& right) {
  return reduced(left.negative != right.negative, multiply(left.digits, right.digits),
                 left.scale + right.scale);
}

// numerator / denominator to a whole number, from the definitions of the rules.
Natural rounded(const Natural& numerator, const Natural& denominator, bool negative, Rounding rule) {
  const Natural floor = divide(numerator, denominator);
  const Natural rest = subtract(numerator, multiply(floor, denominator));
  const Natural twice = add(rest, rest);
  const bool tie = twice == denominator;
  const bool odd = !floor.empty() && (floor.back() - '0') % 2 == 1;
  bool up = false;
  if (rule == Rounding::half_away_from_zero) up = !less(twice, denominator);
  if (rule == Rounding::half_even) up = less(denominator, twice) || (tie && odd);
  if (rule == Rounding::up) up = !rest.empty();
  if (rule == Rounding::ceiling) up = !rest.empty() && !negative;
  if (rule == Rounding::floor) up = !rest.empty() && negative;
  return up ? add(floor, "1") : floor;
}

// In units of 10^-places.
Exact exact_quotient(const Exact& left, const Exact& right, int places, Rounding rule) {
  const bool negative = left.negative != right.negative;
  return {
      negative,
      rounded(shifted(left.digits, right.scale + places), shifted(right.digits, left.scale), negative, rule),
      places};
}

// The operation gives the oracle's value, or throws just when that value cannot be represented.
template <class Operation>
void same(const Exact& expected, Operation operation) {
  try {
    const Decimal value = operation();
    RC_ASSERT(exact(value) == reduced(expected.negative, expected.digits, expected.scale));
  } catch (const std::overflow_error&) {
    RC_ASSERT(!representable(expected));
  }
}

rc::Gen<int> places() {
  return rc::gen::inRange(0, Decimal::max_scale + 1);
}

rc::Gen<Rounding> rule() {
  return rc::gen::element(Rounding::half_away_from_zero, Rounding::half_even, Rounding::down, Rounding::up,
                          Rounding::ceiling, Rounding::floor);
}

// Coefficients of every length alike, some with many zeros at the end, some next to the limit.
rc::Gen<Decimal> decimal() {
  return rc::gen::exec([] {
    Int128 coefficient = *rc::gen::arbitrary<std::uint64_t>().as("high") & INT64_MAX;
    coefficient = coefficient << 64 | static_cast<Int128>(*rc::gen::arbitrary<std::uint64_t>().as("low"));
    coefficient >>= *rc::gen::inRange(0, 127);
    for (int zeros = *rc::gen::element(0, 0, 0, 5, 30); zeros > 0; --zeros) {
      Int128 longer = 0;
      if (!__builtin_mul_overflow(coefficient, Int128{10}, &longer)) coefficient = longer;
    }
    if (*rc::gen::arbitrary<bool>()) coefficient = -coefficient;
    return Decimal::from_units(coefficient, *places());
  });
}

// Of a size that products and sums of three still fit.
rc::Gen<Decimal> amount() {
  return rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::int32_t>(), rc::gen::inRange(0, 8)),
                      [](const auto& parts) { return Decimal::from_units(parts.first, parts.second); });
}

}  // namespace

// doctest and rapidcheck print it when a property fails.
std::ostream& operator<<(std::ostream& out, const Decimal& value) {
  return out << value.to_text();
}

namespace {

TEST_CASE("what a decimal prints, it reads back as the same value") {
  CHECK(rc::check([] {
    const Decimal value = *decimal();
    RC_ASSERT(Decimal::parse(value.to_text()).value() == value);
    RC_ASSERT(exact(Decimal::parse(value.to_text()).value()) == exact(value));
    RC_ASSERT(Decimal::parse(value.to_text(Decimal::max_scale)).value() == value);
    const std::string scientific = value.to_text() + "e-0" + (value.is_zero() ? "99" : "0");
    RC_ASSERT(Decimal::parse(scientific).value() == value);
  }));
}

TEST_CASE("sums, differences and products are exact, and throw just when they cannot be represented") {
  CHECK(rc::check([] {
    const Decimal left = *decimal();
    const Decimal right = *decimal();
    Exact minus_right = exact(right);
    minus_right.negative = !minus_right.negative && !right.is_zero();
    same(exact_sum(exact(left), exact(right)), [&] { return left + right; });
    same(exact_sum(exact(left), minus_right), [&] { return left - right; });
    same(exact_product(exact(left), exact(right)), [&] { return left * right; });
  }));
}

TEST_CASE("rounding gives the neighbour that the rule's definition names") {
  CHECK(rc::check([] {
    const Decimal value = *decimal();
    const int kept = *places();
    const Rounding how = *rule();
    const Decimal result = value.round(kept, how);
    same(exact_quotient(exact(value), exact(Decimal(1)), kept, how), [&] { return result; });
    RC_ASSERT(result.round(kept, how) == result);
    RC_ASSERT(Decimal::parse(value.to_text(kept, how)).value() == result);
  }));
}

TEST_CASE("a quotient is the exact one, rounded once") {
  CHECK(rc::check([] {
    const Decimal left = *decimal();
    const Decimal right =
        *rc::gen::suchThat(decimal(), [](const Decimal& value) { return !value.is_zero(); });
    const int kept = *places();
    const Rounding how = *rule();
    same(exact_quotient(exact(left), exact(right), kept, how), [&] { return left.divide(right, kept, how); });
  }));
}

TEST_CASE("a quotient whose dividend outgrows 256 bits is found not to fit") {
  CHECK(rc::check([] {
    const Decimal left = Decimal::from_units((*decimal()).coefficient(), *rc::gen::inRange(0, 3));
    const Decimal right = Decimal::from_units((*decimal()).coefficient() | 1, *rc::gen::inRange(28, 31));
    const int kept = *rc::gen::inRange(28, 31);
    same(exact_quotient(exact(left), exact(right), kept, Rounding::half_even),
         [&] { return left.divide(right, kept, Rounding::half_even); });
  }));
}

TEST_CASE("quotients that are ties follow the rule") {
  CHECK(rc::check([] {
    // (n + 1/2) / 10^kept times any divisor, divided by it.
    const int kept = *rc::gen::inRange(0, 6);
    const Decimal tie = Decimal::from_units(Int128{*rc::gen::arbitrary<std::int32_t>()} * 10 + 5, kept + 1);
    const Decimal divisor =
        *rc::gen::suchThat(amount(), [](const Decimal& value) { return !value.is_zero(); });
    const Rounding how = *rule();
    RC_ASSERT((tie * divisor).divide(divisor, kept, how) == tie.round(kept, how));
  }));
}

TEST_CASE("the laws of a ring hold") {
  CHECK(rc::check([] {
    const Decimal a = *amount();
    const Decimal b = *amount();
    const Decimal c = *amount();
    RC_ASSERT(a + b == b + a);
    RC_ASSERT((a + b) + c == a + (b + c));
    RC_ASSERT(a + Decimal(0) == a);
    RC_ASSERT(a - a == Decimal(0));
    RC_ASSERT(a * b == b * a);
    RC_ASSERT((a * b) * c == a * (b * c));
    RC_ASSERT(a * Decimal(1) == a);
    RC_ASSERT(a * (b + c) == a * b + a * c);
    RC_ASSERT(-(a * b) == -a * b);
  }));
}

TEST_CASE("comparison is that of the exact values, and equal values hash alike") {
  CHECK(rc::check([] {
    const Decimal left = *decimal();
    // Half of the time the same value in another scale.
    const Decimal right =
        *rc::gen::oneOf(decimal(), rc::gen::just(left.round(*places())), rc::gen::just(left * Decimal(1)));
    const Exact difference = exact_sum(exact(left), Exact{!right.is_negative() && !right.is_zero(),
                                                          exact(right).digits, exact(right).scale});
    RC_ASSERT((left == right) == difference.digits.empty());
    RC_ASSERT((left < right) == difference.negative);
    RC_ASSERT((right < left) == (!difference.negative && !difference.digits.empty()));
    if (left == right) RC_ASSERT(left.hash() == right.hash());
  }));
}

TEST_CASE("units are the value times a power of ten, when that is a whole number of 64 bits") {
  CHECK(rc::check([] {
    const Decimal value = *rc::gen::oneOf(decimal(), amount());
    const int kept = *places();
    const Exact scaled = exact_product(exact(value), Exact{false, shifted("1", kept), 0});
    const Natural bound = value.is_negative() ? "9223372036854775808" : "9223372036854775807";
    const bool fits = scaled.scale == 0 && !less(bound, scaled.digits);
    const auto units = value.to_units(kept);
    RC_ASSERT(units.has_value() == fits);
    if (units) RC_ASSERT(Decimal::from_units(*units, kept) == value);
  }));
}

}  // namespace
}  // namespace trunkline
