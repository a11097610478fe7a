// POST /calls, GET /calls, GET /calls/{id}, cancel and hangup (contracts/voice-api.md, section 3).
#include <algorithm>

#include "doors/voice/door.hpp"
#include "doors/voice/errors.hpp"
#include "doors/voice/render.hpp"
#include "doors/voice/requests.hpp"

namespace trunkline::doors::voice {
namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

const std::vector<net::DocumentedResponse>& call_responses() {
  static const std::vector<net::DocumentedResponse> responses{
      {200, "The call.", [] { return call_schema(true); }}, {404, "No such call (7003).", error_schema}};
  return responses;
}

std::vector<net::QueryParameter> list_parameters() {
  const auto text = [] { return json::object({{"type", "string"}}); };
  const auto number = [] { return json::object({{"type", "integer"}}); };
  return {{"status_filter", "Only calls of this status.", text()},
          {"status", "The same, as older clients say it.", text()},
          {"start_date", "Created at or after; ISO 8601.", text()},
          {"end_date", "Created before; ISO 8601.", text()},
          {"limit", "At most so many; 50 unless given, 100 at the most.", number()},
          {"offset", "Skips so many.", number()}};
}

Result<std::optional<calls::IdempotencyKey>> idempotency_of(const net::Request& request) {
  const auto key = request.headers.find("Idempotency-Key");
  if (!key || key->empty()) return std::nullopt;
  const bool visible = std::ranges::all_of(*key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key->size() > idempotency_key_bytes_max || !visible) {
    return fail(error_codes::bad_parameter, "Idempotency-Key: 1 to 255 visible ASCII characters.");
  }
  return calls::IdempotencyKey{.key = std::string(*key), .request_body = request.body};
}

}  // namespace

void Door::add_call_routes(net::Router& router) {
  using net::Access;
  using net::Method;
  add(router,
      {.method = Method::post,
       .path = "/api/b2b/v1/calls",
       .operation = "createCall",
       .summary =
           "Places a call. Durable when answered; dialling follows. Repeatable with an Idempotency-Key.",
       .access = Access::api_key,
       .request_schema = call_order_schema,
       .responses = {{201, "The call is queued.", placed_schema},
                     {400, "The request is wrong (2001, 2002, 7004, 7005).", error_schema},
                     {409, "The Idempotency-Key came with another body.", error_schema}}},
      [this](Caller& caller) { return place_call(caller); });
  add(router,
      {.method = Method::get,
       .path = "/api/b2b/v1/calls",
       .operation = "listCalls",
       .summary = "Calls, newest first.",
       .access = Access::api_key,
       .query = list_parameters(),
       .responses = {{200, "items, total, limit, offset.",
                      [] {
                        return json::object(
                            {{"type", "object"},
                             {"properties",
                              json::object({{"items", json::object({{"type", "array"},
                                                                    {"items", call_schema(false)}})},
                                            {"total", json::object({{"type", "integer"}})},
                                            {"limit", json::object({{"type", "integer"}})},
                                            {"offset", json::object({{"type", "integer"}})}})}});
                      }},
                     {400, "A parameter is wrong (2001).", error_schema}}},
      [this](Caller& caller) { return list_calls(caller); });
  add(router,
      {.method = Method::get,
       .path = "/api/b2b/v1/calls/{call_id}",
       .operation = "getCall",
       .summary = "A call with its transcript and summary.",
       .access = Access::api_key,
       .responses = call_responses()},
      [this](Caller& caller) -> Result<net::Response> {
        const auto id = call_in_path(caller.request);
        if (!id) return fail(id.error());
        const auto detail = context_.calls.find_with_transcript(caller.scope(), *id);
        if (!detail) return fail(detail.error());
        return net::json_response(200, call_body(*detail));
      });
  add(router,
      {.method = Method::post,
       .path = "/api/b2b/v1/calls/{call_id}/cancel",
       .operation = "cancelCall",
       .summary = "Ends the call as cancelled. On one that has ended it changes nothing.",
       .access = Access::api_key,
       .responses = call_responses()},
      [this](Caller& caller) { return end_call(caller, true); });
  add(router,
      {.method = Method::post,
       .path = "/api/b2b/v1/calls/{call_id}/hangup",
       .operation = "hangUpCall",
       .summary = "Hangs up. Before the call connected that is a cancel.",
       .access = Access::api_key,
       .responses = call_responses()},
      [this](Caller& caller) { return end_call(caller, false); });
}

Result<net::Response> Door::place_call(Caller& caller) {
  const Result<json::Value> body = read_object(caller.request.body);
  if (!body) return fail(body.error());
  const auto idempotency = idempotency_of(caller.request);
  if (!idempotency) return fail(idempotency.error());
  Result<CallOrder> order = read_call_order(*body, context_.guard, context_.countries);
  if (!order) return fail(std::move(order.error()));
  for (const calls::ToolDefinition& tool : order->tools) {
    if (const auto sound = context_.tools.check(tool); !sound) return fail(sound.error());
  }
  order->request.tools = calls::tools_to_text(order->tools);
  const auto placed = context_.calls.place(caller.scope(), std::move(order->request), *idempotency);
  if (!placed) return fail(placed.error());
  net::Response response = net::json_response(201, placed_body(placed->call));
  if (placed->replayed) response.headers.add("Idempotent-Replayed", "true");
  return response;
}

Result<net::Response> Door::list_calls(Caller& caller) {
  const Result<calls::CallFilter> filter = read_call_filter(caller.request);
  if (!filter) return fail(filter.error());
  const auto page = context_.calls.list(caller.scope(), *filter);
  if (!page) return fail(page.error());
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("items").begin_array();
  for (const calls::Call& call : page->calls) write_call(writer, call, nullptr);
  writer.end_array()
      .member("total", page->total)
      .member("limit", filter->limit)
      .member("offset", filter->offset)
      .end_object();
  return net::json_response(200, std::move(body));
}

Result<net::Response> Door::end_call(Caller& caller, bool cancel) {
  const auto id = call_in_path(caller.request);
  if (!id) return fail(id.error());
  const auto detail =
      cancel ? context_.calls.cancel(caller.scope(), *id) : context_.calls.hang_up(caller.scope(), *id);
  if (!detail) return fail(detail.error());
  return net::json_response(200, call_body(*detail));
}

}  // namespace trunkline::doors::voice
