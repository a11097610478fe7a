// The names of tools as a model sees them: OpenAI takes letters, digits, `_` and `-`, 64 at most, each name
// once (contracts/openai.md, section 3), and two names are our own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialogue/conversation.hpp"

namespace trunkline::dialogue {

inline constexpr std::string_view press_keys_function = "press_keys";
inline constexpr std::string_view end_call_function = "end_call";

class ToolNames {
 public:
  // Of the tools that may be used and of those in the history.
  explicit ToolNames(const Conversation& conversation);

  // For the model. The tool must be one of the conversation's.
  const std::string& shown(std::string_view name) const;

  // The tool that may be used and is shown under this name; nothing for any other.
  std::optional<std::string> tool_for(std::string_view shown) const;

 private:
  void add(const std::string& name);

  std::map<std::string, std::string, std::less<>> shown_;     // by our name
  std::map<std::string, std::string, std::less<>> original_;  // by shown name
  std::vector<std::string> usable_;
};

}  // namespace trunkline::dialogue
