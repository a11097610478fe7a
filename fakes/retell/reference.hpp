// The account's agents, numbers, models and voices (contracts/retell.md, section 4).
#pragma once

#include <optional>
#include <string_view>

#include "base/json/value.hpp"

namespace trunkline::fakes::retell {

// All items of a list that is paged by keys; nothing when no list has that path.
std::optional<json::Array> reference_list(std::string_view path);
// What a path answers in one piece; nothing when there is none.
std::optional<json::Value> reference_object(std::string_view path);

}  // namespace trunkline::fakes::retell
