#include "base/crypto/initialise.hpp"

#include <doctest/doctest.h>

namespace trunkline::crypto {
namespace {

TEST_CASE("starting the cryptography library twice is the same as once") {
  initialise();
  CHECK_NOTHROW(initialise());
}

}  // namespace
}  // namespace trunkline::crypto
