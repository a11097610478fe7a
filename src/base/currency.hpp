// Currencies: the codes of ISO 4217 with what money needs to know about each.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.hpp"

namespace trunkline {

// One byte, cheap to copy. Compares equal with itself, sorts by code ("no currency" first).
class Currency {
 public:
  Currency() = default;  // XXX: no currency
  // For constants: Currency("USD"). Throws std::invalid_argument when there is no such code.
  explicit Currency(std::string_view code);

  // Takes either case, since providers write both. Error: currency_unknown.
  static Result<Currency> parse(std::string_view code);

  std::string_view code() const;  // "USD", in static storage
  std::string_view name() const;  // "US Dollar"
  int numeric() const;            // 840
  int minor_digits() const;       // how many decimals an amount is settled in: USD 2, JPY 0, KWD 3, CLF 4

  friend auto operator<=>(const Currency&, const Currency&) = default;

 private:
  explicit Currency(std::uint8_t row) : row_(row) {}

  std::uint8_t row_ = 0;  // of the table in currency.cpp
};

namespace error_codes {
inline constexpr ErrorCode currency_unknown{"currency_unknown", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline

template <>
struct std::hash<trunkline::Currency> {
  std::size_t operator()(const trunkline::Currency& currency) const noexcept {
    return std::hash<std::string_view>()(currency.code());
  }
};
