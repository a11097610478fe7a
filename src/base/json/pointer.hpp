// JSON Pointers (RFC 6901): how errors name a place in a body, "/tools/0/name".
#pragma once

#include <string>
#include <string_view>

#include "base/json/value.hpp"

namespace trunkline::json {

// Appends "/" and the key with "~" and "/" escaped.
void append_pointer(std::string& pointer, std::string_view key);

// The value at a pointer, "" being the root itself. Null when there is none or the pointer is malformed.
const Value* resolve(const Value& root, std::string_view pointer);

}  // namespace trunkline::json
