#include "base/json/schema_pattern.hpp"

#include <algorithm>

#include <re2/re2.h>

namespace trunkline::json {
namespace {

// The most that a compiled pattern and its automaton may take, in bytes.
constexpr std::int64_t most_memory = 524'288;

bool is_hex(char character) {
  return std::string_view("0123456789abcdefABCDEF").contains(character);
}

// ECMA-262's \uxxxx as RE2 writes it, \x{xxxx}.
std::string to_re2(std::string_view pattern) {
  std::string result;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view escape = pattern.substr(i, 6);
    if (escape.size() == 6 && escape.starts_with("\\u") && std::ranges::all_of(escape.substr(2), is_hex)) {
      result.append("\\x{").append(escape.substr(2)).append("}");
      i += 5;
      continue;
    }
    result += pattern[i];
    if (pattern[i] == '\\' && i + 1 < pattern.size()) result += pattern[++i];
  }
  return result;
}

}  // namespace

std::expected<SchemaPattern, std::string> SchemaPattern::compile(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(most_memory);
  auto compiled = std::make_shared<const RE2>(to_re2(pattern), options);
  if (!compiled->ok()) return std::unexpected(compiled->error());
  return SchemaPattern(std::string(pattern), std::move(compiled));
}

bool SchemaPattern::matches(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace trunkline::json
