// What a model is told. The customer's order and our rules are the system prompt; whatever comes from the
// line or from a tool follows as records, one JSON object a line, which the prompt declares to be data
// (control C12 of docs/security.md). Nothing of other calls, no ids and no secrets are in it.
#pragma once

#include <string>

#include "dialogue/conversation.hpp"

namespace trunkline::dialogue {

// Role, order, language and rules; the same through a whole call, so that providers can cache it.
std::string system_prompt(const Brief& brief);

// Records of what happened on the line. None has a line end inside.
std::string answered_record(Party by);
std::string heard_record(std::string_view words);
std::string silence_record();
std::string left_out_record();  // an earlier part of a long call is not shown
std::string time_record(Duration left);
std::string broken_off_record();  // the agent's last words stay said; it is to go on from there
// What a tool gave; a long result is cut.
std::string tool_record(const ToolUse& use);

// For the summary: what to write, and the whole call as a JSON array.
std::string summary_prompt(const Brief& brief);
std::string summary_records(const Conversation& conversation);

}  // namespace trunkline::dialogue
