// Comparing secrets without telling, by the time it takes, how much of a guess was right.
#pragma once

#include "base/encoding.hpp"

namespace trunkline::crypto {

// Takes as long as `given` is, wherever the two differ and whether or not they are of one length.
bool equal_in_constant_time(ByteView given, ByteView expected);

}  // namespace trunkline::crypto
