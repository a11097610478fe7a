/// \file
/// JSON as the SDK gives and takes it.
#pragma once

#include <nlohmann/json.hpp>

namespace trunkline::inline v1 {

/// The type of https://github.com/nlohmann/json (Debian: nlohmann-json3-dev). Objects are sorted by key.
using Json = nlohmann::json;

}  // namespace trunkline::inline v1
