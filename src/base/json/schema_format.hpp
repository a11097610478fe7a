// The `format` keyword of JSON Schema (draft 7, "Validation", section 7.3).
#pragma once

#include <string_view>

namespace trunkline::json {

// True also for formats that are not known here: they are annotations.
bool has_format(std::string_view text, std::string_view format);

}  // namespace trunkline::json
