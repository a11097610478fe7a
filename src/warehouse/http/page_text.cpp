#include "warehouse/http/page_text.hpp"

#include <algorithm>

#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

// Stands where an escaped U+0000 was until its row is known. Two characters of the private use area, which no
// provider sends side by side.
constexpr std::string_view nul_escape_mark = "\\uf8f3\\uf8f4";
constexpr std::string_view nul_mark = "\xEF\xA3\xB3\xEF\xA3\xB4";
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t depth_max = 64;

// Nearly all pages: they are read where they stand.
bool needs_no_repair(std::string_view body) {
  return body.find("\\u") == std::string_view::npos && body.find('\0') == std::string_view::npos &&
         json::valid_utf8_size(body) == body.size();
}

std::string with_marked_nuls(std::string_view body) {
  std::string marked;
  marked.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    const std::size_t next = std::min(body.find('\\', at), body.size());
    marked.append(body.substr(at, next - at));
    if (next == body.size()) break;
    if (body.substr(next, 6) == "\\u0000") {
      marked.append(nul_escape_mark);
      at = next + 6;
    } else {
      marked.append(body.substr(next, 2));
      at = std::min(next + 2, body.size());
    }
  }
  return marked;
}

void remove_marks(std::string& text, RepairedText& found) {
  for (std::size_t at = text.find(nul_mark); at != std::string::npos; at = text.find(nul_mark, at)) {
    text.erase(at, nul_mark.size());
    found.removed_nul = true;
  }
  if (text.find(replacement) != std::string::npos) found.replaced = true;
}

void remove_marks(json::Value& value, RepairedText& found, std::size_t depth) {
  if (std::string* text = value.as_text()) remove_marks(*text, found);
  if (depth == 0) return;
  if (json::Array* items = value.as_array()) {
    for (json::Value& item : *items) remove_marks(item, found, depth - 1);
  }
  if (json::Object* object = value.as_object()) {
    std::vector<std::string> keys;
    for (const json::Member& member : *object) keys.push_back(member.key);
    for (const std::string& key : keys) remove_marks(*object->find(key), found, depth - 1);
  }
}

}  // namespace

Result<PageText> read_page_text(std::string_view body, std::size_t bytes_max) {
  const json::ParseLimits limits{.bytes = bytes_max, .depth = depth_max};
  if (needs_no_repair(body)) {
    Result<json::Value> value = json::parse(body, limits);
    if (!value) return fail(value.error());
    return PageText{.value = std::move(*value)};
  }
  const bool has_nul = body.find("\\u0000") != std::string_view::npos;
  const RepairedText repaired = has_nul ? repair_json(with_marked_nuls(body)) : repair_json(body);
  Result<json::Value> value = json::parse(repaired.text, limits);
  if (!value) return fail(value.error());
  return PageText{.value = std::move(*value),
                  .is_repaired = has_nul || repaired.removed_nul || repaired.replaced};
}

void note_repairs(json::Value& row) {
  RepairedText found;
  remove_marks(row, found, depth_max);
  mark_repair(row, found);
}

}  // namespace trunkline::warehouse
