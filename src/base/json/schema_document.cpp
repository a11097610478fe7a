#include <map>

#include "base/json/schema_plan.hpp"

namespace trunkline::json {
namespace {

Value reference(std::size_t node) {
  return object({{"$ref", "#/definitions/" + std::to_string(node)}});
}

// The `properties` of a node with `patternProperties`: every key of the value that a pattern matches is
// named, with the schemas of all that match. A key that is named counts as known for `additionalProperties`.
Object properties(const SchemaNode& node, const std::vector<std::string>& keys) {
  std::map<std::string, Array> all_of;
  if (const Value* named = node.body.find("properties")) {
    for (const Member& member : *named->as_object()) all_of[member.key].push_back(member.value);
  }
  for (const auto& [pattern, schema] : node.pattern_properties) {
    for (const std::string& key : keys) {
      if (pattern.matches(key)) all_of[key].push_back(reference(schema));
    }
  }
  std::vector<Member> members;
  members.reserve(all_of.size());
  for (auto& [key, schemas] : all_of) members.push_back({key, object({{"allOf", std::move(schemas)}})});
  return *Object::of(std::move(members));
}

}  // namespace

Value SchemaPlan::document(const std::vector<std::string>& keys) const {
  std::vector<Member> definitions;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    Object body = nodes[i].body;
    // valijson takes `allOf` before all other keywords, so the check comes before the work that it limits.
    Array all_of{object({{check_keyword, i}})};
    for (const std::size_t node : nodes[i].all_of) all_of.push_back(reference(node));
    body.set("allOf", std::move(all_of));
    if (!nodes[i].pattern_properties.empty()) body.set("properties", properties(nodes[i], keys));
    definitions.push_back({std::to_string(i), std::move(body)});
  }
  return object({{"allOf", array({reference(0)})}, {"definitions", *Object::of(std::move(definitions))}});
}

}  // namespace trunkline::json
