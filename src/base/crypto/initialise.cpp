#include "base/crypto/initialise.hpp"

#include <stdexcept>

#include <sodium.h>

namespace trunkline::crypto {

void initialise() {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start: no source of randomness");
}

}  // namespace trunkline::crypto
