// Canonical JSON: one text for one value, so that a receiver who parses a webhook body and writes it again
// gets the bytes that were signed (contracts/voice-api.md, sections 9.2 and 9.3).
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

// Who can write the text again. Keys are sorted at every level.
enum class SignatureStyle : std::uint8_t {
  compact,  // Python: json.dumps(body, sort_keys=True, separators=(",", ":")), for client 1.0.4
  spaced,   // Python: json.dumps(body, sort_keys=True), for client 1.0.0
  utf8,     // JavaScript: JSON.stringify(JSON.parse(body)), for receivers with text that is not ASCII
};

// The Python styles escape all but printable ASCII, keep integers of any length and write other numbers as
// Python's repr of the double. The JavaScript style writes UTF-8 as it is and every number as the double that
// JavaScript makes of it; keys that look like array indexes come first, in numeric order, because its objects
// hold them so, and the others in the order of its own sort, which is by UTF-16 code units.
//
// Refuses with json_bad_text what is not UTF-8, and with json_number_range a number that the receiver would
// turn into infinity: in the JavaScript style that is also an integer beyond the range of a double.
Result<std::string> canonical(const Value& value, SignatureStyle style);

}  // namespace trunkline::json
