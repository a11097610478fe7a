#include "base/json/schema_keywords.hpp"

#include <algorithm>
#include <utility>

namespace trunkline::json {
namespace {

constexpr std::pair<std::string_view, Role> roles[] = {
    {"$ref", Role::reference},
    {"$defs", Role::definitions},
    {"definitions", Role::definitions},
    {"type", Role::type},
    {"enum", Role::enumeration},
    {"const", Role::constant},
    {"properties", Role::properties},
    {"required", Role::names},
    {"additionalProperties", Role::additional},
    {"patternProperties", Role::pattern_properties},
    {"propertyNames", Role::child},
    {"minProperties", Role::count},
    {"maxProperties", Role::count},
    {"dependencies", Role::dependencies},
    {"items", Role::items},
    {"prefixItems", Role::items},
    {"contains", Role::child},
    {"minItems", Role::count},
    {"maxItems", Role::count},
    {"uniqueItems", Role::unique_items},
    {"minLength", Role::count},
    {"maxLength", Role::count},
    {"pattern", Role::pattern},
    {"format", Role::format},
    {"minimum", Role::number},
    {"maximum", Role::number},
    {"exclusiveMinimum", Role::number},
    {"exclusiveMaximum", Role::number},
    {"multipleOf", Role::multiple_of},
    {"allOf", Role::alternatives},
    {"anyOf", Role::alternatives},
    {"oneOf", Role::alternatives},
    {"not", Role::in_place},
    {"if", Role::in_place},
    {"then", Role::in_place},
    {"else", Role::in_place},
    {"$dynamicRef", Role::refused},
    {"$recursiveRef", Role::refused},
    {"dependentRequired", Role::refused},
    {"dependentSchemas", Role::refused},
    {"disallow", Role::refused},
    {"divisibleBy", Role::refused},
    {"extends", Role::refused},
    {"maxContains", Role::refused},
    {"minContains", Role::refused},
    {"unevaluatedItems", Role::refused},
    {"unevaluatedProperties", Role::refused},
};

}  // namespace

std::optional<Role> role_of(std::string_view keyword) {
  const auto found = std::ranges::find(roles, keyword, &std::pair<std::string_view, Role>::first);
  return found == std::end(roles) ? std::nullopt : std::optional(found->second);
}

}  // namespace trunkline::json
