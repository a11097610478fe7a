#include "base/json/schema_plan.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/json/pointer.hpp"
#include "base/json/schema.hpp"
#include "base/json/schema_keywords.hpp"

namespace trunkline::json {
namespace {

std::size_t count_values(const Value& value) {
  std::size_t count = 1;
  if (const Array* items = value.as_array()) {
    for (const Value& item : *items) count += count_values(item);
  } else if (const Object* members = value.as_object()) {
    for (const Member& member : *members) count += count_values(member.value);
  }
  return count;
}

bool is_type_name(const Value& value) {
  static constexpr std::string_view names[] = {"array",  "boolean", "integer", "null",
                                               "number", "object",  "string"};
  return value.as_text() != nullptr && std::ranges::find(names, *value.as_text()) != std::end(names);
}

bool is_text_list(const Value& value) {
  const Array* items = value.as_array();
  return items != nullptr &&
         std::ranges::all_of(*items, [](const Value& item) { return item.as_text() != nullptr; });
}

// Goes through the subschemas breadth first. What returns false has set the refusal.
class Planner {
 public:
  Result<SchemaPlan> plan(const Value& schema) {
    add(schema, "");
    for (node_ = 0; node_ < pending_.size(); ++node_) {
      if (!visit(*pending_[node_].schema)) return fail(std::move(*refusal_));
    }
    if (!resolve_references() || !check_nesting()) return fail(std::move(*refusal_));
    return std::move(plan_);
  }

 private:
  struct Pending {
    const Value* schema;
    std::string pointer;
  };

  // A subschema to visit later; what stands for it in the body of this one.
  Value add(const Value& schema, std::string pointer) {
    const std::size_t number = pending_.size();
    numbers_.emplace(pointer, number);
    pending_.push_back({&schema, std::move(pointer)});
    plan_.nodes.emplace_back();
    return object({{"$ref", fmt::format("#/definitions/{}", number)}});
  }

  // The same for one that sees the same value.
  Value add_in_place(const Value& schema, std::string pointer) {
    node().in_place.push_back(pending_.size());
    return add(schema, std::move(pointer));
  }

  SchemaNode& node() { return plan_.nodes[node_]; }

  std::string at(std::string_view key) const { return at(pending_[node_].pointer, key); }
  static std::string at(std::string pointer, std::string_view key) {
    append_pointer(pointer, key);
    return pointer;
  }

  bool refuse(std::string pointer, std::string_view problem) {
    std::string message = fmt::format("{} {}", pointer.empty() ? "the schema" : pointer + ":", problem);
    refusal_ =
        Error(error_codes::schema_invalid, std::move(message)).with_detail("pointer", std::move(pointer));
    return false;
  }

  // Takes a keyword over when it holds what it must.
  bool keep(const std::string& keyword, const Value& value, bool is_right, std::string_view problem) {
    if (!is_right) return refuse(at(keyword), problem);
    node().weight += count_values(value);
    node().body.set(keyword, value);
    return true;
  }

  bool visit(const Value& schema);
  bool visit_keyword(const Object& schema, const std::string& keyword, const Value& value, Role role);
  bool visit_items(const Object& schema, const std::string& keyword, const Value& value);
  bool visit_subschemas(const std::string& keyword, const Value& value, Role role);
  bool visit_list(const std::string& keyword, const Value& value, Role role);
  bool visit_type(const std::string& keyword, const Value& value);
  bool visit_pattern(const std::string& keyword, const Value& value);
  bool visit_pattern_properties(const std::string& keyword, const Value& value);
  bool visit_reference(const std::string& keyword, const Value& value);
  bool compile_pattern(std::string pointer, std::string_view text, std::optional<SchemaPattern>& pattern);
  bool resolve_references();
  bool check_nesting();
  bool measure_nesting(std::size_t number, std::vector<std::size_t>& nesting);

