#include "base/json/pointer.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/value_testing.hpp"

namespace trunkline::json {
namespace {

// The document and the pointers of RFC 6901, section 5.
TEST_CASE("pointers find what RFC 6901 says they find") {
  const Value document =
      *parse(R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6,
                                    " ":7,"m~n":8})");
  struct Case {
    const char* pointer;
    Value expected;
  };
  const Case cases[] = {{"/foo", array({"bar", "baz"})},
                        {"/foo/0", "bar"},
                        {"/", 0},
                        {"/a~1b", 1},
                        {"/c%d", 2},
                        {"/e^f", 3},
                        {"/g|h", 4},
                        {"/i\\j", 5},
                        {"/k\"l", 6},
                        {"/ ", 7},
                        {"/m~0n", 8},
                        {"", document}};
  for (const Case& example : cases) {
    CAPTURE(example.pointer);
    REQUIRE(resolve(document, example.pointer) != nullptr);
    CHECK(*resolve(document, example.pointer) == example.expected);
  }
}

TEST_CASE("a pointer to nothing, or that is none, finds nothing") {
  const Value document = object({{"a", array({1, 2})}, {"~", 1}});
  for (const char* pointer : {"a", "/b", "/a/2", "/a/-", "/a/01", "/a/", "/a/0x", "/a/0/b", "/~", "/~2",
                              "/a/99999999999999999999"}) {
    CAPTURE(pointer);
    CHECK(resolve(document, pointer) == nullptr);
  }
}

TEST_CASE("an appended key is found again") {
  CHECK(rc::check([] {
    const std::string key = *texts();
    std::string pointer = "/outer";
    append_pointer(pointer, key);
    const Value document = object({{"outer", object({{key, "here"}})}});
    RC_ASSERT(resolve(document, pointer) != nullptr);
    RC_ASSERT(*resolve(document, pointer) == Value("here"));
  }));
}

}  // namespace
}  // namespace trunkline::json
