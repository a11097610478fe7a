// The account's reference data and bills (contracts/telnyx.md, sections 4 and 9). Some rows carry secrets, as
// the real ones do.
#pragma once

#include <optional>

#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes::telnyx {

// All rows of a list that has page numbers; nothing when no list has that path.
std::optional<json::Array> reference_list(const World& world, std::string_view path, Instant now);

json::Value balance(const World& world, Instant now);
json::Value invoice(const World& world, Month month);
// Of a window of days, "2026-05-01" to "2026-06-01", the end not included.
json::Value charges_breakdown(const World& world, const std::string& start, const std::string& end);
json::Value charges_summary(const World& world, const std::string& start, const std::string& end);

}  // namespace trunkline::fakes::telnyx
