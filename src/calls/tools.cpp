#include "calls/tools.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::calls {
namespace {

using db::Statement;
using tenancy::TenantScope;

const Statement upsert_tool{"tools.upsert", R"sql(
  INSERT INTO tools (account_id, id, project_id, name, description, input_schema, output_schema, timeout_ms, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (account_id, project_id, name) WHERE deleted_at IS NULL DO UPDATE
    SET description = $5, input_schema = $6, output_schema = $7, timeout_ms = $8
  RETURNING id, created_at)sql"};
const Statement list_tools{"tools.list", R"sql(
  SELECT id, project_id, name, description, input_schema, output_schema, timeout_ms, created_at
  FROM tools WHERE account_id = $1 AND deleted_at IS NULL AND ($2 OR project_id = $3) ORDER BY name, id LIMIT 1000)sql"};
const Statement find_tool{"tools.find", "SELECT project_id FROM tools WHERE account_id = $1 AND id = $2"};
const Statement delete_tool{"tools.delete", R"sql(
  UPDATE tools SET deleted_at = $3 WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL)sql"};

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

json::Value parsed(std::string_view text) {
  Result<json::Value> value = json::parse(text);
  return value ? std::move(*value) : json::Value();
}

RegisteredTool read_tool(const db::Row& row) {
  return {.id = row.id<ToolId>(0),
          .project = row.id<ProjectId>(1),
          .definition = {.name = std::string(row.text(2)),
                         .description = std::string(row.text(3)),
                         .input_schema = parsed(row.text(4)),
                         .output_schema = parsed(row.text(5)),
                         .timeout_ms = row.integer(6)},
          .created_at = row.instant(7)};
}

bool accepts_all(const json::Value& schema) {
  return schema.is_null() || (schema.as_object() != nullptr && schema.as_object()->empty());
}

}  // namespace

std::string tools_to_text(std::span<const ToolDefinition> tools) {
  if (tools.empty()) return "";
  json::Array list;
  for (const ToolDefinition& tool : tools) {
    list.push_back(json::object({{"name", tool.name},
                                 {"description", tool.description},
                                 {"input_schema", tool.input_schema},
                                 {"output_schema", tool.output_schema},
                                 {"timeout_ms", tool.timeout_ms}}));
  }
  return json::write(json::Value(std::move(list)));
}

std::vector<ToolDefinition> tools_from_text(std::string_view text) {
  std::vector<ToolDefinition> tools;
  if (text.empty()) return tools;
  const json::Value list = parsed(text);
  for (const json::Value& entry : list.as_array() == nullptr ? json::Array() : *list.as_array()) {
    const auto member = [&](std::string_view name) {
      const json::Value* value = entry.find(name);
      return value == nullptr ? json::Value() : *value;
    };
    const auto words = [&](std::string_view name) {
      const json::Value value = member(name);
      return value.as_text() == nullptr ? std::string() : *value.as_text();
    };
    tools.push_back({.name = words("name"),
                     .description = words("description"),
                     .input_schema = member("input_schema"),
                     .output_schema = member("output_schema"),
                     .timeout_ms = member("timeout_ms").as_integer().value_or(tool_timeout_ms_default)});
  }
  return tools;
}

Result<void> Tools::check(const ToolDefinition& definition) {
  if (!is_name(definition.name)) {
    return fail(error_codes::tool_invalid, "name: 1 to 64 letters, digits, '_', '-' or '.'.");
  }
  if (definition.timeout_ms < tool_timeout_ms_min || definition.timeout_ms > tool_timeout_ms_max) {
    return fail(error_codes::tool_invalid, fmt::format("timeout_ms: must be between {} and {}.",
                                                       tool_timeout_ms_min, tool_timeout_ms_max));
  }
  const std::array<std::pair<std::string_view, const json::Value*>, 2> schemas{
      {{"input_schema", &definition.input_schema}, {"output_schema", &definition.output_schema}}};
  for (const auto& [name, schema] : schemas) {
    if (accepts_all(*schema)) continue;
    const auto compiled = pool_.run([&] { return json::Schema::compile(*schema); });
    if (!compiled) return fail(compiled.error());
    if (!*compiled) {
      return fail(Error(error_codes::tool_invalid, fmt::format("{}: {}", name, compiled->error().message())));
    }
  }
  return {};
}

Result<RegisteredTool> Tools::add(const TenantScope& scope, const ToolDefinition& definition) {
  if (const auto sound = check(definition); !sound) return fail(sound.error());
  const auto present = list(scope);
  if (!present) return fail(present.error());
  const bool replaces = std::ranges::any_of(*present, [&](const RegisteredTool& tool) {
    return tool.definition.name == definition.name && tool.project == scope.project;
  });
  if (!replaces && present->size() >= tools_per_project_max) {
    return fail(error_codes::tool_invalid,
                fmt::format("There are {} tools already; delete one first.", present->size()));
  }
  RegisteredTool tool{.id = ToolId(ids_.next()),
                      .project = scope.project,
                      .definition = definition,
                      .created_at = clock_.now(),
                      .replaced = replaces};
  return database_.transact(scope, [&](db::Transaction& transaction) {
    const db::Rows rows = transaction.query(
        upsert_tool, {scope.account, tool.id, scope.project, definition.name, definition.description,
                      json::write(definition.input_schema), json::write(definition.output_schema),
                      definition.timeout_ms, tool.created_at});
    tool.id = rows.front().id<ToolId>(0);
    tool.created_at = rows.front().instant(1);
    return tool;
  });
}

Result<std::vector<RegisteredTool>> Tools::list(const TenantScope& scope) {
  const auto rows =
      database_.query(scope, list_tools, {scope.account, scope.project.is_nil(), scope.project});
  if (!rows) return fail(rows.error());
  std::vector<RegisteredTool> tools;
  for (const db::Row row : *rows) tools.push_back(read_tool(row));
  return tools;
}

Result<void> Tools::remove(const TenantScope& scope, ToolId id) {
  return database_.transact(scope, [&](db::Transaction& transaction) -> Result<void> {
    const db::Rows rows = transaction.query(find_tool, {scope.account, id});
    if (rows.empty() || !scope.covers(rows.front().id<ProjectId>(0))) {
      return fail(Error(error_codes::tool_not_found, "No such tool").with_detail("tool_id", id.text()));
    }
    transaction.execute(delete_tool, {scope.account, id, clock_.now()});
    return {};
  });
}

Result<std::vector<ToolDefinition>> Tools::of_call(const TenantScope& scope, const Call& call) {
  std::vector<ToolDefinition> usable = tools_from_text(call.request.tools);
  const auto add = [&](const RegisteredTool& tool) {
    const bool named = std::ranges::any_of(
        usable, [&](const ToolDefinition& other) { return other.name == tool.definition.name; });
    if (!named) usable.push_back(tool.definition);
  };
  const auto registered = list({.account = scope.account});
  if (!registered) return fail(registered.error());
  for (const RegisteredTool& tool : *registered) {
    if (tool.project == call.project) add(tool);
  }
  for (const RegisteredTool& tool : *registered) {
    if (tool.project.is_nil()) add(tool);
  }
  return usable;
}

Result<void> Tools::validate(const json::Value& schema, const json::Value& value) {
  if (accepts_all(schema)) return {};
  const auto outcome = pool_.run([&]() -> Result<void> {
    const Result<json::Schema> compiled = json::Schema::compile(schema);
    if (!compiled) return fail(compiled.error());
    return compiled->validate(value);
  });
  if (!outcome) return fail(outcome.error());
  return *outcome;
}

}  // namespace trunkline::calls
