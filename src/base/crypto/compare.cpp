#include "base/crypto/compare.hpp"

#include <sodium.h>

namespace trunkline::crypto {

bool equal_in_constant_time(ByteView given, ByteView expected) {
  // Of another length it is compared with itself, for the time, and is wrong.
  const bool same_size = given.size() == expected.size();
  const std::uint8_t* other = same_size ? expected.data() : given.data();
  return sodium_memcmp(given.data(), other, given.size()) == 0 && same_size;
}

}  // namespace trunkline::crypto
