// POST /tools, GET /tools, DELETE /tools/{id} (contracts/voice-api.md, section 4).
#include "doors/voice/door.hpp"
#include "doors/voice/errors.hpp"
#include "doors/voice/render.hpp"
#include "doors/voice/requests.hpp"

namespace trunkline::doors::voice {

void Door::add_tool_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  add(router,
      {.method = Method::post,
       .path = "/api/b2b/v1/tools",
       .operation = "registerTool",
       .summary = "Registers a tool for all calls. A name that is taken is replaced and keeps its id.",
       .access = Access::api_key,
       .request_schema = tool_order_schema,
       .responses = {{201, "The tool.", tool_schema},
                     {400, "The definition is wrong (2001).", error_schema}}},
      [this](Caller& caller) { return register_tool(caller); });
  add(router,
      {.method = Method::get,
       .path = "/api/b2b/v1/tools",
       .operation = "listTools",
       .summary = "The registered tools, as a bare array.",
       .access = Access::api_key,
       .responses = {{200, "The tools.",
                      [] { return json::object({{"type", "array"}, {"items", tool_schema()}}); }}}},
      [this](Caller& caller) -> Result<net::Response> {
        const auto tools = context_.tools.list(caller.scope());
        if (!tools) return fail(tools.error());
        std::string body;
        json::Writer writer(body);
        writer.begin_array();
        for (const calls::RegisteredTool& tool : *tools) write_tool(writer, tool);
        writer.end_array();
        return net::json_response(200, std::move(body));
      });
  add(router,
      {.method = Method::del,
       .path = "/api/b2b/v1/tools/{tool_id}",
       .operation = "deleteTool",
       .summary = "Deactivates a tool. May be repeated.",
       .access = Access::api_key,
       .responses = {{200, "It is gone.", {}}, {404, "No such tool.", error_schema}}},
      [this](Caller& caller) -> Result<net::Response> {
        const std::string_view text = caller.request.path_parameter("tool_id");
        const auto id = calls::ToolId::parse(text);
        if (!id) {
          return fail(Error(calls::error_codes::tool_not_found, "No such tool")
                          .with_detail("tool_id", std::string(text)));
        }
        if (const auto removed = context_.tools.remove(caller.scope(), *id); !removed)
          return fail(removed.error());
        std::string body;
        json::Writer(body)
            .begin_object()
            .member("id", id->text())
            .member("status", "deleted")
            .member("success", true)
            .end_object();
        return net::json_response(200, std::move(body));
      });
}

Result<net::Response> Door::register_tool(Caller& caller) {
  const Result<json::Value> body = read_object(caller.request.body);
  if (!body) return fail(body.error());
  const Result<calls::ToolDefinition> definition = read_tool_order(*body);
  if (!definition) return fail(definition.error());
  const auto tool = context_.tools.add(caller.scope(), *definition);
  if (!tool) return fail(tool.error());
  std::string text;
  json::Writer writer(text);
  write_tool(writer, *tool);
  return net::json_response(tool->replaced ? 200 : 201, std::move(text));
}

}  // namespace trunkline::doors::voice
