// A row on its way into a table, and the tables as data: which columns there are, of which kind, and what
// becomes of a column when a row comes again. From this the statements are made that write whole pages at
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.hpp"
#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::warehouse::store {

// A column's value as text, as both engines take it; nothing is NULL.
using Cell = std::optional<std::string>;
using Record = std::vector<Cell>;  // in the order of the table's columns

enum class ColumnKind : std::uint8_t { text, integer, boolean, time, date, amount, json };

// What becomes of a column when the row comes again (contracts/warehouse.md, section 6.3).
enum class Rule : std::uint8_t {
  key,     // names the row
  merge,   // a value is never replaced by none; of two values the better standing wins
  truth,   // the last full listing is right, none too
  either,  // true stays true
  status,  // as merge; but a final one never becomes in_progress, and a known one never unknown
  first,   // as it was first written
  kept,    // only the store itself writes it
};

struct Column {
  std::string_view name;
  ColumnKind kind;
  Rule rule;
};

struct Table {
  std::string_view name;  // "telco.calls"
  std::span<const Column> columns;

  std::optional<std::size_t> find(std::string_view column) const;
  std::size_t position(std::string_view column) const;  // throws when there is none of that name
};

// Values as cells, and back. A Record read from the database holds the same texts that were written.
std::string stored_time(Instant instant);  // 2026-04-05T15:30:00.000000Z: sorts, and both engines read it
std::optional<Instant> read_stored_time(std::string_view text);

Cell cell(const std::optional<std::string>& text);
Cell cell(const std::string& text);
Cell cell(std::string_view text);
Cell cell(const std::optional<Instant>& instant);
Cell cell(const std::optional<std::int64_t>& number);
Cell cell(bool truth);
constexpr int unit_places = 8;                    // of amounts that are kept as whole units
Cell cell(const std::optional<Decimal>& amount);  // rounded to 8 places, half even
Cell units_cell(const std::optional<Decimal>& amount);
Cell cell(const json::Value& value);  // null is NULL

std::optional<Decimal> decimal_in(const Cell& cell);
std::optional<Instant> time_in(const Cell& cell);
std::int64_t integer_in(const Cell& cell);  // 0 for none
bool truth_in(const Cell& cell);

// 128 bits of SHA-256 over the cells, as hexadecimal text.
std::string hash_of(const Record& record);

}  // namespace trunkline::warehouse::store
