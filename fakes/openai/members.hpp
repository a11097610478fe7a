// Members of a request.
#pragma once

#include "base/json/value.hpp"

namespace trunkline::fakes {

// "" when the value is missing or no text.
inline std::string_view text_of(const json::Value* value) {
  return value == nullptr || value->as_text() == nullptr ? std::string_view()
                                                         : std::string_view(*value->as_text());
}

}  // namespace trunkline::fakes
