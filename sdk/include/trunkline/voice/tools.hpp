/// \file
/// Tools as they are registered (voice API, section 4). Answering their requests: tool_router.hpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "trunkline/voice/names.hpp"

namespace trunkline::inline v1::voice {

/// A tool that agents may use during calls.
struct ToolDefinition {
  std::string name = {};                      ///< what the agent calls it, 1 to 64 characters
  std::string description = {};               ///< when to use it and what it does; the agent decides by this
  Json input_schema = Json::object();         ///< JSON Schema of the arguments
  Json output_schema = Json::object();        ///< JSON Schema of the result; empty: anything
  std::chrono::milliseconds timeout{30'000};  ///< 1 s to 120 s; then the call goes on without a result
};

/// A registered tool.
struct Tool {
  std::string id = {};                       ///< tool_…
  ToolDefinition definition = {};            ///< as it is stored
  std::string project_id = {};               ///< empty: of the whole account
  std::optional<Timestamp> created_at = {};  ///< when it was first registered
  Json raw = {};                             ///< the answer as it came
};

/// The answer to delete_tool().
struct DeletedTool {
  std::string id = {};      ///< tool_…
  std::string status = {};  ///< "deleted"
  Json raw = {};            ///< the answer as it came
};

}  // namespace trunkline::inline v1::voice
