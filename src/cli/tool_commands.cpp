// tools add, list, remove.
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "cli/session.hpp"
#include "doors/voice/render.hpp"
#include "doors/voice/requests.hpp"

namespace trunkline::cli {
namespace {

json::Value tool_json(const calls::RegisteredTool& tool) {
  std::string body;
  json::Writer writer(body);
  doors::voice::write_tool(writer, tool);
  return *json::parse(body);
}

Result<void> add_tool(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const std::string path = invocation.argument("FILE");
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return fail(error_codes::usage, fmt::format("FILE: {} cannot be read.", path));
  const auto body = json::parse(text.str());
  if (!body) return fail(body.error());
  const auto definition = doors::voice::read_tool_order(*body);
  if (!definition) return fail(definition.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto tool = (*session)->domain().tools.add(*scope, *definition);
  if (!tool) return fail(tool.error());
  invocation.output().result(tool_json(*tool),
                             fmt::format("{} {}.", tool->id.text(), tool->replaced ? "replaced" : "added"));
  return {};
}

Result<void> list_tools(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto tools = (*session)->domain().tools.list(*scope);
  if (!tools) return fail(tools.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "TIMEOUT", "DESCRIPTION"}};
  for (const calls::RegisteredTool& tool : *tools) {
    values.push_back(tool_json(tool));
    rows.push_back({tool.id.text(), tool.definition.name, fmt::format("{} ms", tool.definition.timeout_ms),
                    tool.definition.description.substr(0, 60)});
  }
  invocation.output().result(values, tools->empty() ? "No tools." : table(rows));
  return {};
}

Result<void> remove_tool(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto id = calls::ToolId::parse(invocation.argument("TOOL"));
  if (!id)
    return fail(error_codes::usage, "TOOL: is a tool's id, tool_…; `trunkline tools list` shows them.");
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  if (const auto removed = (*session)->domain().tools.remove(*scope, *id); !removed)
    return fail(removed.error());
  invocation.output().result(json::object({{"id", id->text()}, {"status", "deleted"}}),
                             fmt::format("{} is gone.", id->text()));
  return {};
}

}  // namespace

std::vector<Command> tool_commands() {
  return {
      {.path = {"tools", "add"},
       .summary = "Registers a tool from a JSON file; a name that is taken is replaced",
       .examples = {"trunkline tools add --account prt_… stock_level.json"},
       .options = {account_required(), project_optional()},
       .positionals = {{.name = "FILE",
                        .meaning = "name, description, input_schema, output_schema, timeout_ms"}},
       .run = add_tool},
      {.path = {"tools", "list"},
       .summary = "Shows registered tools",
       .examples = {"trunkline tools list --account prt_…"},
       .options = {account_required(), project_optional()},
       .run = list_tools},
      {.path = {"tools", "remove"},
       .summary = "Deactivates a tool",
       .examples = {"trunkline tools remove --account prt_… tool_…"},
       .options = {account_required(), project_optional()},
       .positionals = {{.name = "TOOL", .meaning = "The tool's id, tool_…"}},
       .run = remove_tool},
  };
}

}  // namespace trunkline::cli
