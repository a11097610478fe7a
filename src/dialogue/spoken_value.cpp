#include "dialogue/spoken_value.hpp"

#include <fmt/core.h>

#include "base/json/text.hpp"
#include "base/text.hpp"
#include "dialogue/phrases.hpp"
#include "dialogue/plain_speech.hpp"
#include "dialogue/words.hpp"

namespace trunkline::dialogue {
namespace {

constexpr std::size_t items_max = 3;
constexpr std::size_t members_max = 8;
constexpr std::size_t depth_max = 4;
constexpr std::size_t text_bytes_max = 300;

std::string in_words(const json::Value& value, Language language, std::size_t depth);

std::string items_in_words(const json::Array& items, Language language, std::size_t depth) {
  std::vector<std::string> parts;
  for (const json::Value& item : items) {
    if (parts.size() == items_max) break;
    std::string part = in_words(item, language, depth);
    if (!part.empty()) parts.push_back(std::move(part));
  }
  if (items.size() > items_max) {
    parts.push_back(fmt::format("{} {}", items.size() - items_max, phrases(language).and_more));
  }
  return join(parts, "; ");
}

std::string members_in_words(const json::Object& members, Language language, std::size_t depth) {
  std::vector<std::string> parts;
  for (const auto& [key, member] : members) {
    if (parts.size() == members_max) break;
    const std::string words = in_words(member, language, depth);
    const std::string name = plain_speech(spaced_name(key));
    if (words.empty()) continue;
    parts.push_back(name.empty() ? words : fmt::format("{}: {}", name, words));
  }
  return join(parts, ", ");
}

std::string in_words(const json::Value& value, Language language, std::size_t depth) {
  if (depth == 0) return "";
  switch (value.kind()) {
    case json::Kind::null:
      return "";
    case json::Kind::boolean:
      return std::string(*value.as_bool() ? phrases(language).yes : phrases(language).no);
    case json::Kind::number:
      return *value.number_text();
    case json::Kind::text:
      return plain_speech(*value.as_text());
    case json::Kind::array:
      return items_in_words(*value.as_array(), language, depth - 1);
    case json::Kind::object:
      return members_in_words(*value.as_object(), language, depth - 1);
  }
  return "";
}

}  // namespace

std::string spoken_value(const json::Value& value, Language language) {
  std::string words = in_words(value, language, depth_max);
  json::shorten(words, text_bytes_max);
  const bool begins_with_name = value.as_object() != nullptr && !words.empty();
  if (begins_with_name && words[0] >= 'a' && words[0] <= 'z')
    words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

}  // namespace trunkline::dialogue
