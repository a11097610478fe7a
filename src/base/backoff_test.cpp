#include "base/backoff.hpp"

#include <doctest/doctest.h>

using namespace trunkline;

TEST_SUITE("a back-off") {
  TEST_CASE("each pause is twice the one before, up to the longest") {
    Backoff pauses(milliseconds(100), milliseconds(350));
    for (const int expected : {100, 200, 350, 350}) CHECK(pauses.next() == milliseconds(expected));
  }
}
