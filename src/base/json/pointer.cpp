#include "base/json/pointer.hpp"

#include <charconv>

namespace trunkline::json {
namespace {

// The key that a pointer's token stands for; "~" must be followed by 0 or 1.
std::optional<std::string> unescape(std::string_view token) {
  std::string key;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      key += token[i];
      continue;
    }
    const std::string_view escape = token.substr(i, 2);
    if (escape != "~0" && escape != "~1") return std::nullopt;
    key += escape == "~0" ? '~' : '/';
    ++i;
  }
  return key;
}

const Value* item(const Array& items, std::string_view token) {
  if (token.empty() || (token.front() == '0' && token.size() > 1)) return nullptr;
  std::size_t index = 0;
  const auto end = std::from_chars(token.data(), token.data() + token.size(), index);
  if (end.ec != std::errc() || end.ptr != token.data() + token.size()) return nullptr;
  return index < items.size() ? &items[index] : nullptr;
}

}  // namespace

void append_pointer(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char character : key) {
    if (character == '~') {
      pointer += "~0";
    } else if (character == '/') {
      pointer += "~1";
    } else {
      pointer += character;
    }
  }
}

const Value* resolve(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  while (value != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return nullptr;
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (const Array* items = value->as_array()) {
      value = item(*items, token);
    } else {
      const auto key = unescape(token);
      value = key ? value->find(*key) : nullptr;
    }
  }
  return value;
}

}  // namespace trunkline::json
