// What valijson says about a value, in our words and at the place where it can be mended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/rule.hpp"

namespace trunkline::json {

// The place that valijson's context, {"<root>", "[tags]", "[0]"}, names.
std::string context_pointer(const std::vector<std::string>& context);

// Adds one result of valijson's to the report, unless it only repeats that something further inside is wrong.
void add_problem(Report& report, const std::vector<std::string>& context, std::string_view description);

}  // namespace trunkline::json
