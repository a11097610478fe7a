// Tools that agents may use during calls: registered once for all calls of a project (contracts/voice-api.md,
// section 4), or brought along by one call.
#pragma once

#include <string>
#include <vector>

#include "base/json/schema.hpp"
#include "base/json/value.hpp"
#include "calls/call.hpp"
#include "db/database.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::calls {

struct ToolTag {
  static constexpr std::string_view prefix = "tool_";
};
using ToolId = Id<ToolTag>;

inline constexpr std::int64_t tool_timeout_ms_default = 30'000;
inline constexpr std::int64_t tool_timeout_ms_min = 1'000;
inline constexpr std::int64_t tool_timeout_ms_max = 120'000;
inline constexpr std::size_t tools_per_call_max = 32;
inline constexpr std::size_t tools_per_project_max = 256;

struct ToolDefinition {
  std::string name;
  std::string description;
  json::Value input_schema;
  json::Value output_schema;  // {} or null: anything
  std::int64_t timeout_ms = tool_timeout_ms_default;
};

struct RegisteredTool {
  ToolId id;
  ProjectId project;
  ToolDefinition definition;
  Instant created_at{};
  bool replaced = false;  // by `add`: the name was taken
};

namespace error_codes {
inline constexpr ErrorCode tool_not_found{"tool_not_found", ErrorKind::not_found};
inline constexpr ErrorCode tool_invalid{"tool_invalid", ErrorKind::invalid};
}  // namespace error_codes

// The call's own tools as they are stored with it, and back.
std::string tools_to_text(std::span<const ToolDefinition> tools);
std::vector<ToolDefinition> tools_from_text(std::string_view text);

class Tools {
 public:
  // Schemas are compiled on `pool`.
  Tools(db::Database& database, IdSource& ids, const Clock& clock, runtime::ThreadPool& pool)
      : database_(database), ids_(ids), clock_(clock), pool_(pool) {}

  // Whether the definition makes sense; tool_invalid says what does not. Suspends.
  Result<void> check(const ToolDefinition& definition);

  // A name that is taken in the same project is replaced and keeps its id.
  Result<RegisteredTool> add(const tenancy::TenantScope& scope, const ToolDefinition& definition);
  // By name.
  Result<std::vector<RegisteredTool>> list(const tenancy::TenantScope& scope);
  // May be repeated.
  Result<void> remove(const tenancy::TenantScope& scope, ToolId id);

  // What the agent of a call may use: the call's own tools, then the project's and the account's, each name
  // once.
  Result<std::vector<ToolDefinition>> of_call(const tenancy::TenantScope& scope, const Call& call);

  // Suspends for the pool.
  Result<void> validate(const json::Value& schema, const json::Value& value);

 private:
  db::Database& database_;
  IdSource& ids_;
  const Clock& clock_;
  runtime::ThreadPool& pool_;
};

}  // namespace trunkline::calls
