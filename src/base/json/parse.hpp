// Reads JSON text into a Value, strictly (RFC 8259, and I-JSON where RFC 7493 is narrower): one reading for
// everything that comes from outside, so that no two parts of the program can understand a body differently.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

struct ParseLimits {
  std::size_t bytes = 1024 * 1024;
  std::size_t depth = 64;  // arrays and objects inside each other
};

namespace error_codes {
// Not JSON: grammar, numbers, escapes, unescaped control characters, a byte order mark, an empty or trailing
// text.
inline constexpr ErrorCode json_syntax{"json_syntax", ErrorKind::invalid};
inline constexpr ErrorCode json_too_large{"json_too_large", ErrorKind::too_large};
inline constexpr ErrorCode json_too_deep{"json_too_deep", ErrorKind::invalid};
inline constexpr ErrorCode json_duplicate_key{"json_duplicate_key", ErrorKind::invalid};
// Not text: bytes that are not UTF-8, a lone surrogate, NUL.
inline constexpr ErrorCode json_bad_text{"json_bad_text", ErrorKind::invalid};
// A fraction or a number with an exponent beyond the range of a double. Integers may have any length.
inline constexpr ErrorCode json_number_range{"json_number_range", ErrorKind::invalid};
}  // namespace error_codes

// Refuses with one of the codes above. The details say where: "pointer", a JSON Pointer to the value at
// fault, and "offset", in bytes; the message begins with the pointer, "/tools/0: ...", unless that is the
// root. Takes about 32 KiB of stack at the default depth.
Result<Value> parse(std::string_view text, const ParseLimits& limits = {});

}  // namespace trunkline::json
