#include "base/json/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"

namespace trunkline::json {
namespace {

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// Whether a number that from_chars finds out of range is too large rather than too small: the decimal
// exponent of its first digit that is not zero tells.
bool is_large(std::string_view number) {
  if (number.front() == '-') number.remove_prefix(1);
  const std::size_t exponent_at = std::min(number.find_first_of("eE"), number.size());
  std::string_view exponent_digits = number.substr(exponent_at);
  number = number.substr(0, exponent_at);

  const std::size_t first = number.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto point = static_cast<std::int64_t>(std::min(number.find('.'), number.size()));

  std::int64_t exponent = 0;
  if (!exponent_digits.empty()) {
    exponent_digits.remove_prefix(exponent_digits.starts_with("e+") || exponent_digits.starts_with("E+") ? 2
                                                                                                         : 1);
    const auto end =
        std::from_chars(exponent_digits.data(), exponent_digits.data() + exponent_digits.size(), exponent);
    // No mantissa is long enough to outweigh an exponent of nineteen digits.
    if (end.ec != std::errc()) return exponent_digits.front() != '-';
  }
  return exponent > static_cast<std::int64_t>(first) - point;
}

std::string exponent_text(int exponent, std::size_t least_digits) {
  std::string digits = std::to_string(std::abs(exponent));
  if (digits.size() < least_digits) digits.insert(0, least_digits - digits.size(), '0');
  return (exponent < 0 ? "e-" : "e+") + digits;
}

// d.ddd without the point when there is one digit only.
std::string mantissa_text(const std::string& digits) {
  if (digits.size() == 1) return digits;
  return digits.substr(0, 1) + '.' + digits.substr(1);
}

// The digits in full, with zeros before or behind them; nothing behind the point when the number is an
// integer.
std::string plain_text(const std::string& digits, int point) {
  const auto size = static_cast<int>(digits.size());
  if (point <= 0) return "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (point >= size) return digits + std::string(static_cast<std::size_t>(point - size), '0');
  const auto whole = static_cast<std::size_t>(point);
  return digits.substr(0, whole) + '.' + digits.substr(whole);
}

}  // namespace

NumberForm number_form(std::string_view text) {
  std::size_t at = !text.empty() && text.front() == '-' ? 1 : 0;
  const std::size_t whole = at;
  at = skip_digits(text, at);
  if (at == whole) return NumberForm::none;
  if (text[whole] == '0' && at - whole > 1) return NumberForm::none;
  if (at == text.size()) return NumberForm::integer;
  if (text[at] == '.') {
    const std::size_t fraction = ++at;
    at = skip_digits(text, at);
    if (at == fraction) return NumberForm::none;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = at;
    at = skip_digits(text, at);
    if (at == exponent) return NumberForm::none;
  }
  return at == text.size() ? NumberForm::fraction : NumberForm::none;
}

std::optional<double> to_double(std::string_view number) {
  double value = 0;
  const auto end = std::from_chars(number.data(), number.data() + number.size(), value);
  if (end.ec == std::errc() && std::isfinite(value)) return value;
  if (is_large(number)) return std::nullopt;
  return number.front() == '-' ? -0.0 : 0.0;
}

DecimalDigits shortest_digits(double number) {
  char buffer[32];
  // "d.ddde-xxx", or "de-xxx" when one digit is enough.
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(number), std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<std::size_t>(end.ptr - buffer));
  const std::size_t exponent_at = text.find('e');
  DecimalDigits result{std::signbit(number), std::string(text.substr(0, 1)), 0};
  if (exponent_at > 1) result.digits += text.substr(2, exponent_at - 2);
  std::from_chars(text.data() + exponent_at + (text[exponent_at + 1] == '+' ? 2 : 1), end.ptr, result.point);
  ++result.point;
  return result;
}

std::string python_text(double number) {
  const DecimalDigits decimal = shortest_digits(number);
  std::string text = decimal.negative ? "-" : "";
  // float_repr_style "short": an exponent below 1e-4 and from 1e16 on (Python, Objects/floatobject.c, format
  // code r).
  if (number != 0 && (decimal.point < -3 || decimal.point > 16)) {
    return text + mantissa_text(decimal.digits) + exponent_text(decimal.point - 1, 2);
  }
  text += plain_text(decimal.digits, decimal.point);
  if (decimal.point >= static_cast<int>(decimal.digits.size())) text += ".0";
  return text;
}

std::string ecmascript_text(double number) {
  if (number == 0) return "0";
  const DecimalDigits decimal = shortest_digits(number);
  std::string text = decimal.negative ? "-" : "";
  if (decimal.point > 21 || decimal.point <= -6) {
    return text + mantissa_text(decimal.digits) + exponent_text(decimal.point - 1, 1);
  }
  return text + plain_text(decimal.digits, decimal.point);
}

}  // namespace trunkline::json
