// valijson behind a wall: the only part of the program that includes it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/json/rule.hpp"
#include "base/json/schema_plan.hpp"
#include "base/json/value.hpp"

namespace valijson {
class Schema;
}

namespace trunkline::json {

// What one run may take, in units of about a microsecond.
struct SchemaWork {
  std::size_t most;
  std::size_t visit;  // what the visit of one subschema costs at least
  std::size_t keys;   // that `patternProperties` were matched with
};

enum class SchemaAnswer : std::uint8_t { holds, mismatch, too_costly };

// A schema as valijson has it. Recurses as deep as the schema and the value do.
class SchemaEngine {
 public:
  // For values whose keys are these, where the plan has `patternProperties`. The plan must outlive it.
  SchemaEngine(const SchemaPlan& plan, const std::vector<std::string>& keys);
  SchemaEngine(SchemaEngine&&) noexcept;
  SchemaEngine& operator=(SchemaEngine&&) noexcept;
  ~SchemaEngine();

  // Stops at the first problem.
  SchemaAnswer check(const Value& value, SchemaWork work) const;
  // Goes on and gathers the problems, as far as the work suffices.
  Report explain(const Value& value, SchemaWork work) const;

 private:
  std::unique_ptr<const valijson::Schema> schema_;
};

}  // namespace trunkline::json
