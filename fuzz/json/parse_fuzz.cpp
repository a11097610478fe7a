// Feeds any bytes to the reader. What it takes must come out of the writer and the canonical styles as a text
// that reads back as the same value, and an error must name a place inside the text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/json/canonical.hpp"
#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "base/json/write.hpp"

namespace {

namespace json = trunkline::json;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_error(const trunkline::Error& error, std::string_view text) {
  const auto offset = std::get<std::int64_t>(error.details().at(1).second);
  require(offset >= 0 && static_cast<std::size_t>(offset) <= text.size());
  require(!error.message().empty() && json::valid_utf8_size(error.message()) == error.message().size());
}

void check_value(const json::Value& value) {
  const std::string compact = json::write(value);
  require(json::parse(compact) == value);
  require(json::parse(json::write_pretty(value)) == value);
  for (const auto style :
       {json::SignatureStyle::compact, json::SignatureStyle::spaced, json::SignatureStyle::utf8}) {
    const auto text = json::canonical(value, style);
    if (!text) {
      require(style == json::SignatureStyle::utf8 &&
              text.error().code() == json::error_codes::json_number_range);
      continue;
    }
    const auto again = json::parse(*text);
    require(again.has_value() && json::canonical(*again, style) == *text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = json::parse(text);
  if (value) {
    check_value(*value);
  } else {
    check_error(value.error(), text);
  }
  return 0;
}
