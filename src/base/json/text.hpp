// Text as JSON has it: the escapes of RFC 8259, section 7, and UTF-8 one character at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::json {

// Takes the code point at `at` and moves `at` behind it. Nothing, and `at` stays, when the bytes there are
// not UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF) or the text ends.
std::optional<std::uint32_t> take_code_point(std::string_view text, std::size_t& at);

// How many bytes from the start are UTF-8: the size of the text when all of it is.
std::size_t valid_utf8_size(std::string_view text);

// A JSON Pointer in an error message is for people, and cut after so many bytes.
constexpr std::size_t longest_pointer = 200;

// Cuts UTF-8 text that is longer than this for people, with "…" at its end; never inside a character.
void shorten(std::string& text, std::size_t bytes);

void append_utf8(std::string& out, std::uint32_t code_point);

// How many bytes from the start stand for themselves between quotes: to the first one below 0x20, quote or
// backslash.
std::size_t plain_size(std::string_view text);

// The same for writers that also escape DEL and whatever is not ASCII.
std::size_t plain_ascii_size(std::string_view text);

// The text in quotes with the escapes that JSON requires and no others; the rest goes out as it is. `before`
// comes before it: a comma, or nothing.
void append_quoted(std::string& out, std::string_view text, std::string_view before = {});

// The escape of one character below 0x20, a quote or a backslash: the short form where JSON has one, else
// \u00xx.
void append_escape(std::string& out, char character);

// \uxxxx in lower case, as a surrogate pair beyond U+FFFF.
void append_unicode_escape(std::string& out, std::uint32_t code_point);

// What is wrong inside a JSON string, and where.
struct BadEscape {
  std::size_t at;
  const char* message;
  bool is_text;  // the escape is well formed but stands for no text: a lone surrogate or NUL
};

// Appends what a JSON string stands for, given what is between its quotes.
std::optional<BadEscape> append_unescaped(std::string& out, std::string_view quoted);

}  // namespace trunkline::json
