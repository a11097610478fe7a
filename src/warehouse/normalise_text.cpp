#include <algorithm>
#include <array>

#include "base/json/text.hpp"
#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::size_t escape_size = 6;                    // \uXXXX

// Whatever may open a door at the provider (contracts/warehouse.md, section 2, no. 21).
constexpr std::array<std::string_view, 18> secret_names{
    "password",   "user_name",     "v1_secret",   "external_pin",   "custom_code", "access_token",
    "txt_value",  "api_key",       "api_secret",  "client_secret",  "secret",      "token",
    "auth_token", "refresh_token", "private_key", "webhook_secret", "pin",         "ip_authentication_token"};

// By a name's first byte, which sizes such a name may have, a bit each: nearly all names are told by that.
constexpr auto secret_sizes = [] {
  std::array<std::uint32_t, 256> sizes{};
  for (const std::string_view name : secret_names) {
    const auto letter = static_cast<unsigned char>(name.front());
    sizes[letter] |= 1U << name.size();
    sizes[letter + std::size_t{'A'} - 'a'] |= 1U << name.size();
  }
  return sizes;
}();

std::optional<unsigned> code_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + escape_size || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  for (std::size_t i = at + 2; i < at + escape_size; ++i) {
    const auto digit = hex_value(text[i]);
    if (!digit) return std::nullopt;
    unit = unit * 16 + *digit;
  }
  return unit;
}

bool is_high(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// The escape at `at`, and how much of the text it took.
std::size_t append_escape(RepairedText& repaired, std::string_view text, std::size_t at) {
  const auto unit = code_unit(text, at);
  if (!unit) {
    const std::size_t size = std::min<std::size_t>(2, text.size() - at);
    repaired.text.append(text.substr(at, size));
    return size;
  }
  if (*unit == 0) {
    repaired.removed_nul = true;
    return escape_size;
  }
  if (is_high(*unit)) {
    const auto second = code_unit(text, at + escape_size);
    if (second && is_low(*second)) {
      repaired.text.append(text.substr(at, 2 * escape_size));
      return 2 * escape_size;
    }
  }
  if (is_high(*unit) || is_low(*unit)) {
    repaired.text.append("\\ufffd");
    repaired.replaced = true;
    return escape_size;
  }
  repaired.text.append(text.substr(at, escape_size));
  return escape_size;
}

RepairedText repair_bytes(std::string_view text) {
  RepairedText repaired;
  repaired.text.reserve(text.size());
  while (!text.empty()) {
    const std::size_t good = json::valid_utf8_size(text);
    for (const char character : text.substr(0, good)) {
      if (character == '\0') {
        repaired.removed_nul = true;
      } else {
        repaired.text += character;
      }
    }
    text.remove_prefix(good);
    if (text.empty()) break;
    repaired.text += replacement;
    repaired.replaced = true;
    text.remove_prefix(1);
    // The rest of a broken sequence is one defect, not several.
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U)
      text.remove_prefix(1);
  }
  return repaired;
}

bool is_secret_name(std::string_view name) {
  constexpr std::size_t sizes_end = 32;
  if (name.empty() || name.size() >= sizes_end) return false;
  if ((secret_sizes[static_cast<unsigned char>(name.front())] >> name.size() & 1U) == 0) return false;
  return std::ranges::any_of(secret_names,
                             [&](std::string_view secret) { return equal_ignoring_case(secret, name); });
}

}  // namespace

RepairedText repair_text(std::string_view text) {
  if (json::valid_utf8_size(text) == text.size() && text.find('\0') == std::string_view::npos) {
    return {.text = std::string(text)};
  }
  return repair_bytes(text);
}

RepairedText repair_json(std::string_view body) {
  RepairedText bytes = repair_text(body);
  if (bytes.text.find("\\u") == std::string::npos) return bytes;
  RepairedText repaired{.removed_nul = bytes.removed_nul, .replaced = bytes.replaced};
  repaired.text.reserve(bytes.text.size());
  const std::string_view text = bytes.text;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\\') {
      at += append_escape(repaired, text, at);
    } else {
      const std::size_t next = std::min(text.find('\\', at), text.size());
      repaired.text.append(text.substr(at, next - at));
      at = next;
    }
  }
  return repaired;
}

void mark_repair(json::Value& raw_data, const RepairedText& repair) {
  json::Object* object = raw_data.as_object();
  if (object == nullptr || (!repair.removed_nul && !repair.replaced)) return;
  const char* mark = repair.removed_nul && repair.replaced ? "nul_removed,replaced"
                     : repair.removed_nul                  ? "nul_removed"
                                                           : "replaced";
  object->set("_text", mark);
}

bool strip_secrets(json::Value& raw_data) {
  bool found = false;
  if (json::Array* items = raw_data.as_array()) {
    for (json::Value& item : *items) found = strip_secrets(item) || found;
  }
  if (json::Object* object = raw_data.as_object()) {
    std::vector<std::string> names;
    for (const json::Member& member : *object) {
      if (is_secret_name(member.key)) names.push_back(member.key);
    }
    for (const std::string& name : names) found = object->remove(name) || found;
    std::vector<std::string> rest;
    for (const json::Member& member : *object) {
      if (member.value.as_object() != nullptr || member.value.as_array() != nullptr)
        rest.push_back(member.key);
    }
    for (const std::string& name : rest) found = strip_secrets(*object->find(name)) || found;
  }
  return found;
}

std::string url_without_query(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

}  // namespace trunkline::warehouse
