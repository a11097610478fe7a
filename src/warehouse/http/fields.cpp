#include "warehouse/http/fields.hpp"

#include <fmt/core.h>

#include "base/currency.hpp"
#include "base/json/pointer.hpp"

namespace trunkline::warehouse {
namespace {

constexpr std::int64_t magnitude_max = 1'000'000'000'000;
constexpr int decimals_max = 18;
const Instant time_max = from_microseconds(253'402'300'800'000'000);  // the year 10000

std::optional<std::int64_t> bounded_integer(const json::Value* value) {
  const auto number = integer_of(value);
  return number && *number <= magnitude_max && *number >= -magnitude_max ? number : std::nullopt;
}

std::optional<Decimal> bounded_amount(const json::Value* value) {
  const auto number = decimal_of(value);
  if (!number || *number > Decimal(magnitude_max) || *number < Decimal(-magnitude_max)) return std::nullopt;
  return number->round(decimals_max, Rounding::half_even);
}

std::optional<Instant> bounded_milliseconds(const json::Value* value) {
  const auto number = integer_of(value);
  if (!number || *number >= to_microseconds(time_max) / 1000) return std::nullopt;
  return instant_of_milliseconds(value);
}

std::string pointer_of(const Error& error) {
  for (const auto& [name, value] : error.details()) {
    const std::string* text = std::get_if<std::string>(&value);
    if (name == "pointer" && text != nullptr) return *text;
  }
  return "";
}

Error inside(const std::string& prefix, const Error& error) {
  const std::string pointer = pointer_of(error);
  const std::string_view what =
      std::string_view(error.message()).substr(pointer.empty() ? 0 : pointer.size());
  return Error(error_codes::provider_malformed,
               fmt::format("{}{}{}{}", prefix, pointer, pointer.empty() ? ": " : "", what))
      .with_detail("pointer", prefix + pointer);
}

}  // namespace

const json::Value* RowReader::filled(std::string_view key) const {
  const json::Value* member = row_.find(key);
  if (member == nullptr || member->is_null()) return nullptr;
  const std::string* text = member->as_text();
  return text != nullptr && text->empty() ? nullptr : member;
}

void RowReader::fail_at(std::string_view key, std::string_view what) {
  if (error_) return;
  std::string pointer;
  json::append_pointer(pointer, key);
  error_ = malformed_at(pointer, what);
}

Result<void> RowReader::result() const {
  if (error_) return fail(*error_);
  return {};
}

template <class T>
std::optional<T> RowReader::checked(std::string_view key, std::optional<T> (*read)(const json::Value*),
                                    std::string_view what) {
  const json::Value* member = filled(key);
  if (member == nullptr) return std::nullopt;
  std::optional<T> value = read(member);
  if (!value) fail_at(key, what);
  return value;
}

std::string RowReader::required(std::string_view key) {
  std::optional<std::string> value = text(key);
  if (!value) fail_at(key, "is missing");
  return value.value_or("");
}

std::optional<std::string> RowReader::text(std::string_view key) {
  return checked(key, &filled_text_of, "is no text");
}
std::optional<std::int64_t> RowReader::integer(std::string_view key) {
  return checked(key, &bounded_integer, "is no whole number");
}
std::optional<bool> RowReader::boolean(std::string_view key) {
  return checked(key, &boolean_of, "is neither true nor false");
}
std::optional<Decimal> RowReader::amount(std::string_view key) {
  return checked(key, &bounded_amount, "is no amount");
}
std::optional<Decimal> RowReader::cents(std::string_view key) {
  const auto number = amount(key);
  return number ? std::optional(*number * Decimal::from_units(1, 2)) : std::nullopt;
}
std::optional<Instant> RowReader::iso_time(std::string_view key) {
  return checked(key, &instant_of_iso, "is no time");
}
std::optional<Instant> RowReader::milliseconds_time(std::string_view key) {
  return checked(key, &bounded_milliseconds, "is no time");
}

std::optional<std::string> RowReader::currency(std::string_view key) {
  const std::optional<std::string> code = text(key);
  if (!code) return std::nullopt;
  const Result<Currency> currency = Currency::parse(*code);
  if (!currency) {
    fail_at(key, "is no currency");
    return std::nullopt;
  }
  return std::string(currency->code());
}

Result<std::int64_t> each_row(Answer& answer, std::string_view key, const ReadRow& read) {
  std::string list_pointer;
  if (!key.empty()) json::append_pointer(list_pointer, key);
  json::Value* list = &answer.value;
  if (!key.empty()) {
    json::Object* object = answer.value.as_object();
    list = object == nullptr ? nullptr : object->find(key);
  }
  json::Array* rows = list == nullptr ? nullptr : list->as_array();
  if (rows == nullptr) return fail(malformed_at(list_pointer, "must be a list"));
  std::int64_t position = 0;
  for (json::Value& row : *rows) {
    const std::string pointer = fmt::format("{}/{}", list_pointer, position++);
    if (row.as_object() == nullptr) return fail(malformed_at(pointer, "must be an object"));
    if (answer.is_repaired) note_repairs(row);
    if (const Result<void> done = read(row); !done) return fail(inside(pointer, done.error()));
  }
  return position;
}

json::Value stored(json::Value row) {
  strip_secrets(row);
  return row;
}

}  // namespace trunkline::warehouse
