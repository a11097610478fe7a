#include "base/decimal.hpp"

#include <array>
#include <stdexcept>
#include <unordered_set>

#include <doctest/doctest.h>

namespace trunkline {
namespace {

using namespace trunkline::literals;

constexpr std::string_view largest_text = "170141183460469231731687303715884105727";  // 2^127 - 1
const Decimal largest = Decimal::parse(largest_text).value();
const Decimal smallest_step = Decimal::from_units(1, 30);

std::string parsed(std::string_view text) {
  const auto value = Decimal::parse(text);
  return value ? value->to_text() : std::string(value.error().code().name);
}

TEST_CASE("a decimal reads plain numbers, signs and exponents and prints them in one form") {
  struct Case {
    std::string_view text;
    std::string_view printed;
  };
  static constexpr std::array cases{
      Case{"0", "0"},
      Case{"-0", "0"},
      Case{"12", "12"},
      Case{"+12", "12"},
      Case{"-12.50", "-12.5"},
      Case{"0.1", "0.1"},
      Case{".5", "0.5"},
      Case{"5.", "5"},
      Case{"007.70", "7.7"},
      Case{"100", "100"},
      Case{"1.666E-4", "0.0001666"},  // contracts/telnyx.md, section 4: costs come in scientific notation
      Case{"1.6E-4", "0.00016"},
      Case{"-1.67e-4", "-0.000167"},
      Case{"1e+3", "1000"},
      Case{"1E3", "1000"},
      Case{"12.5e1", "125"},
      Case{"0e999999999999999999999", "0"},
      Case{"0.000000000000000", "0"},
      Case{"0.000000000000000000000000000001", "0.000000000000000000000000000001"},
      Case{"0.0000000000000000000000000000010000", "0.000000000000000000000000000001"},
      Case{"100e-32", "0.000000000000000000000000000001"},
      Case{"-170141183460469231731687303715884105727", "-170141183460469231731687303715884105727"},
      Case{"17014118346046923173168730371588410572.7000", "17014118346046923173168730371588410572.7"},
      Case{"1e38", "100000000000000000000000000000000000000"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    CHECK(parsed(example.text) == example.printed);
  }
}

TEST_CASE("a text that is no decimal number is refused as syntax") {
  for (std::string_view text :
       {"",      " ",   "-",  "+",  ".",   "-.",  "e5",   "1e",    "1e+", "1e-",      "1e+-5", "1e5.0",
        "1.2.3", "1,5", " 1", "1 ", "--1", "+-1", "0x10", "1_000", "NaN", "Infinity", "1e5x",  "१"}) {
    CAPTURE(text);
    CHECK(parsed(text) == "decimal_syntax");
  }
  CHECK(parsed(std::string_view("1\0", 2)) == "decimal_syntax");
}

TEST_CASE("a number that does not fit is refused as out of range, whatever its spelling") {
  for (std::string_view text :
       {"170141183460469231731687303715884105728", "-170141183460469231731687303715884105728", "2e38", "1e39",
        "1e999999999999999999999", "0.0000000000000000000000000000001", "1e-31", "1e-999999999999999999999",
        "1.0000000000000000000000000000000000000000000000001"}) {
    CAPTURE(text);
    CHECK(parsed(text) == "decimal_range");
  }
  CHECK(parsed(std::string(100, '0')) == "0");
  CHECK(parsed(std::string(101, '0')) == "decimal_range");
}

TEST_CASE("the errors of parsing say how to mend the text") {
  CHECK(Decimal::parse("1,5").error().message() ==
        "not a decimal number; write it with digits and at most one point, like 12.5, -0.05 or 1.6E-4");
  CHECK(Decimal::parse("1e-31").error().message() ==
        "the number has too many decimals; at most 38 digits with 30 decimals are kept");
  CHECK(Decimal::parse("1e-31").error().kind() == ErrorKind::invalid);
}

TEST_CASE("printing with fixed places pads with zeros and rounds half away from zero") {
  struct Case {
    Decimal value;
    int places;
    std::string_view printed;
  };
  const std::array cases{
      Case{"12.3"_decimal, 2, "12.30"},
      Case{"0"_decimal, 2, "0.00"},
      Case{"-0.004"_decimal, 2, "0.00"},
      Case{"10.365"_decimal, 2, "10.37"},
      Case{"-0.005"_decimal, 2, "-0.01"},
      Case{"1999.5"_decimal, 0, "2000"},
      Case{"7"_decimal, 0, "7"},
      Case{"0.05"_decimal, 4, "0.0500"},
      Case{largest, 2, "170141183460469231731687303715884105727.00"},
  };
  for (const Case& example : cases) {
    CHECK(example.value.to_text(example.places) == example.printed);
  }
  CHECK("0.125"_decimal.to_text(2, Rounding::half_even) == "0.12");
}

// The rows of java.math.RoundingMode's table, which Python's decimal module gives too, for
// HALF_UP, HALF_EVEN, DOWN, UP, CEILING and FLOOR.
TEST_CASE("each rounding rule treats ties and both signs as its name says") {
  struct Row {
    std::string_view value;
    std::array<int, 6> rounded;
  };
  static constexpr std::array rules{Rounding::half_away_from_zero,
                                    Rounding::half_even,
                                    Rounding::down,
                                    Rounding::up,
                                    Rounding::ceiling,
                                    Rounding::floor};
  static constexpr std::array rows{
      Row{"5.5", {6, 6, 5, 6, 6, 5}},
      Row{"2.5", {3, 2, 2, 3, 3, 2}},
      Row{"1.6", {2, 2, 1, 2, 2, 1}},
      Row{"1.1", {1, 1, 1, 2, 2, 1}},
      Row{"1.0", {1, 1, 1, 1, 1, 1}},
      Row{"-1.0", {-1, -1, -1, -1, -1, -1}},
      Row{"-1.1", {-1, -1, -1, -2, -1, -2}},
      Row{"-1.6", {-2, -2, -1, -2, -1, -2}},
      Row{"-2.5", {-3, -2, -2, -3, -2, -3}},
      Row{"-5.5", {-6, -6, -5, -6, -5, -6}},
      Row{"0.5", {1, 0, 0, 1, 1, 0}},
      Row{"-0.5", {-1, 0, 0, -1, 0, -1}},
      Row{"0.499999999", {0, 0, 0, 1, 1, 0}},
      Row{"0.500000001", {1, 1, 0, 1, 1, 0}},
      Row{"-0.000000001", {0, 0, 0, -1, 0, -1}},
      Row{"3.500000000", {4, 4, 3, 4, 4, 3}},
  };
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      CAPTURE(row.value);
      CAPTURE(i);
      CHECK(Decimal::parse(row.value)->round(0, rules[i]) == Decimal(row.rounded[i]));
      CHECK(Decimal::parse(row.value)->divide(Decimal(1), 0, rules[i]) == Decimal(row.rounded[i]));
      CHECK(Decimal::parse(std::string(row.value) + "e-7")->round(7, rules[i]) ==
            Decimal::from_units(row.rounded[i], 7));
    }
  }
}

// contracts/pricing-api.md, section 4: the cases that fix the rounding rule.
TEST_CASE("the cost of a call is summed exactly and rounded once, half away from zero") {
  const Decimal metered = "5.5"_decimal * "0.05"_decimal + "10"_decimal * "0.01"_decimal;
  CHECK((metered + "10.00"_decimal).round(2) == "10.38"_decimal);
  CHECK(("0.333"_decimal * 3).round(2) == "1.00"_decimal);
  CHECK("10.365"_decimal.round(2) == "10.37"_decimal);
  CHECK(("1.005"_decimal * 1).round(2) == "1.01"_decimal);
  CHECK("0.005"_decimal.round(2) == "0.01"_decimal);
  CHECK("-0.005"_decimal.round(2) == "-0.01"_decimal);
}

TEST_CASE("a division is rounded once, at the places that are asked for") {
  struct Case {
    Decimal left;
    Decimal right;
    int places;
    std::string_view quotient;
  };
  const std::array cases{
      Case{Decimal(61'234), Decimal(60'000), 8, "1.02056667"},  // duration_ms / 60000
      Case{Decimal(1), Decimal(3), 30, "0.333333333333333333333333333333"},
      Case{Decimal(-2), Decimal(3), 30, "-0.666666666666666666666666666667"},
      Case{"0.000000000000000000000000000001"_decimal, Decimal(2), 30, "0.000000000000000000000000000001"},
      Case{"0.25"_decimal, "-0.5"_decimal, 0, "-1"},
      Case{"0.123456789"_decimal, Decimal(1), 2, "0.12"},
      Case{Decimal(1), smallest_step, 8, "1000000000000000000000000000000"},
      Case{largest, Decimal(1), 0, largest_text},
      Case{largest, largest, 30, "1"},
      Case{Decimal(0), largest, 30, "0"},
      // A tie only when nothing else is left: 1.5 exactly, and a little more than 2.5.
      Case{"0.45"_decimal, "0.3"_decimal, 0, "2"},
      Case{"25.00001"_decimal, Decimal(10), 0, "3"},
  };
  for (const Case& example : cases) {
    CHECK(example.left.divide(example.right, example.places).to_text() == example.quotient);
  }
  CHECK("25"_decimal.divide(Decimal(10), 0, Rounding::half_even) == Decimal(2));
  CHECK("25.00001"_decimal.divide(Decimal(10), 0, Rounding::half_even) == Decimal(3));
  CHECK_THROWS_AS(Decimal(1).divide(Decimal(0), 2), std::domain_error);
}

TEST_CASE("a result that fits is found although the way to it needs more than 128 bits") {
  const Decimal huge = "10000000000000000000000000000000000000"_decimal;  // 10^37
  CHECK(huge * "0.1"_decimal * Decimal(10) == huge);
  CHECK(Decimal::from_units(huge.coefficient(), 30) * Decimal::from_units(100, 2) == "10000000"_decimal);
  CHECK("0.5"_decimal * Decimal::from_units(2, 30) == smallest_step);
  CHECK(huge + Decimal::from_units(1'000'000, 6) == huge + Decimal(1));
  CHECK(largest + -largest == Decimal(0));
  CHECK(largest.divide(Decimal::from_units(largest.coefficient(), 30), 8) ==
        "1000000000000000000000000000000"_decimal);
}

TEST_CASE("a result that does not fit throws, exactly from the boundary on") {
  CHECK((largest - Decimal(1)) + Decimal(1) == largest);
  CHECK_THROWS_AS(largest + Decimal(1), std::overflow_error);
  CHECK_THROWS_AS(-largest - Decimal(1), std::overflow_error);
  CHECK_THROWS_AS(largest + "0.1"_decimal, std::overflow_error);
  CHECK_THROWS_AS(largest * Decimal(2), std::overflow_error);
  CHECK_THROWS_AS(largest * largest, std::overflow_error);
  CHECK_THROWS_AS(smallest_step * "0.1"_decimal, std::overflow_error);
  CHECK_THROWS_AS(largest.divide("0.1"_decimal, 0), std::overflow_error);
  CHECK_THROWS_AS(largest.divide(smallest_step, 30), std::overflow_error);
  CHECK_THROWS_AS(largest.divide(Decimal(1), 1), std::overflow_error);
  // The upper 128 bits of 10^30 times the largest are just this divisor.
  CHECK_THROWS_AS(largest.divide("499999999999999999999999999999"_decimal, 30), std::overflow_error);
  // The first whole number that is 2^256 or more when it is multiplied by 10^60.
  const Decimal just_too_large = "115792089237316196"_decimal;
  CHECK_THROWS_AS(just_too_large.divide(Decimal::from_units(largest.coefficient(), 30), 30),
                  std::overflow_error);
  // -2^127 has no positive twin, so it is no coefficient.
  const Decimal two_to_64 = "18446744073709551616"_decimal;
  CHECK_THROWS_AS(two_to_64 * Decimal(INT64_MIN), std::overflow_error);
  CHECK_THROWS_AS(Decimal::from_units(-largest.coefficient() - 1, 0), std::overflow_error);
}

TEST_CASE("places outside 0 to 30 are a defect of the caller") {
  CHECK_THROWS_AS(Decimal(1).round(-1), std::invalid_argument);
  CHECK_THROWS_AS(Decimal(1).round(31), std::invalid_argument);
  CHECK_THROWS_AS(Decimal(1).divide(Decimal(1), 31), std::invalid_argument);
  CHECK_THROWS_AS(Decimal(1).to_units(-1), std::invalid_argument);
  CHECK_THROWS_AS(Decimal::from_units(1, 31), std::invalid_argument);
}

TEST_CASE("units for the database are exact or not there") {
  struct Case {
    Decimal value;
    int places;
    std::optional<std::int64_t> units;
  };
  const std::array cases{
      Case{"0.05"_decimal, 9, 50'000'000},
      Case{"-1.5"_decimal, 9, -1'500'000'000},
      Case{"0.0000000001"_decimal, 9, std::nullopt},
      Case{Decimal::from_units(500, 12), 9, std::nullopt},
      Case{Decimal::from_units(5000, 12), 9, 5},
      Case{"9223372036.854775807"_decimal, 9, INT64_MAX},
      Case{"9223372036.854775808"_decimal, 9, std::nullopt},
      Case{"-9223372036.854775808"_decimal, 9, INT64_MIN},
      Case{largest, 30, std::nullopt},
      Case{Decimal::from_units(700, 2), 0, 7},
      Case{"7.01"_decimal, 0, std::nullopt},
  };
  for (const Case& example : cases) {
    CAPTURE(example.value.to_text());
    CHECK(example.value.to_units(example.places) == example.units);
  }
  CHECK(Decimal::from_units(-1'500'000'000, 9).to_text() == "-1.5");
  CHECK(Decimal(INT64_MIN).to_int64() == INT64_MIN);
  CHECK(Decimal(UINT64_MAX).to_text() == "18446744073709551615");
  CHECK(Decimal(UINT64_MAX).to_int64() == std::nullopt);
}

TEST_CASE("equal values of different scale are one value") {
  const Decimal short_form = "12.5"_decimal;
  const Decimal long_form = Decimal::from_units(12'500'000, 6);
  CHECK(short_form == long_form);
  CHECK(short_form.to_text() == long_form.to_text());
  CHECK(std::hash<Decimal>()(short_form) == std::hash<Decimal>()(long_form));
  CHECK(std::unordered_set<Decimal>{short_form, long_form, -short_form}.size() == 2);
  CHECK(-largest < smallest_step);
  CHECK(smallest_step < largest);
  CHECK(largest > Decimal::from_units(largest.coefficient(), 1));
  CHECK(-smallest_step < Decimal(0));
}

TEST_CASE("a literal that is no number is a defect") {
  CHECK_THROWS_AS("1,5"_decimal, std::invalid_argument);
}

}  // namespace
}  // namespace trunkline
