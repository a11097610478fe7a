// Asks the customer's server to run a tool (contracts/voice-api.md, section 9.4).
#pragma once

#include "calls/tools.hpp"
#include "net/client.hpp"
#include "webhooks/endpoints.hpp"

namespace trunkline::calls {

struct ToolQuestion {
  CallId call;
  AccountId account;
  ProjectId project;
  Uuid correlation_id;
  std::string tool_name;
  json::Value arguments;
};

namespace error_codes {
// The tool said no, or nothing usable came back in time. The message is fit for the agent.
inline constexpr ErrorCode tool_failed{"tool_failed", ErrorKind::unavailable};
}  // namespace error_codes

// The exact bytes of the request.
Result<std::string> tool_request_body(const ToolQuestion& question, json::SignatureStyle style);

// What a reply means: the value of its `result`, or why there is none. Takes the odd shapes that published
// handlers send: an error with status 200, a pair of error and status as a list, an echoed correlation id.
Result<json::Value> read_tool_reply(int status, std::string_view body, Uuid correlation_id);

// One request, never repeated: the customer's server may have acted on it. Suspends.
Result<json::Value> ask_tool(net::Client& client, const webhooks::Endpoint& endpoint, std::string_view url,
                             const ToolQuestion& question, Duration timeout, Instant now);

std::string correlation_text(Uuid id);

}  // namespace trunkline::calls
