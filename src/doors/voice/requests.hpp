// What clients of the voice API send, read and checked.
#pragma once

#include "base/json/value.hpp"
#include "calls/calls.hpp"
#include "calls/tools.hpp"
#include "net/message.hpp"
#include "net/ssrf_guard.hpp"

namespace trunkline::doors::voice {

// The body of POST /calls (contracts/voice-api.md, section 3.1). `countries`: the ones that may be called,
// empty for all. Tools and URLs are checked too; the tools' schemas are not yet.
struct CallOrder {
  calls::CallRequest request;
  std::vector<calls::ToolDefinition> tools;
};
Result<CallOrder> read_call_order(const json::Value& body, const net::UrlGuard& guard,
                                  const std::vector<std::string>& countries);
json::Value call_order_schema();

// The body of POST /tools: one tool, bare or under the key `tool` (section 4.1).
Result<calls::ToolDefinition> read_tool_order(const json::Value& body);
json::Value tool_order_schema();

// The query of GET /calls (section 3.3).
Result<calls::CallFilter> read_call_filter(const net::Request& request);

// The body, which must be a JSON object.
Result<json::Value> read_object(std::string_view body);

}  // namespace trunkline::doors::voice
