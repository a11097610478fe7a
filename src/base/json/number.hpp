// JSON number texts: their grammar (RFC 8259, section 6) and their way to and from double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::json {

enum class NumberForm : std::uint8_t {
  none,      // not a JSON number
  integer,   // an optional minus and digits, of any length
  fraction,  // with a point, an exponent or both
};

NumberForm number_form(std::string_view text);

// The nearest double of a text that has a number's form; too small a number is zero. Nothing beyond a
// double's range.
std::optional<double> to_double(std::string_view number);

// A finite double as its shortest decimal digits: it is 0.d1d2d3… times ten to the power of `point`.
struct DecimalDigits {
  bool negative;
  std::string digits;  // "0" for zero; otherwise no zero at either end
  int point;
};
DecimalDigits shortest_digits(double number);

// A finite double as Python's repr writes it, always with a point or an exponent: "1.0", "1e-05", "1e+16".
std::string python_text(double number);

// A finite double as ECMAScript's Number::toString writes it (ECMA-262, section 6.1.6.1.20): "1", "0.00001",
// "1e+21".
std::string ecmascript_text(double number);

}  // namespace trunkline::json
