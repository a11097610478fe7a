#include "base/json/shape.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::json {
namespace {

// Longer keys are no typing errors, and guessing takes time in proportion.
constexpr std::size_t longest_key_to_guess = 64;

}  // namespace

void AnyShape::read(const Value& value, void* target, const Place& place, Report& report) const {
  const Object* members = value.as_object();
  if (members == nullptr) return report.add(place, "must be an object");
  for (const Field& field : fields_) {
    const Place here{.parent = &place, .key = field.name};
    const Value* content = members->find(field.name);
    const bool absent =
        content == nullptr || (content->is_null() && !(field.required && field.rule->takes_null()));
    if (!absent) {
      field.rule->read(*content, field.target(static_cast<char*>(target) + field.offset), here, report);
    } else if (field.required) {
      report.add(here, "is required");
    }
  }
  if (unknown_ == UnknownMembers::refused) refuse_unknown(*members, place, report);
}

void AnyShape::refuse_unknown(const Object& members, const Place& place, Report& report) const {
  std::vector<std::string_view> names;
  names.reserve(fields_.size());
  for (const Field& field : fields_) names.push_back(field.name);
  for (const Member& member : members) {
    if (std::ranges::find(names, member.key) != names.end()) continue;
    const auto meant = member.key.size() > longest_key_to_guess ? std::nullopt : closest(member.key, names);
    report.add(Place{.parent = &place, .key = member.key},
               meant ? fmt::format("is not known here, did you mean {}?", *meant) : "is not known here");
  }
}

Object AnyShape::schema() const {
  Object properties;
  Array required;
  for (const Field& field : fields_) {
    Object property = field.rule->schema();
    property.set("description", field.summary);
    properties.set(field.name, std::move(property));
    if (field.required) required.push_back(field.name);
  }
  Object schema{
      {"title", name_}, {"description", summary_}, {"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema.set("required", std::move(required));
  if (unknown_ == UnknownMembers::refused) schema.set("additionalProperties", false);
  return schema;
}

}  // namespace trunkline::json
