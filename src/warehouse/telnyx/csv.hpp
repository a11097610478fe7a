// Comma-separated values (RFC 4180) with a line of names, as objects of texts.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::warehouse::telnyx {

// Error: provider_malformed with the line, when a quote has no end or a line has more fields than names.
Result<json::Array> read_csv(std::string_view text);

}  // namespace trunkline::warehouse::telnyx
