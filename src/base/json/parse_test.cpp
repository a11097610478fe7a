#include "base/json/parse.hpp"

#include <chrono>
#include <thread>

#include <doctest/doctest.h>

#include "base/json/value_testing.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

std::string pointer_in(const Error& error) {
  return std::get<std::string>(error.details().at(0).second);
}
std::int64_t offset_in(const Error& error) {
  return std::get<std::int64_t>(error.details().at(1).second);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST_CASE("a text becomes the value that it describes") {
  const Value value = *parse(R"( {"to":"+49301","tags":["a","é\n"],"n":-12,"x":1.50,"ok":true,"no":null} )");
  CHECK(*value.find("to")->as_text() == "+49301");
  CHECK(*value.find("tags") == array({"a", "é\n"}));
  CHECK(value.find("n")->as_integer() == -12);
  CHECK(value.find("x")->number_text() == "1.50");
  CHECK(value.find("ok")->as_bool() == true);
  CHECK(value.find("no")->is_null());
  CHECK(value.find("none") == nullptr);
  CHECK(value.as_object()->begin()->key == "to");
}

TEST_CASE("an error says what is wrong, where, and by which code") {
  struct Case {
    std::string_view text;
    ErrorCode code;
    std::string_view pointer;
    std::int64_t offset;
    std::string_view message;
  };
  using error_codes::json_bad_text;
  using error_codes::json_duplicate_key;
  using error_codes::json_number_range;
  using error_codes::json_syntax;
  const Case cases[] = {
      {"", json_syntax, "", 0, "the text is empty (at byte 0)"},
      {"[1] 2", json_syntax, "", 4, "the text goes on after the value (at byte 4)"},
      {R"({"a":[1,{"b":tru}]})", json_syntax, "/a/1/b", 13, "/a/1/b: a value is expected (at byte 13)"},
      {R"({"a":[1,{"b":1]})", json_syntax, "/a/1/b", 14, "/a/1/b: ',' or '}' is expected (at byte 14)"},
      {R"({"a":1 "b":2})", json_syntax, "/a", 7, "/a: ',' or '}' is expected (at byte 7)"},
      {R"({"a":{"b":1,}})", json_syntax, "/a", 12, "/a: a key in quotes is expected (at byte 12)"},
      {R"({"a" 1})", json_syntax, "", 5, "':' is expected after a key (at byte 5)"},
      {R"([1,[2,]])", json_syntax, "/1/1", 6, "/1/1: a value is expected (at byte 6)"},
      {R"([1,)", json_syntax, "/1", 3, "/1: the text ends where a value is expected (at byte 3)"},
      {R"({"n":01})", json_syntax, "/n", 5, "/n: this is not a JSON number (at byte 5)"},
      {R"(["a\qb"])", json_syntax, "/0", 3, "/0: there is no such escape in JSON (at byte 3)"},
      {R"({"a/b":{"c~d":"\u12"}})", json_syntax, "/a~1b/c~0d", 15,
       "/a~1b/c~0d: \\u must be followed by four hexadecimal digits (at byte 15)"},
      {"{\"a\":[\"x\ty\"]}", json_syntax, "/a/0", 8,
       "/a/0: a control character in a string must be escaped (at byte 8)"},
      {R"({"a":["xyz]})", json_syntax, "/a/0", 6, "/a/0: the string is not closed (at byte 6)"},
      {"{\"k\":\"a\xff\"}", json_bad_text, "/k", 7, "/k: the text is not UTF-8 (at byte 7)"},
      {R"({"k":["\udc00"]})", json_bad_text, "/k/0", 7,
       "/k/0: a low surrogate must follow a high one (at byte 7)"},
      {R"({"k":["\u0000"]})", json_bad_text, "/k/0", 7, "/k/0: the character NUL is not allowed (at byte 7)"},
      {R"({"k":[0,1e999]})", json_number_range, "/k/1", 8,
       "/k/1: the number is beyond the range of a double (at byte 8)"},
      {R"({"k":{"x":1,"y":2,"x":3}})", json_duplicate_key, "/k/x", 5,
       "/k/x: the key appears twice (at byte 5)"},
      {R"({"a":1,"\u0061":2})", json_duplicate_key, "/a", 0, "/a: the key appears twice (at byte 0)"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    const auto read = parse(example.text);
    REQUIRE(!read);
    CHECK(read.error().code() == example.code);
    CHECK(pointer_in(read.error()) == example.pointer);
    CHECK(offset_in(read.error()) == example.offset);
    CHECK(read.error().message() == example.message);
  }
}

