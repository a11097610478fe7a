// Members of a request, and of an answer.
#pragma once

#include "base/json/value.hpp"

namespace trunkline::fakes {

// "" when the value is missing or no text.
inline std::string_view text_of(const json::Value* value) {
  return value == nullptr || value->as_text() == nullptr ? std::string_view()
                                                         : std::string_view(*value->as_text());
}

inline json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

}  // namespace trunkline::fakes
