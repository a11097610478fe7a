// The program's version, from the build.
#pragma once

#include <string_view>

namespace trunkline::app {

inline constexpr std::string_view version = TRUNKLINE_VERSION;

}  // namespace trunkline::app