TEST_CASE("a long path is cut in errors, between characters") {
  const Error error = parse("{\"" + std::string(199, 'a') + "éé\":x}").error();
  CHECK(pointer_in(error) == "/" + std::string(199, 'a') + "…");
}

TEST_CASE("size and depth have limits, which a caller may set") {
  CHECK(parse(nested(64)).has_value());
  const Error deep = parse(nested(65)).error();
  CHECK(deep.code() == error_codes::json_too_deep);
  CHECK(deep.message().ends_with("more than 64 arrays and objects inside each other (at byte 64)"));
  CHECK(parse(nested(3), {.depth = 3}).has_value());
  CHECK(!parse(nested(4), {.depth = 3}));
  CHECK(parse("1", {.depth = 0}).has_value());
  CHECK(parse(std::string(1'000'000, '[')).error().code() == error_codes::json_too_deep);

  const std::string text = '"' + std::string(1024 * 1024 - 2, 'a') + '"';
  CHECK(parse(text).has_value());
  const Error large = parse(text + " ").error();
  CHECK(large.code() == error_codes::json_too_large);
  CHECK(large.kind() == ErrorKind::too_large);
  CHECK(parse("[1]", {.bytes = 3}).has_value());
  CHECK(!parse("[1] ", {.bytes = 3}));
}

TEST_CASE("keys may repeat in different objects and not in one") {
  CHECK(parse(R"([{"a":1},{"a":1}])").has_value());
  CHECK(parse(R"({"a":{"a":{"a":1}}})").has_value());
  CHECK(!parse(R"({"a":1,"b":{},"a":{}})"));
  std::string keys;
  for (int i = 0; i < 40; ++i) keys += "\"k" + std::to_string(i) + "\":0,";
  CHECK(parse("{" + keys + "\"last\":0}").has_value());
  CHECK(parse("{" + keys + "\"k17\":0}").error().message() == "/k17: the key appears twice (at byte 0)");
}

TEST_CASE("an object of very many keys is read in a time that suits its size") {
  std::string text = "{";
  for (int i = 0; text.size() < 1'000'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  text += "\"0\":1}";
  const auto begin = std::chrono::steady_clock::now();
  CHECK(parse(text).error().code() == error_codes::json_duplicate_key);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("the text is not read beyond its end") {
  const std::string text = R"([12345,"abc"])";
  CHECK(!parse(std::string_view(text).substr(0, 4)));
  CHECK(*parse(std::string_view(text).substr(1, 3)) == Value(123));
  CHECK(!parse(std::string_view(text).substr(7, 3)));
}

TEST_CASE("threads read at the same time") {
  const std::string text = R"({"a":[1,2,{"b":"é"}]})";
  const Value expected = *parse(text);
  bool same[4] = {};
  std::vector<std::thread> threads;
  for (bool& result : same) {
    threads.emplace_back([&] {
      result = true;
      for (int i = 0; i < 1000; ++i) result = result && *parse(text) == expected;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool result : same) CHECK(result);
}

TEST_CASE("a text that is damaged anywhere is read or refused, and an error has a place in it") {
  CHECK(rc::check([] {
    std::string text = write(*values());
    const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(text.size())));
    text[at] = *rc::gen::arbitrary<char>();
    const auto read = parse(text);
    if (!read) {
      RC_ASSERT(offset_in(read.error()) >= 0);
      RC_ASSERT(offset_in(read.error()) <= static_cast<std::int64_t>(text.size()));
    } else {
      RC_ASSERT(*parse(write(*read)) == *read);
    }
  }));
}

}  // namespace
}  // namespace trunkline::json
