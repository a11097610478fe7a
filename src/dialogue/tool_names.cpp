#include "dialogue/tool_names.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t name_bytes_max = 64;

std::string sanitised(std::string_view name) {
  std::string result;
  for (const char c : name.substr(0, name_bytes_max)) {
    const bool is_allowed = is_letter_or_digit(c) || c == '_' || c == '-';
    result += is_allowed ? c : '_';
  }
  return result.empty() ? "tool" : result;
}

}  // namespace

ToolNames::ToolNames(const Conversation& conversation) {
  for (const std::string_view ours : {press_keys_function, end_call_function}) original_.emplace(ours, "");
  for (const Tool& tool : conversation.tools) {
    add(tool.name);
    usable_.push_back(tool.name);
  }
  for (const Entry& entry : conversation.history) {
    if (const auto* use = std::get_if<ToolUse>(&entry)) add(use->name);
  }
}

void ToolNames::add(const std::string& name) {
  if (shown_.contains(name)) return;
  const std::string wanted = sanitised(name);
  std::string free = wanted;
  for (int i = 2; original_.contains(free); ++i) {
    const std::string ending = fmt::format("_{}", i);
    free = wanted.substr(0, name_bytes_max - ending.size()) + ending;
  }
  original_.emplace(free, name);
  shown_.emplace(name, std::move(free));
}

const std::string& ToolNames::shown(std::string_view name) const {
  return shown_.find(name)->second;
}

std::optional<std::string> ToolNames::tool_for(std::string_view shown) const {
  const auto found = original_.find(shown);
  if (found == original_.end() || std::ranges::find(usable_, found->second) == usable_.end())
    return std::nullopt;
  return found->second;
}

}  // namespace trunkline::dialogue
