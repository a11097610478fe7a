// Which tool the callee's words ask for, and with which arguments: the offline script's substitute for
// understanding.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "dialogue/responder.hpp"

namespace trunkline::dialogue {

// The tool whose name and description share most words with a request (at least two, or all it has; an
// argument that the words name counts as one), when all arguments that its schema requires are in the words.
// Nothing for small talk.
std::optional<ToolCall> match_tool(std::string_view utterance, const std::vector<Tool>& tools);

// The arguments that the words give for a schema: values of an enumeration, what stands behind a property's
// name ("order 12345" for order_id, order_number, order), the only number for the only numeric property,
// e-mail addresses, and the whole words for a property such as `question`. Nothing is guessed: nothing at all
// when a required one is not found.
struct FoundArguments {
  json::Object values;
  std::size_t named = 0;  // how many stood behind their property's name
};
std::optional<FoundArguments> find_arguments(std::string_view utterance, const json::Value& input_schema);

}  // namespace trunkline::dialogue
