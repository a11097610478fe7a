#include "base/json/write.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/text.hpp"
#include "base/json/value_testing.hpp"

namespace trunkline::json {
namespace {

TEST_CASE("writing is compact and keeps the order of members") {
  const Value value = object({{"b", array({1, true, nullptr, "x"})}, {"a", object({})}, {"c", array({})}});
  CHECK(write(value) == R"({"b":[1,true,null,"x"],"a":{},"c":[]})");
  CHECK(write(Value()) == "null");
}

// RFC 8259, section 7: the quote, the backslash and the characters below 0x20, and nothing else.
TEST_CASE("only what must be escaped is escaped") {
  CHECK(write("\"\\/\b\f\n\r\t\x01\x1f\x7f é\u2028👍") ==
        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é\u2028👍\"");
  CHECK(write(object({{"a\n", 1}})) == "{\"a\\n\":1}");
  CHECK(write(std::string_view("a\0b", 3)) == "\"a\\u0000b\"");
}

TEST_CASE("numbers are written as they were read") {
  for (const char* text :
       {"0", "-1", "1.10", "1E5", "0.1e1", "-0.0", "123456789012345678901234567890", "1e-400"}) {
    CAPTURE(text);
    CHECK(write(*parse(text)) == text);
  }
  CHECK(write(*parse("-0")) == "0");
}

TEST_CASE("for people there are lines and an indent of two") {
  const Value value =
      object({{"id", "call_1"}, {"empty", object({})}, {"tags", array({"a", array({}), array({1})})}});
  CHECK(write_pretty(value) == R"({
  "id": "call_1",
  "empty": {},
  "tags": [
    "a",
    [],
    [
      1
    ]
  ]
})");
  CHECK(write_pretty("x") == "\"x\"");
}

TEST_CASE("a Writer places commas and colons") {
  std::string out = "body: ";
  Writer writer(out);
  writer.begin_object().member("id", "call_1").member("tries", 3u).key("items").begin_array();
  writer.begin_object().end_object().value("a").raw(R"({"b":[]})");
  writer.begin_array().value(1).value(2).end_array().end_array();
  writer.member("done", true).member("cost", 0.5).member("cause", nullptr).end_object();
  CHECK(out == R"(body: {"id":"call_1","tries":3,"items":[{},"a",{"b":[]},[1,2]],)"
               R"("done":true,"cost":0.5,"cause":null})");
}

TEST_CASE("a Writer takes every kind of value") {
  std::string out;
  const std::string text = "t";
  Writer(out)
      .begin_array()
      .value(text)
      .value(std::string_view("v"))
      .value(std::optional<std::string>())
      .value(std::optional<int>(4))
      .value(std::numeric_limits<std::uint64_t>::max())
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<double>::infinity())
      .value(object({{"a", array({1.5})}}))
      .value(from_microseconds(1'999))
      .value(std::optional<Instant>())
      .end_array();
  CHECK(out == R"(["t","v",null,4,18446744073709551615,-9223372036854775808,null,{"a":[1.5]},)"
               R"("1970-01-01T00:00:00.001Z",null])");
}

TEST_CASE("a name that is known only when it is written is escaped like any text") {
  std::string out;
  const std::string name = "a \"b\"";
  Writer(out).begin_object().member(name, 1).member(std::string_view("c\\"), 2).member("d", 3).end_object();
  CHECK(out == R"({"a \"b\"":1,"c\\":2,"d":3})");
}

TEST_CASE("a text of any length with one character to escape at any place is escaped there") {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char character : {'"', '\\', '\x1f'}) {
        CAPTURE(size);
        CAPTURE(at);
        CAPTURE(character);
        std::string text(size, 'x');
        text[at] = character;
        CHECK(plain_size(text) == at);
        CHECK(plain_ascii_size(text) == at);
        CHECK(*parse(write(Value(text))) == Value(text));
      }
      std::string text(size, ' ');
      text[at] = '\x7f';
      CHECK(plain_size(text) == size);
      CHECK(plain_ascii_size(text) == at);
    }
  }
}

TEST_CASE("what is written reads back as the same value, compact and for people") {
  CHECK(rc::check([] {
    const Value value = *values();
    const std::string text = write(value);
    RC_ASSERT(*parse(text) == value);
    RC_ASSERT(write(*parse(text)) == text);
    RC_ASSERT(*parse(write_pretty(value)) == value);
    std::string streamed;
    Writer(streamed).begin_array().value(value).raw(text).end_array();
    RC_ASSERT(*parse(streamed) == array({value, value}));
  }));
}

}  // namespace
}  // namespace trunkline::json
