// The SDK's version, from sdk/CMakeLists.txt.
#pragma once

namespace trunkline::inline v1::detail {

inline constexpr const char* sdk_version = TRUNKLINE_SDK_VERSION;

}  // namespace trunkline::inline v1::detail
