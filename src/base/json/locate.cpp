#include "base/json/locate.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/json/pointer.hpp"
#include "base/json/text.hpp"

namespace trunkline::json {
namespace {

// An array or object that is open at the place looked for.
struct Level {
  bool is_object;
  bool at_key = true;  // in an object: the next string is a key
  std::string_view key = {};
  std::size_t index = 0;
};

// Behind the quote that closes the string which opens at `at`; the end of the text when none does.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size() + 1;
}

void append_level(std::string& pointer, const Level& level) {
  if (!level.is_object) {
    append_pointer(pointer, std::to_string(level.index));
  } else if (!level.at_key) {
    std::string key;
    append_pointer(pointer, append_unescaped(key, level.key) ? level.key : std::string_view(key));
  }
}

}  // namespace

std::string pointer_at(std::string_view text, std::size_t offset) {
  std::vector<Level> levels;
  for (std::size_t at = 0; at < std::min(offset, text.size()); ++at) {
    const char character = text[at];
    if (character == '{' || character == '[') {
      levels.push_back({.is_object = character == '{'});
    } else if (levels.empty()) {
      continue;
    } else if (character == '"') {
      const std::size_t end = string_end(text, at);
      if (end > offset) break;
      if (levels.back().at_key) levels.back().key = text.substr(at + 1, end - at - 2);
      at = end - 1;
    } else if (character == '}' || character == ']') {
      levels.pop_back();
    } else if (character == ':') {
      levels.back().at_key = false;
    } else if (character == ',') {
      levels.back().at_key = true;
      ++levels.back().index;
    }
  }
  std::string pointer;
  for (const Level& level : levels) {
    append_level(pointer, level);
    if (pointer.size() > longest_pointer) break;
  }
  shorten(pointer, longest_pointer);
  return pointer;
}

std::optional<std::pair<StringFault, std::size_t>> find_string_fault(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') return std::pair(StringFault::stray_backslash, at);
    if (text[at] != '"') continue;
    const std::size_t end = string_end(text, at);
    for (std::size_t i = at; i < std::min(end, text.size()); ++i) {
      if (static_cast<std::uint8_t>(text[i]) < 0x20) return std::pair(StringFault::control_character, i);
    }
    if (end > text.size()) return std::pair(StringFault::unclosed, at);
    at = end - 1;
  }
  return std::nullopt;
}

}  // namespace trunkline::json
