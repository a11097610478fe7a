#include "base/crypto/compare.hpp"

#include <array>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline::crypto {
namespace {

TEST_CASE("secrets are equal when every byte is, and lengths may differ") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("secret", "secret"));
  CHECK(!equal_in_constant_time("secret", "Secret"));
  CHECK(!equal_in_constant_time("secret", "secreT"));
  CHECK(!equal_in_constant_time("secret", "secret1"));
  CHECK(!equal_in_constant_time("secret1", "secret"));
  CHECK(!equal_in_constant_time("", "secret"));
  CHECK(!equal_in_constant_time("secret", ""));
  CHECK(equal_in_constant_time(std::array<std::uint8_t, 2>{'o', 'k'}, "ok"));
  CHECK(rc::check([](const std::string& left, const std::string& right) {
    RC_ASSERT(equal_in_constant_time(left, right) == (left == right));
    RC_ASSERT(equal_in_constant_time(left, std::string(left)));
  }));
}

}  // namespace
}  // namespace trunkline::crypto
