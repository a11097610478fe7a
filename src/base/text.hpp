// Small tools for text: UTF-8 that is checked and never cut in the middle of a character, ASCII case,
// splitting and joining, and "did you mean".
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline {

// Whether it is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// How many characters (code points) it has. The text must be UTF-8; so must that of the two functions below.
std::size_t count_code_points(std::string_view text);
// The longest beginning of at most that many characters, or bytes, that ends where a character ends.
std::string_view cut_to_code_points(std::string_view text, std::size_t most);
std::string_view cut_to_bytes(std::string_view text, std::size_t most);

// Without spaces, tabs and line ends at both ends.
std::string_view trim(std::string_view text);

// Nothing for "": what is empty in one place is missing, or null, in another.
inline std::optional<std::string_view> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// 0 to 9, a to z, A to Z, and no others.
constexpr bool is_digit(char character) {
  return character >= '0' && character <= '9';
}
constexpr bool is_lower(char character) {
  return character >= 'a' && character <= 'z';
}
constexpr bool is_upper(char character) {
  return character >= 'A' && character <= 'Z';
}
constexpr bool is_letter_or_digit(char character) {
  return is_digit(character) || is_lower(character) || is_upper(character);
}

// What a hexadecimal digit, of either case, stands for.
constexpr std::optional<std::uint8_t> hex_value(char digit) {
  if (is_digit(digit)) return static_cast<std::uint8_t>(digit - '0');
  if (digit >= 'a' && digit <= 'f') return static_cast<std::uint8_t>(digit - 'a' + 10);
  if (digit >= 'A' && digit <= 'F') return static_cast<std::uint8_t>(digit - 'A' + 10);
  return std::nullopt;
}

// A to Z only; everything else stays as it is.
std::string ascii_lower(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);

// Always one part more than there are separators: "a,,b" has three, "" one. The parts point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);
// Before and after the first separator; nothing when there is none.
std::optional<std::pair<std::string_view, std::string_view>> split_once(std::string_view text,
                                                                        char separator);

// A decimal integer that is the whole text, like "0", "-12", "0034"; nothing for any other text ("", " 1",
// "+1", "1.0") and for one that does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

template <std::ranges::input_range Parts>
  requires std::convertible_to<std::ranges::range_reference_t<Parts>, std::string_view>
std::string join(const Parts& parts, std::string_view separator) {
  std::string text;
  bool first = true;
  for (const std::string_view part : parts) {
    if (!first) text += separator;
    text += part;
    first = false;
  }
  return text;
}

// How many single-byte insertions, removals, replacements and swaps of neighbours turn one into the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

// The candidate that a person most likely meant by `word`, for "did you mean"; nothing when none is near (a
// third of the word may differ, in any case of letters). The first one wins a tie.
std::optional<std::string_view> closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace trunkline
