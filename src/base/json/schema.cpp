#include "base/json/schema.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/json/schema_engine.hpp"
#include "base/json/schema_plan.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

constexpr std::size_t most_work = 100'000;
constexpr std::size_t most_work_to_explain = 10'000;  // a mismatch in many places costs memory too
constexpr std::size_t deepest_value = 66;             // what parse accepts, and a little around it
constexpr std::size_t most_keys_to_match = 20'000;

// How many arrays and objects stand inside each other, and the most bytes that keys and text take on one
// path.
struct Extent {
  std::size_t depth = 0;
  std::size_t path_bytes = 0;
};

Extent extent_of(const Value& value) {
  Extent most;
  const auto widen = [&most](std::size_t key_bytes, const Value& inner) {
    const Extent extent = extent_of(inner);
    most.depth = std::max(most.depth, extent.depth);
    most.path_bytes = std::max(most.path_bytes, extent.path_bytes + key_bytes);
  };
  if (const std::string* text = value.as_text()) return {0, text->size()};
  if (const Object* members = value.as_object()) {
    for (const Member& member : *members) widen(member.key.size(), member.value);
  } else if (const Array* items = value.as_array()) {
    for (const Value& item : *items) widen(0, item);
  } else {
    return {};
  }
  ++most.depth;
  return most;
}

void collect_keys(const Value& value, std::set<std::string>& keys) {
  if (const Object* members = value.as_object()) {
    for (const Member& member : *members) {
      keys.insert(member.key);
      collect_keys(member.value, keys);
    }
  } else if (const Array* items = value.as_array()) {
    for (const Value& item : *items) collect_keys(item, keys);
  }
}

std::size_t count_patterns(const SchemaPlan& plan) {
  std::size_t count = 0;
  for (const SchemaNode& node : plan.nodes) count += node.pattern_properties.size();
  return count;
}

std::unexpected<Error> too_costly(const char* message) {
  return fail(error_codes::schema_too_costly, message);
}

}  // namespace

struct Schema::Compiled {
  SchemaPlan plan;
  std::size_t patterns = 0;  // in `patternProperties`
  // Nothing when `patternProperties` make it depend on the keys of each value.
  std::optional<SchemaEngine> engine;
};

Result<Schema> Schema::compile(const Value& schema) {
  if (extent_of(schema).depth > schema_limits::depth) {
    return fail(error_codes::schema_invalid,
                fmt::format("the schema is deeper than {} levels", schema_limits::depth));
  }
  if (write(schema).size() > schema_limits::bytes) {
    return fail(error_codes::schema_invalid,
                fmt::format("the schema is longer than {} bytes", schema_limits::bytes));
  }
  auto plan = plan_schema(schema);
  if (!plan) return fail(std::move(plan).error());

  auto compiled = std::make_shared<Compiled>();
  compiled->plan = *std::move(plan);
  compiled->patterns = count_patterns(compiled->plan);
  try {
    SchemaEngine engine(compiled->plan, {});
    if (compiled->patterns == 0) compiled->engine = std::move(engine);
  } catch (const std::exception& problem) {
    return fail(error_codes::schema_invalid, fmt::format("the schema cannot be used: {}", problem.what()));
  }
  return Schema(std::move(compiled));
}

Result<void> Schema::validate(const Value& value) const {
  const Extent extent = extent_of(value);
  if (extent.depth > deepest_value) return too_costly("the value is nested too deeply to be checked");
  std::set<std::string> keys;
  if (compiled_->patterns > 0) collect_keys(value, keys);
  if (keys.size() * compiled_->patterns > most_keys_to_match) {
    return too_costly("the value has too many keys to be checked against this schema");
  }
  std::optional<SchemaEngine> own;
  if (!compiled_->engine) own.emplace(compiled_->plan, std::vector<std::string>(keys.begin(), keys.end()));
  const SchemaEngine& engine = own ? *own : *compiled_->engine;

  // valijson copies the path and the text at every visit.
  SchemaWork work{.most = most_work, .visit = 1 + extent.path_bytes / 4096, .keys = keys.size()};
  switch (engine.check(value, work)) {
    case SchemaAnswer::holds:
      return {};
    case SchemaAnswer::too_costly:
      return too_costly("the value takes too long to be checked against this schema");
    case SchemaAnswer::mismatch:
      break;
  }
  work.most = most_work_to_explain;
  return fail(engine.explain(value, work).to_error(error_codes::schema_mismatch, "the value"));
}

}  // namespace trunkline::json
