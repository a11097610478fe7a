#include "warehouse/store/cell_text.hpp"

#include "base/text.hpp"

namespace trunkline::warehouse::store {
namespace {

// "PGCOPY", a check against changed bytes, no flags, no further header.
constexpr std::string_view copy_header{"PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19};
constexpr std::string_view copy_end{"\377\377", 2};

constexpr std::int32_t null_size = -1;
constexpr char jsonb_version = 1;
constexpr std::size_t date_size = 10;  // 2026-04-05
const Instant postgres_epoch = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

// The most significant byte first.
template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, sizeof number> bytes{};
  auto rest = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t at = bytes.size(); at-- > 0; rest = static_cast<decltype(rest)>(rest >> 8U))
    bytes[at] = static_cast<char>(rest & 0xFFU);
  out.append(bytes.data(), bytes.size());
}

template <class Number>
void append_sized(std::string& out, Number number) {
  append_number(out, static_cast<std::int32_t>(sizeof number));
  append_number(out, number);
}

void append_sized(std::string& out, std::string_view text) {
  append_number(out, static_cast<std::int32_t>(text.size()));
  out += text;
}

bool append_time(std::string& out, std::string_view text) {
  const auto instant = read_stored_time(text);
  if (!instant) return false;
  append_sized(out, (*instant - postgres_epoch).count());
  return true;
}

bool append_date(std::string& out, std::string_view text) {
  const auto day = text.size() == date_size ? parse_instant(text) : std::nullopt;
  if (!day) return false;
  append_sized(out, static_cast<std::int32_t>((*day - postgres_epoch) / days(1)));
  return true;
}

// Groups of four decimal digits, counted from the point; `weight` is the place of the first group before it.
bool append_numeric(std::string& out, std::string_view text) {
  constexpr std::size_t group = 4;
  constexpr std::int16_t negative = 0x4000;
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t decimals = point == text.size() ? 0 : text.size() - point - 1;
  std::string digits((group - point % group) % group, '0');
  digits.append(text.substr(0, point));
  const std::size_t groups_before = digits.size() / group;
  if (decimals > 0) digits.append(text.substr(point + 1));
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return false;
  digits.resize((digits.size() + group - 1) / group * group, '0');
  const std::size_t groups = digits.size() / group;
  append_number(out, static_cast<std::int32_t>(sizeof(std::int16_t) * (4 + groups)));
  append_number(out, static_cast<std::int16_t>(groups));
  append_number(out, static_cast<std::int16_t>(static_cast<std::int64_t>(groups_before) - 1));
  append_number(out, is_negative ? negative : std::int16_t{0});
  append_number(out, static_cast<std::int16_t>(decimals));
  for (std::size_t at = 0; at < digits.size(); at += group) {
    std::int16_t value = 0;
    for (std::size_t i = at; i < at + group; ++i)
      value = static_cast<std::int16_t>(value * 10 + (digits[i] - '0'));
    append_number(out, value);
  }
  return true;
}

}  // namespace

void append_array_item(std::string& out, const Cell& cell) {
  if (out.size() > 1) out += ',';
  if (!cell) {
    out += "NULL";
    return;
  }
  out += '"';
  for (const char character : *cell) {
    if (character == '"' || character == '\\') out += '\\';
    out += character;
  }
  out += '"';
}

void BinaryRows::begin_row() {
  if (bytes_.empty()) bytes_ = copy_header;
  append_number(bytes_, static_cast<std::int16_t>(cells_of_row_));
}

void BinaryRows::add(std::int64_t number) {
  append_sized(bytes_, number);
}

void BinaryRows::add(std::string_view text) {
  append_sized(bytes_, text);
}

bool BinaryRows::add(const Cell& cell, ColumnKind kind) {
  if (!cell) {
    append_number(bytes_, null_size);
    return true;
  }
  switch (kind) {
    case ColumnKind::text:
      append_sized(bytes_, std::string_view(*cell));
      return true;
    case ColumnKind::integer: {
      const auto number = parse_integer(*cell);
      if (number) append_sized(bytes_, *number);
      return number.has_value();
    }
    case ColumnKind::boolean:
      append_sized(bytes_, static_cast<std::int8_t>(truth_in(cell) ? 1 : 0));
      return true;
    case ColumnKind::time:
      return append_time(bytes_, *cell);
    case ColumnKind::date:
      return append_date(bytes_, *cell);
    case ColumnKind::amount:
      return append_numeric(bytes_, *cell);
    case ColumnKind::json:
      append_number(bytes_, static_cast<std::int32_t>(cell->size() + 1));
      bytes_ += jsonb_version;
      bytes_ += *cell;
      return true;
  }
  return false;
}

void BinaryRows::reserve_like_first(std::size_t rows) {
  bytes_.reserve(bytes_.size() * rows + copy_end.size());
}

std::string BinaryRows::take() {
  bytes_ += copy_end;
  return std::move(bytes_);
}

}  // namespace trunkline::warehouse::store
