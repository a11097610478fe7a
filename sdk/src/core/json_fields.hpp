// Reads members of JSON objects that others have written: what is missing, null or of another type is
// simply not there, since a newer server must not break an older program. Inline, because each library of
// the SDK uses it.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "trunkline/json.hpp"
#include "trunkline/time.hpp"

namespace trunkline::inline v1::detail {

// Nested deeper than any answer; keeps recursion over a value within the stack.
inline constexpr int json_depth_max = 256;

inline bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char character = text[at];
    if (in_text) {
      if (character == '\\') ++at;
      if (character == '"') in_text = false;
    } else if (character == '"') {
      in_text = true;
    } else if (character == '{' || character == '[') {
      if (++depth > json_depth_max) return true;
    } else if (character == '}' || character == ']') {
      --depth;
    }
  }
  return false;
}

// Nothing when the text is not JSON.
inline std::optional<Json> parse_json(std::string_view text) {
  if (is_too_deep(text)) return std::nullopt;
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

// The member, unless it is missing or null.
inline const Json* find(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member == object.end() || member->is_null() ? nullptr : &*member;
}

inline std::optional<std::string> optional_text(const Json& object, const char* name) {
  const Json* member = find(object, name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return member->get_ref<const std::string&>();
}

inline std::string text(const Json& object, const char* name) {
  return optional_text(object, name).value_or(std::string());
}

// Whole numbers, 31.0 too.
inline std::optional<std::int64_t> optional_integer(const Json& object, const char* name) {
  const Json* member = find(object, name);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  if (member->is_number_unsigned() && member->get<std::uint64_t>() > std::uint64_t{largest})
    return std::nullopt;
  if (!member->is_number_float()) return member->get<std::int64_t>();
  const auto number = member->get<double>();
  constexpr double exact = 9007199254740992.0;  // 2^53: larger doubles have gaps between them
  if (std::trunc(number) != number || std::abs(number) > exact) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

inline std::int64_t integer(const Json& object, const char* name) {
  return optional_integer(object, name).value_or(0);
}

inline std::optional<Timestamp> timestamp(const Json& object, const char* name) {
  const Json* member = find(object, name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return parse_timestamp(member->get_ref<const std::string&>());
}

// An object, empty when there is none.
inline Json object(const Json& value, const char* name) {
  const Json* member = find(value, name);
  return member != nullptr && member->is_object() ? *member : Json::object();
}

}  // namespace trunkline::inline v1::detail
