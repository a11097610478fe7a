// An amount of money: an exact decimal and its currency. It stays unrounded through rates and sums, and is
// rounded once, where it becomes a price (contracts/pricing-api.md, section 4).
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/currency.hpp"
#include "base/decimal.hpp"

namespace trunkline {

// Arithmetic and order between different currencies are a defect and throw std::logic_error. Amounts that do
// not fit throw as Decimal's do.
struct Money {
  Decimal amount;
  Currency currency;

  // 1230 of USD is 12.30, of JPY 1230, of KWD 1.230.
  static Money from_minor_units(std::int64_t units, Currency currency);
  // Nothing when there are digits below the minor unit, or it does not fit.
  std::optional<std::int64_t> to_minor_units() const { return amount.to_units(currency.minor_digits()); }

  // To the currency's minor digits.
  Money rounded(Rounding rule = Rounding::half_away_from_zero) const {
    return {amount.round(currency.minor_digits(), rule), currency};
  }

  // "12.30 USD"; digits below the minor unit are shown, never rounded away: "0.00016 USD".
  std::string to_text() const;

  bool is_zero() const { return amount.is_zero(); }
  bool is_negative() const { return amount.is_negative(); }

  Money operator-() const { return {-amount, currency}; }
  friend Money operator+(const Money& left, const Money& right);
  friend Money operator-(const Money& left, const Money& right) { return left + -right; }
  friend Money operator*(const Money& price, const Decimal& quantity) {
    return {price.amount * quantity, price.currency};
  }
  Money& operator+=(const Money& other) { return *this = *this + other; }
  Money& operator-=(const Money& other) { return *this = *this - other; }

  friend bool operator==(const Money&, const Money&) = default;
  friend std::strong_ordering operator<=>(const Money& left, const Money& right);
};

}  // namespace trunkline
