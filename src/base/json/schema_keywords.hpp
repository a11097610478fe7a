// The keywords of JSON Schema that mean something to us (schema.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline::json {

// What a keyword holds.
enum class Role : std::uint8_t {
  additional,    // a subschema for the members that `properties` does not name
  alternatives,  // subschemas of the same value
  child,         // a subschema for something inside the value
  constant,
  count,
  definitions,
  dependencies,
  enumeration,
  format,
  in_place,  // a subschema of the same value
  items,
  multiple_of,
  names,
  number,
  pattern,
  pattern_properties,
  properties,
  reference,
  refused,
  type,
  unique_items,
};

// Nothing for an annotation, and for `additionalItems`, which is read with `items`.
std::optional<Role> role_of(std::string_view keyword);

}  // namespace trunkline::json
