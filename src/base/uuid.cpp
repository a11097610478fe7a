#include "base/uuid.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "base/text.hpp"
#include "base/wide.hpp"

namespace trunkline {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";

// 128 bits in groups of 5; the first group has 3 bits.
constexpr std::size_t base32_size = 26;
constexpr std::uint8_t no_digit = 0xff;
constexpr std::array<std::uint8_t, 256> base32_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < base32_digits.size(); ++i) {
    values[static_cast<std::uint8_t>(base32_digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

bool dash_at(std::size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

}  // namespace

Instant Uuid::made_at() const {
  std::int64_t since_epoch = 0;
  for (std::size_t i = 0; i < 6; ++i) since_epoch = since_epoch << 8 | bytes_[i];
  return Instant(milliseconds(since_epoch));
}

std::string to_text(const Uuid& id) {
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : id.bytes()) {
    if (dash_at(text.size())) text += '-';
    text += hex_digits[byte >> 4];
    text += hex_digits[byte & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid::Bytes bytes{};
  std::size_t filled = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (dash_at(i)) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    const auto high = hex_value(text[i]);
    const auto low = hex_value(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes[filled++] = static_cast<std::uint8_t>(*high << 4 | *low);
    i += 2;
  }
  return Uuid(bytes);
}

std::string to_base32(const Uuid& id) {
  return with_prefix("", id);
}

std::optional<Uuid> parse_base32(std::string_view text) {
  if (text.size() != base32_size) return std::nullopt;
  if (base32_values[static_cast<std::uint8_t>(text[0])] > 7) return std::nullopt;  // beyond 128 bits
  UInt128 bits = 0;
  for (const char digit : text) {
    const std::uint8_t value = base32_values[static_cast<std::uint8_t>(digit)];
    if (value == no_digit) return std::nullopt;
    bits = bits << 5 | value;
  }
  Uuid::Bytes bytes{};
  for (std::size_t i = bytes.size(); i-- > 0; bits >>= 8) bytes[i] = static_cast<std::uint8_t>(bits);
  return Uuid(bytes);
}

std::string with_prefix(std::string_view prefix, const Uuid& id) {
  UInt128 bits = 0;
  for (const std::uint8_t byte : id.bytes()) bits = bits << 8 | byte;
  std::string text(prefix.size() + base32_size, '\0');
  prefix.copy(text.data(), prefix.size());
  char* digit = text.data() + text.size();
  for (std::size_t i = 0; i < base32_size; ++i, bits >>= 5) {
    *--digit = base32_digits.data()[static_cast<std::size_t>(bits & 31)];
  }
  return text;
}

std::optional<Uuid> parse_with_prefix(std::string_view prefix, std::string_view text) {
  if (text.starts_with(prefix)) return parse_base32(text.substr(prefix.size()));
  return parse_uuid(text);
}

Uuid IdSource::next() {
  constexpr std::uint64_t low_48_bits = 0xffff'ffff'ffff;
  const std::uint64_t clock_milliseconds =
      static_cast<std::uint64_t>(to_microseconds(clock_.now()) / 1000) & low_48_bits;
  // A fresh millisecond starts its counter at zero; otherwise the counter goes on, and may run into later
  // ones.
  std::uint64_t last = last_.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    next = std::max(clock_milliseconds << 12, last + 1);
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));

  Uuid::Bytes bytes{};
  random_.fill(std::span(bytes).subspan(8));
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::uint8_t>(next >> (12 + 40 - 8 * i));
  bytes[6] = static_cast<std::uint8_t>(0x70 | ((next >> 8) & 0x0f));
  bytes[7] = static_cast<std::uint8_t>(next);
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  return Uuid(bytes);
}

}  // namespace trunkline
