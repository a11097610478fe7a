#include "base/encoding.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace trunkline {
namespace {

constexpr std::string_view lower_hex_digits = "0123456789abcdef";
constexpr std::string_view upper_hex_digits = "0123456789ABCDEF";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t no_digit = 0xff;

using DigitValues = std::array<std::uint8_t, 256>;

constexpr DigitValues values_of(std::string_view digits) {
  DigitValues values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    values[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

constexpr DigitValues base64_values = values_of(base64_digits);
constexpr DigitValues base64url_values = values_of(base64url_digits);

constexpr std::array<std::uint32_t, 256> crc_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0);
    table[i] = value;
  }
  return table;
}();

std::uint8_t value_of(const DigitValues& values, char digit) {
  return values[static_cast<std::uint8_t>(digit)];
}

// Without padding.
std::string encode_64(ByteView bytes, std::string_view digits) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  std::size_t at = 0;
  const auto put = [&](std::uint32_t group, int count) {
    for (int i = 0; i < count; ++i) text[at++] = digits[group >> (18 - 6 * i) & 63];
  };
  const auto byte = [&](std::size_t i) { return std::uint32_t{bytes[i]}; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) put(byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2), 4);
  if (i + 1 == bytes.size()) put(byte(i) << 16, 2);
  if (i + 2 == bytes.size()) put(byte(i) << 16 | byte(i + 1) << 8, 3);
  return text;
}

// Without padding; bits that encode nothing must be zero.
std::optional<std::string> decode_64(std::string_view text, const DigitValues& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  std::size_t at = 0;
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char digit : text) {
    const std::uint8_t value = value_of(values, digit);
    if (value == no_digit) return std::nullopt;
    pending = pending << 6 | value;
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes[at++] = static_cast<char>(pending >> pending_bits & 0xff);
    }
  }
  if ((pending & ((1U << pending_bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::string encode_percent(std::string_view text, std::string_view kept, bool space_is_plus) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char character : text) {
    if (is_letter_or_digit(character) || kept.contains(character)) {
      encoded += character;
    } else if (character == ' ' && space_is_plus) {
      encoded += '+';
    } else {
      const auto byte = static_cast<std::uint8_t>(character);
      encoded += '%';
      encoded += upper_hex_digits[byte >> 4];
      encoded += upper_hex_digits[byte & 15];
    }
  }
  return encoded;
}

std::optional<std::string> decode_percent(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = hex_value(text[i + 1]);
      const auto low = hex_value(text[i + 2]);
      if (!high || !low) return std::nullopt;
      decoded += static_cast<char>(*high << 4 | *low);
      i += 2;
    } else {
      decoded += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return decoded;
}

}  // namespace

std::string hex_encode(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += lower_hex_digits[byte >> 4];
    text += lower_hex_digits[byte & 15];
  }
  return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const auto high = hex_value(text[i]);
    const auto low = hex_value(text[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4 | *low);
  }
  return bytes;
}

std::string base64_encode(ByteView bytes) {
  std::string text = encode_64(bytes, base64_digits);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode_64(text, base64_values);
}

std::string base64url_encode(ByteView bytes) {
  return encode_64(bytes, base64url_digits);
}

std::optional<std::string> base64url_decode(std::string_view text) {
  return decode_64(text, base64url_values);
}

std::string percent_encode(std::string_view text) {
  return encode_percent(text, "-._~", false);
}

std::optional<std::string> percent_decode(std::string_view text) {
  return decode_percent(text, false);
}

std::string form_encode(std::string_view text) {
  return encode_percent(text, "-._", true);
}

std::optional<std::string> form_decode(std::string_view text) {
  return decode_percent(text, true);
}

std::optional<FormFields> parse_form(std::string_view body) {
  FormFields fields;
  while (!body.empty()) {
    const std::string_view field = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(field.size() + 1, body.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    auto name = form_decode(field.substr(0, equals));
    auto value = form_decode(field.substr(std::min(equals + 1, field.size())));
    if (!name || !value) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::string print_form(const FormFields& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += form_encode(name);
    body += '=';
    body += form_encode(value);
  }
  return body;
}

std::uint32_t crc32(ByteView bytes) {
  std::uint32_t value = ~std::uint32_t{0};
  for (const std::uint8_t byte : bytes) value = (value >> 8) ^ crc_table[(value ^ byte) & 0xff];
  return ~value;
}

}  // namespace trunkline
