// Feeds two JSON texts, on the first line a schema and behind it a value. Neither may crash, hang or exhaust
// memory, and the same pair gives the same answer twice.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json/parse.hpp"
#include "base/json/schema.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace json = trunkline::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const auto schema_text = json::parse(text.substr(0, line));
  const auto value = json::parse(text.substr(line + 1));
  if (!schema_text || !value) return 0;
  const auto schema = json::Schema::compile(*schema_text);
  if (!schema) return 0;
  if (schema->validate(*value).has_value() != schema->validate(*value).has_value()) std::abort();
  return 0;
}
