#include <charconv>

#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

constexpr int cost_places = 8;

// What a value says, without the space around it; nothing when that is nothing. A text is looked at where it
// stands; the digits of a number are kept in `digits`.
std::optional<std::string_view> said_by(const json::Value* value, std::string& digits) {
  if (value == nullptr) return std::nullopt;
  std::string_view said;
  if (const std::string* text = value->as_text()) {
    said = *text;
  } else if (auto number = value->number_text()) {
    digits = *std::move(number);
    said = digits;
  }
  said = trim(said);
  return said.empty() ? std::nullopt : std::optional(said);
}

std::optional<std::int64_t> whole(std::string_view text) {
  const auto number = Decimal::parse(text);
  if (!number) return std::nullopt;
  return number->round(0, Rounding::floor).to_int64();
}

}  // namespace

std::optional<std::string> text_of(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const std::string* text = value->as_text()) return *text;
  return value->number_text();
}

std::optional<std::string> filled_text_of(const json::Value* value) {
  auto text = text_of(value);
  if (!text || trim(*text).empty()) return std::nullopt;
  return text;
}

std::optional<std::int64_t> integer_of(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto integer = value->as_integer()) return integer;
  std::string digits;
  const auto text = said_by(value, digits);
  return text ? whole(*text) : std::nullopt;
}

std::optional<bool> boolean_of(const json::Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto truth = value->as_bool()) return truth;
  std::string digits;
  const auto text = said_by(value, digits);
  if (!text) return std::nullopt;
  const std::string lower = ascii_lower(*text);
  if (lower == "true" || lower == "1" || lower == "yes" || lower == "on") return true;
  if (lower == "false" || lower == "0" || lower == "no" || lower == "off") return false;
  return std::nullopt;
}

std::optional<Decimal> decimal_of(const json::Value* value) {
  std::string digits;
  const auto text = said_by(value, digits);
  if (!text) return std::nullopt;
  const auto number = Decimal::parse(*text);
  if (!number) return std::nullopt;
  return *number;
}

std::optional<Decimal> dollars_of_cents(const json::Value* value) {
  const auto cents = decimal_of(value);
  if (!cents) return std::nullopt;
  return *cents * Decimal::from_units(1, 2);
}

Decimal rounded_cost(const Decimal& amount) {
  return amount.round(cost_places, Rounding::half_even);
}

std::optional<std::int64_t> seconds_of_milliseconds(const json::Value* value) {
  const auto number = decimal_of(value);
  if (!number) return std::nullopt;
  return number->divide(Decimal(1000), 0, Rounding::half_away_from_zero).to_int64();
}

std::optional<Instant> instant_of_iso(const json::Value* value) {
  std::string digits;
  const auto text = said_by(value, digits);
  return text ? parse_instant(*text) : std::nullopt;
}

std::optional<Instant> instant_of_milliseconds(const json::Value* value) {
  const auto milliseconds_since_epoch = integer_of(value);
  if (!milliseconds_since_epoch || *milliseconds_since_epoch <= 0) return std::nullopt;
  return Instant(milliseconds(*milliseconds_since_epoch));
}

}  // namespace trunkline::warehouse
