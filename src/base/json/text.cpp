#include "base/json/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.hpp"

namespace trunkline::json {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

constexpr std::array<bool, 256> make_must_escape() {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i) table[i] = true;
  table['"'] = true;
  table['\\'] = true;
  return table;
}
constexpr auto must_escape = make_must_escape();

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

// The four digits behind "\u"; nothing when they are not there.
std::optional<std::uint32_t> code_unit(std::string_view quoted, std::size_t at) {
  if (at + 6 > quoted.size() || quoted[at] != '\\' || quoted[at + 1] != 'u') return std::nullopt;
  std::uint32_t unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    const auto digit = hex_value(quoted[i]);
    if (!digit) return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

bool is_high_surrogate(std::uint32_t unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}
bool is_low_surrogate(std::uint32_t unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

// Takes one \u escape, or the two of a surrogate pair.
std::optional<BadEscape> take_unicode_escape(std::string& out, std::string_view quoted, std::size_t& at) {
  const auto first = code_unit(quoted, at);
  if (!first) return BadEscape{at, "\\u must be followed by four hexadecimal digits", false};
  if (*first == 0) return BadEscape{at, "the character NUL is not allowed", true};
  if (is_low_surrogate(*first)) {
    return BadEscape{at, "a low surrogate must follow a high one", true};
  }
  std::uint32_t code_point = *first;
  if (is_high_surrogate(*first)) {
    const auto second = code_unit(quoted, at + 6);
    if (!second || !is_low_surrogate(*second)) {
      return BadEscape{at, "a high surrogate must be followed by a low one", true};
    }
    code_point = 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00);
    at += 6;
  }
  at += 6;
  append_utf8(out, code_point);
  return std::nullopt;
}

char short_escape(char letter) {
  switch (letter) {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

void append_code_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex_digits[(unit >> shift) & 15];
}

// Eight bytes at a time: a byte of each, and its high bit.
constexpr std::uint64_t ones = 0x0101010101010101;
constexpr std::uint64_t high_bits = ones << 7U;

// Not zero when one of eight bytes is below `than`, which is at most 128.
std::uint64_t any_below(std::uint64_t bytes, std::uint64_t than) {
  return (bytes - ones * than) & ~bytes & high_bits;
}

std::uint64_t any_must_escape(std::uint64_t bytes) {
  return any_below(bytes, 0x20) | any_below(bytes ^ ones * '"', 1) | any_below(bytes ^ ones * '\\', 1);
}

template <class Word>
std::uint64_t word_at(std::string_view text, std::size_t at) {
  Word word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

// How many bytes come before the first one that `stops`; `one_stops` asks it of eight at once. The last of
// them are asked together with some that have been asked before, so that most texts are done by whole words.
template <class OneStops, class Stops>
std::size_t size_before(std::string_view text, const OneStops& one_stops, const Stops& stops) {
  constexpr std::size_t word_size = sizeof(std::uint64_t);
  const std::size_t size = text.size();
  std::size_t at = 0;
  if (size >= word_size) {
    while (at + word_size <= size && !one_stops(word_at<std::uint64_t>(text, at))) at += word_size;
    if (at + word_size > size && !one_stops(word_at<std::uint64_t>(text, size - word_size))) return size;
  } else if (size >= word_size / 2) {
    const std::uint64_t both =
        word_at<std::uint32_t>(text, 0) | word_at<std::uint32_t>(text, size - word_size / 2) << 32U;
    if (!one_stops(both)) return size;
  }
  while (at < size && !stops(byte_at(text, at))) ++at;
  return at;
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t plain = plain_size(text);
    out.append(text, 0, plain);
    if (plain == text.size()) return;
    append_escape(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
}

// How many bytes from the start are ASCII: most texts are, to their end.
std::size_t ascii_size(std::string_view text) {
  return size_before(
      text, [](std::uint64_t bytes) { return (bytes & high_bits) != 0; },
      [](std::uint8_t byte) { return byte >= 0x80; });
}

}  // namespace

std::optional<std::uint32_t> take_code_point(std::string_view text, std::size_t& at) {
  if (at >= text.size()) return std::nullopt;
  const std::uint32_t lead = byte_at(text, at);
  if (lead < 0x80) {
    ++at;
    return lead;
  }
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + size > text.size()) return std::nullopt;
  std::uint32_t code_point = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const std::uint32_t next = byte_at(text, at + i);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    code_point = code_point << 6 | (next & 0x3f);
  }
  const bool overlong = (size == 3 && code_point < 0x800) || (size == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (overlong || surrogate || code_point > 0x10ffff) return std::nullopt;
  at += size;
  return code_point;
}

std::size_t valid_utf8_size(std::string_view text) {
  std::size_t at = 0;
  do {
    at += ascii_size(text.substr(at));
  } while (take_code_point(text, at));
  return at;
}

void shorten(std::string& text, std::size_t bytes) {
  if (text.size() <= bytes) return;
  text.resize(cut_to_bytes(text, bytes).size());
  text += "…";
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3f)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xc0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xe0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

void append_escape(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_code_unit(out, static_cast<std::uint8_t>(character));
  }
}

void append_unicode_escape(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x10000) return append_code_unit(out, code_point);
  append_code_unit(out, 0xd800 + ((code_point - 0x10000) >> 10));
  append_code_unit(out, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
}

std::size_t plain_size(std::string_view text) {
  return size_before(
      text, [](std::uint64_t bytes) { return any_must_escape(bytes) != 0; },
      [](std::uint8_t byte) { return must_escape[byte]; });
}

std::size_t plain_ascii_size(std::string_view text) {
  return size_before(
      text,
      [](std::uint64_t bytes) {
        return (any_must_escape(bytes) | any_below(bytes ^ ones * 0x7f, 1) | (bytes & high_bits)) != 0;
      },
      [](std::uint8_t byte) { return must_escape[byte] || byte >= 0x7f; });
}

void append_quoted(std::string& out, std::string_view text, std::string_view before) {
  const std::size_t plain = plain_size(text);
  const std::size_t old_size = out.size();
  const std::size_t size = old_size + before.size() + plain + 2;
  out.resize_and_overwrite(size, [&](char* bytes, std::size_t) {
    char* end = bytes + old_size;
    for (const char character : before) *end++ = character;
    *end++ = '"';
    end += text.copy(end, plain);
    *end = '"';
    return size;
  });
  if (plain == text.size()) return;
  out.pop_back();
  append_escaped(out, text.substr(plain));
  out += '"';
}

std::optional<BadEscape> append_unescaped(std::string& out, std::string_view quoted) {
  std::size_t at = 0;
  while (at < quoted.size()) {
    const std::size_t backslash = std::min(quoted.find('\\', at), quoted.size());
    out.append(quoted, at, backslash - at);
    at = backslash;
    if (at == quoted.size()) break;
    const char letter = at + 1 < quoted.size() ? quoted[at + 1] : '\0';
    if (letter == 'u') {
      if (auto bad = take_unicode_escape(out, quoted, at)) return bad;
      continue;
    }
    const char character = short_escape(letter);
    if (character == '\0') return BadEscape{at, "there is no such escape in JSON", false};
    out += character;
    at += 2;
  }
  return std::nullopt;
}

}  // namespace trunkline::json
