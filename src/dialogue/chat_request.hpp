// Request bodies of the chat completions API (contracts/openai.md, section 3), with the listed fields only.
#pragma once

#include <string>

#include "dialogue/conversation.hpp"
#include "dialogue/tool_names.hpp"

namespace trunkline::dialogue {

// What is asked of a model, whatever the conversation.
struct ChatSettings {
  std::string model;
  std::string max_tokens_field = "max_completion_tokens";  // older servers take max_tokens only
  std::int64_t max_tokens = 400;
  std::optional<double> temperature = {};  // some models take their own only
};

// For the agent's next move: streamed, with usage.
std::string reply_request(const Conversation& conversation, const ToolNames& names,
                          const ChatSettings& settings);

// For a summary: in one piece, as JSON {"summary": …} by a schema, or as plain text for servers that take
// none.
std::string summary_request(const Conversation& conversation, const ChatSettings& settings, bool with_schema);

}  // namespace trunkline::dialogue
