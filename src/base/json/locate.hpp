// Finds places in JSON text that may be broken. Only errors need this, so parsing itself keeps no path.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace trunkline::json {

// The JSON Pointer of the value that the byte at `offset` belongs to, as far as the text before it tells; cut
// after some 200 bytes, since it is for people.
std::string pointer_at(std::string_view text, std::size_t offset);

// What keeps a text from being divided into strings and the rest.
enum class StringFault : std::uint8_t {
  unclosed,           // the string that opens there has no end
  control_character,  // below 0x20, inside a string
  stray_backslash,    // outside of strings
};

// The first such fault and where it is.
std::optional<std::pair<StringFault, std::size_t>> find_string_fault(std::string_view text);

}  // namespace trunkline::json
