#include "base/uuid.hpp"

#include <algorithm>
#include <span>

#include "base/text.hpp"

namespace trunkline {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base32_digits = "0123456789abcdefghjkmnpqrstvwxyz";

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
  // 128 bits in 26 groups of 5, from the right; the first group has 3 bits.
  std::string text(26, '0');
  std::size_t position = text.size();
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (std::size_t i = id.bytes().size(); i-- > 0;) {
    pending |= static_cast<unsigned>(id.bytes()[i]) << pending_bits;
    pending_bits += 8;
    while (pending_bits >= 5) {
      text[--position] = base32_digits[pending & 31];
      pending >>= 5;
      pending_bits -= 5;
    }
  }
  text[--position] = base32_digits[pending & 31];
  return text;
}

std::optional<Uuid> parse_base32(std::string_view text) {
  if (text.size() != 26) return std::nullopt;
  Uuid::Bytes bytes{};
  std::size_t position = bytes.size();
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    const std::size_t value = base32_digits.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    if (i == 0 && value > 7) return std::nullopt;  // beyond 128 bits
    pending |= static_cast<unsigned>(value) << pending_bits;
    pending_bits += 5;
    while (pending_bits >= 8 && position > 0) {
      bytes[--position] = static_cast<std::uint8_t>(pending & 255);
      pending >>= 8;
      pending_bits -= 8;
    }
  }
  return Uuid(bytes);
}

std::string with_prefix(std::string_view prefix, const Uuid& id) {
  std::string text(prefix);
  text += to_base32(id);
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
