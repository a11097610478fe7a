#include "base/money.hpp"

#include <stdexcept>

namespace trunkline {
namespace {

void require_same_currency(const Money& left, const Money& right) {
  if (left.currency == right.currency) return;
  throw std::logic_error("amounts in " + std::string(left.currency.code()) + " and " +
                         std::string(right.currency.code()) + " meet without a conversion");
}

}  // namespace

Money Money::from_minor_units(std::int64_t units, Currency currency) {
  return {Decimal::from_units(units, currency.minor_digits()), currency};
}

std::string Money::to_text() const {
  std::string text = amount.to_text();
  const auto wanted = static_cast<std::size_t>(currency.minor_digits());
  const std::size_t point = text.find('.');
  const std::size_t decimals = point == std::string::npos ? 0 : text.size() - point - 1;
  if (decimals < wanted) text = amount.to_text(currency.minor_digits());
  text += ' ';
  text += currency.code();
  return text;
}

Money operator+(const Money& left, const Money& right) {
  require_same_currency(left, right);
  return {left.amount + right.amount, left.currency};
}

std::strong_ordering operator<=>(const Money& left, const Money& right) {
  require_same_currency(left, right);
  return left.amount <=> right.amount;
}

}  // namespace trunkline
