// Randomness from OpenSSL's generator.
#pragma once

#include <cstddef>
#include <string>

#include "trunkline/export.hpp"

namespace trunkline::inline v1::detail {

// So many random bytes in lower-case hex. Throws std::runtime_error when the system has no randomness.
TRUNKLINE_EXPORT std::string random_hex(std::size_t bytes);

// From 0 up to below 1.
double random_fraction();

}  // namespace trunkline::inline v1::detail
