// A whole call between a responder and a callee of the phone network in a box, for tests: both sides on one
// clock, without engine, database or network. Only tests include it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dialogue/responder.hpp"

namespace trunkline::dialogue::testing {

struct SimulatedCall {
  std::string number = "+12025550101";
  Brief brief;
  std::vector<Tool> tools = {};
  // What a tool gives; a failure says why it gives nothing.
  std::function<Result<json::Value>(const ToolCall&)> use_tool = {};
  Duration time_limit = seconds(299);
};

struct FinishedCall {
  Conversation conversation;  // as it was at the end
  std::vector<std::string>
      transcript;  // "agent: …", "callee: …", "keys: 3", "tool: …", "silence", "ended: …"

  std::vector<std::string> said(Speaker speaker) const;
};

FinishedCall simulate(Responder& responder, const SimulatedCall& call);

// A tool whose arguments are these JSON Schema properties, all of them required.
Tool make_tool(std::string name, std::string description, std::string_view properties);

}  // namespace trunkline::dialogue::testing
