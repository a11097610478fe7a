// A conversation as a responder sees it: what the agent is to achieve, what was said so far, which tools
// there are, and how much is left. Plain values: responders are functions of them.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::dialogue {

// What the customer asked for (contracts/voice-api.md, section 3.1).
struct Brief {
  std::string task;
  std::string instructions;
  std::string agent_name;
  std::string caller_name;  // on whose behalf
  std::string locale;       // BCP 47, "" when not given
  std::string voice;
};

enum class Speaker : std::uint8_t { agent, callee };

struct Utterance {
  Speaker speaker = Speaker::agent;
  std::string text;
};

// The agent pressed keys.
struct KeyPress {
  std::string digits;
};

// A tool was used and what came of it. Exactly one of result and error is set.
struct ToolUse {
  std::string id;  // correlation id
  std::string name;
  json::Value arguments;
  std::optional<json::Value> result;
  std::string error = {};
};

// The callee was expected to speak and did not.
struct Silence {};

using Entry = std::variant<Utterance, KeyPress, ToolUse, Silence>;

struct Tool {
  std::string name;
  std::string description;
  json::Value input_schema;  // JSON Schema of its arguments, an object
};

enum class Party : std::uint8_t { unknown, person, machine };

struct Conversation {
  Brief brief;
  Party answered_by = Party::unknown;
  std::vector<Entry> history;  // in the order it happened
  std::vector<Tool> tools;     // that may still be used: none when the budget is spent
  Duration time_left{};        // until the call's maximum duration, in call time
};

}  // namespace trunkline::dialogue
