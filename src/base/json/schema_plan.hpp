// Turns a user's JSON Schema into one that valijson can be trusted with. valijson matches patterns with the
// standard library's regular expressions, which backtrack and recurse, divides by `multipleOf` whatever it
// is, compares every pair for `uniqueItems` and follows `$ref` without end; so those keywords are taken out
// for checks of our own, every subschema is numbered, and references become numbers.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json/schema_pattern.hpp"
#include "base/json/value.hpp"

namespace trunkline::json {

// One subschema: the keywords that are ours, and a body with valijson's.
struct SchemaNode {
  Object body;
  std::size_t weight = 1;  // how much work one visit is, about a microsecond each unit

  std::optional<SchemaPattern> pattern;
  std::string format;
  std::optional<Value> multiple_of;
  bool unique_items = false;
  bool whole_numbers = false;  // of numbers, `type` allows integers only
  // `patternProperties`, with the number of the subschema for each.
  std::vector<std::pair<SchemaPattern, std::size_t>> pattern_properties;

  std::vector<std::size_t> all_of;    // subschemas that must hold here too: of `allOf` and `$ref`
  std::vector<std::size_t> in_place;  // all subschemas that see the same value as this one
};

struct SchemaPlan {
  std::deque<SchemaNode> nodes;  // the root is the first; references to nodes stay good while more are added

  // The document for valijson. The keyword `check_keyword`, with the node's number, stands first in every
  // subschema. `patternProperties` become `properties` for those of the keys that match.
  Value document(const std::vector<std::string>& keys) const;
};

inline constexpr const char* check_keyword = "trunkline-check";

// Refuses with schema_invalid and keeps to schema_limits (schema.hpp).
Result<SchemaPlan> plan_schema(const Value& schema);

}  // namespace trunkline::json
