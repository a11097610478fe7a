#include "warehouse/store/record.hpp"

#include <charconv>
#include <stdexcept>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::size_t hash_bytes = 16;

}  // namespace

std::optional<std::size_t> Table::find(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return i;
  }
  return std::nullopt;
}

std::size_t Table::position(std::string_view column) const {
  if (const auto found = find(column)) return *found;
  throw std::logic_error(fmt::format("{} has no column {}", name, column));
}

std::string stored_time(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(instant - day);
  std::string text = "0000-00-00T00:00:00.000000Z";
  const auto put = [&](std::size_t begin, std::size_t digits, std::int64_t number) {
    for (std::size_t at = begin + digits; at-- > begin; number /= 10)
      text[at] = static_cast<char>('0' + number % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, time.hours().count());
  put(14, 2, time.minutes().count());
  put(17, 2, time.seconds().count());
  put(20, 6, time.subseconds().count());
  return text;
}

// PostgreSQL shows UTC as "+00".
std::optional<Instant> read_stored_time(std::string_view text) {
  if (text.ends_with("+00")) text.remove_suffix(3);
  return parse_instant(text);
}

Cell cell(const std::optional<std::string>& text) {
  return text;
}
Cell cell(const std::string& text) {
  return text;
}
Cell cell(std::string_view text) {
  return std::string(text);
}
Cell cell(const std::optional<Instant>& instant) {
  if (!instant) return std::nullopt;
  return stored_time(*instant);
}
Cell cell(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}
Cell cell(bool truth) {
  return truth ? "1" : "0";
}
Cell cell(const std::optional<Decimal>& amount) {
  if (!amount) return std::nullopt;
  return rounded_cost(*amount).to_text();
}
Cell units_cell(const std::optional<Decimal>& amount) {
  if (!amount) return std::nullopt;
  const auto units = rounded_cost(*amount).to_units(unit_places);
  return units ? Cell(std::to_string(*units)) : std::nullopt;
}
Cell cell(const json::Value& value) {
  if (value.is_null()) return std::nullopt;
  return json::write(value);
}

std::optional<Decimal> decimal_in(const Cell& cell) {
  if (!cell) return std::nullopt;
  const auto parsed = Decimal::parse(*cell);
  if (!parsed) return std::nullopt;
  return *parsed;
}
std::optional<Instant> time_in(const Cell& cell) {
  return cell ? read_stored_time(*cell) : std::nullopt;
}
std::int64_t integer_in(const Cell& cell) {
  return cell ? parse_integer(*cell).value_or(0) : 0;
}
bool truth_in(const Cell& cell) {
  return cell == "1";
}

// Each cell is preceded by its length, so that no two records look alike.
std::string hash_of(const Record& record) {
  thread_local std::string text;
  text.clear();
  std::array<char, 24> size{};
  for (const Cell& each : record) {
    if (each) {
      const auto end = std::to_chars(size.data(), size.data() + size.size(), each->size()).ptr;
      text.append(size.data(), end);
      text += ':';
      text += *each;
    } else {
      text += "-";
    }
  }
  const crypto::Sha256 digest = crypto::sha256(text);
  return hex_encode(std::span(digest).first(hash_bytes));
}

}  // namespace trunkline::warehouse::store