  SchemaPlan plan_;
  std::deque<Pending> pending_;                                  // by node
  std::map<std::string, std::size_t, std::less<>> numbers_;      // of nodes, by pointer
  std::vector<std::pair<std::size_t, std::string>> references_;  // a node and the pointer that it refers to
  std::size_t node_ = 0;
  std::size_t patterns_ = 0;
  std::optional<Error> refusal_;
};

bool Planner::visit(const Value& schema) {
  if (node_ == schema_limits::subschemas) {
    return refuse("", fmt::format("has more than {} subschemas", schema_limits::subschemas));
  }
  if (const auto truth = schema.as_bool()) {
    if (!*truth) node().body.set("not", Object());
    return true;
  }
  const Object* members = schema.as_object();
  if (members == nullptr) return refuse(pending_[node_].pointer, "must be an object, true or false");
  for (const Member& member : *members) {
    const auto role = role_of(member.key);
    if (role && !visit_keyword(*members, member.key, member.value, *role)) return false;
  }
  return true;
}

bool Planner::visit_keyword(const Object& schema, const std::string& keyword, const Value& value, Role role) {
  const Array* items = value.as_array();
  switch (role) {
    case Role::additional:
      if (value.as_bool()) return keep(keyword, value, true, "");
      [[fallthrough]];
    case Role::child:
      node().body.set(keyword, add(value, at(keyword)));
      return true;
    case Role::in_place:
      node().body.set(keyword, add_in_place(value, at(keyword)));
      return true;
    case Role::alternatives:
      return visit_list(keyword, value, role);
    case Role::items:
      return visit_items(schema, keyword, value);
    case Role::definitions:
    case Role::dependencies:
    case Role::properties:
      return visit_subschemas(keyword, value, role);
    case Role::pattern_properties:
      return visit_pattern_properties(keyword, value);
    case Role::pattern:
      return visit_pattern(keyword, value);
    case Role::reference:
      return visit_reference(keyword, value);
    case Role::constant:
      return keep(keyword, value, true, "");
    case Role::count:
      return keep(keyword, value, value.as_integer().value_or(-1) >= 0,
                  "must be a whole number of 0 or more");
    case Role::enumeration:
      return keep(keyword, value, items != nullptr && !items->empty(),
                  "must be an array of at least one value");
    case Role::names:
      return keep(keyword, value, is_text_list(value), "must be an array of strings");
    case Role::number:
      return keep(keyword, value, value.as_double().has_value(), "must be a number");
    case Role::type:
      return visit_type(keyword, value);
    case Role::format:
      if (value.as_text() == nullptr) return refuse(at(keyword), "must be a string");
      node().format = *value.as_text();
      return true;
    case Role::multiple_of:
      if (value.as_double().value_or(0) <= 0) return refuse(at(keyword), "must be a number above 0");
      node().multiple_of = value;
      return true;
    case Role::unique_items:
      if (!value.as_bool()) return refuse(at(keyword), "must be true or false");
      node().unique_items = *value.as_bool();
      return true;
    case Role::refused:
      return refuse(at(keyword), "is not supported; the keywords of JSON Schema draft 7 are");
  }
  return true;
}

// In later drafts `prefixItems` is what `items` is with an array, and `items` what `additionalItems` is.
bool Planner::visit_items(const Object& schema, const std::string& keyword, const Value& value) {
  const bool has_prefix = schema.find("prefixItems") != nullptr;
  if (keyword == "items" && has_prefix) return true;
  if (keyword == "items" && value.as_array() == nullptr) {
    node().body.set("items", add(value, at("items")));
    return true;
  }
  if (!visit_list(keyword, value, Role::items)) return false;
  const std::string rest_keyword = has_prefix ? "items" : "additionalItems";
  if (const Value* rest = schema.find(rest_keyword)) {
    node().body.set("additionalItems", rest->as_bool() ? *rest : add(*rest, at(rest_keyword)));
  }
  return true;
}

bool Planner::visit_list(const std::string& keyword, const Value& value, Role role) {
  const Array* schemas = value.as_array();
  if (schemas == nullptr || schemas->empty())
    return refuse(at(keyword), "must be an array of at least one schema");
  Array references;
  for (const Value& schema : *schemas) {
    std::string pointer = at(at(keyword), std::to_string(references.size()));
    if (keyword == "allOf") node().all_of.push_back(pending_.size());
    references.push_back(role == Role::alternatives ? add_in_place(schema, std::move(pointer))
                                                    : add(schema, std::move(pointer)));
  }
  if (role == Role::items) {
    node().body.set("items", std::move(references));
  } else if (keyword != "allOf") {
    node().body.set(keyword, std::move(references));
  }
  return true;
}

// An object of subschemas; those of `dependencies` may be lists of names instead.
bool Planner::visit_subschemas(const std::string& keyword, const Value& value, Role role) {
  const Object* schemas = value.as_object();
  if (schemas == nullptr) return refuse(at(keyword), "must be an object of schemas");
  std::vector<Member> references;
  for (const Member& member : *schemas) {
    std::string pointer = at(at(keyword), member.key);
    if (role == Role::dependencies && member.value.as_array() != nullptr) {
      if (!is_text_list(member.value))
        return refuse(std::move(pointer), "must be an array of strings, or a schema");
      references.push_back(member);
    } else {
      references.push_back({member.key, role == Role::dependencies
                                            ? add_in_place(member.value, std::move(pointer))
                                            : add(member.value, std::move(pointer))});
    }
  }
  node().weight += references.size();
  if (role != Role::definitions) node().body.set(keyword, *Object::of(std::move(references)));
  return true;
}

// valijson takes an integer for what fits into 64 bits; here it is every number without a fraction.
bool Planner::visit_type(const std::string& keyword, const Value& value) {
  const Array* several = value.as_array();
  Array names = several != nullptr ? *several : Array{value};
  if (!keep(keyword, value, !names.empty() && std::ranges::all_of(names, is_type_name),
            "must be the name of a JSON type, or several")) {
    return false;
  }
  const auto integer = std::ranges::find(names, Value("integer"));
  if (integer == names.end()) return true;
  node().whole_numbers = std::ranges::find(names, Value("number")) == names.end();
  *integer = "number";
  node().body.set(keyword, std::move(names));
  return true;
}

bool Planner::visit_pattern(const std::string& keyword, const Value& value) {
  if (value.as_text() == nullptr) return refuse(at(keyword), "must be a string");
  return compile_pattern(at(keyword), *value.as_text(), node().pattern);
}

bool Planner::visit_pattern_properties(const std::string& keyword, const Value& value) {
  const Object* schemas = value.as_object();
  if (schemas == nullptr) return refuse(at(keyword), "must be an object of schemas");
  for (const Member& member : *schemas) {
    std::string pointer = at(at(keyword), member.key);
    std::optional<SchemaPattern> pattern;
    if (!compile_pattern(pointer, member.key, pattern)) return false;
    node().pattern_properties.emplace_back(*std::move(pattern), pending_.size());
    add(member.value, std::move(pointer));
  }
  return true;
}

bool Planner::compile_pattern(std::string pointer, std::string_view text,
                              std::optional<SchemaPattern>& pattern) {
  if (++patterns_ > schema_limits::patterns) {
    return refuse("", fmt::format("has more than {} regular expressions", schema_limits::patterns));
  }
  auto compiled = SchemaPattern::compile(text);
  if (!compiled) {
    return refuse(std::move(pointer),
                  fmt::format("this regular expression is not supported (RE2 syntax, no look-around and no "
                              "back-references): {}",
                              compiled.error()));
  }
  pattern = *std::move(compiled);
  return true;
}

bool Planner::visit_reference(const std::string& keyword, const Value& value) {
  const std::string* text = value.as_text();
  if (text == nullptr || (*text != "#" && !text->starts_with("#/"))) {
    return refuse(at(keyword), "must refer to a place in this schema: \"#\", or \"#/\" and a JSON Pointer");
  }
  auto pointer = percent_decode(text->substr(1));
  if (!pointer) return refuse(at(keyword), "has a % that is not followed by two hexadecimal digits");
  references_.emplace_back(node_, *std::move(pointer));
  return true;
}

bool Planner::resolve_references() {
  for (const auto& [from, pointer] : references_) {
    const auto target = numbers_.find(pointer);
    if (target == numbers_.end()) {
      return refuse(at(pending_[from].pointer, "$ref"), "there is no subschema at this place");
    }
    plan_.nodes[from].all_of.push_back(target->second);
    plan_.nodes[from].in_place.push_back(target->second);
  }
  return true;
}

bool Planner::check_nesting() {
  std::vector<std::size_t> nesting(plan_.nodes.size(), 0);
  for (std::size_t number = 0; number < plan_.nodes.size(); ++number) {
    if (!measure_nesting(number, nesting)) return false;
  }
  return true;
}

// How many subschemas stand inside each other at one place of the value, at most. 0: not known yet.
bool Planner::measure_nesting(std::size_t number, std::vector<std::size_t>& nesting) {
  constexpr std::size_t under_way = SIZE_MAX;
  if (nesting[number] == under_way) {
    return refuse(pending_[number].pointer, "refers to itself without going deeper into the value");
  }
  if (nesting[number] != 0) return true;
  nesting[number] = under_way;
  std::size_t deepest = 0;
  for (const std::size_t inner : plan_.nodes[number].in_place) {
    if (!measure_nesting(inner, nesting)) return false;
    deepest = std::max(deepest, nesting[inner]);
  }
  if (deepest == schema_limits::nested_at_one_place) {
    return refuse(pending_[number].pointer,
                  fmt::format("has more than {} subschemas inside each other for one value",
                              schema_limits::nested_at_one_place));
  }
  nesting[number] = deepest + 1;
  return true;
}

}  // namespace

Result<SchemaPlan> plan_schema(const Value& schema) {
  return Planner().plan(schema);
}

}  // namespace trunkline::json
