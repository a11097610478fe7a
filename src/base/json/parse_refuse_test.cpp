// Texts that must be refused, after the manner of JSONTestSuite. Where RFC 8259 leaves a choice (depth,
// repeated keys, lone surrogates, huge numbers, a byte order mark) the strict side is ours.
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"

namespace trunkline::json {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view bad_syntax[] = {
    // Nothing, or more than one value.
    "",
    " ",
    "\n\t",
    "1 2",
    "[] []",
    "{}{}",
    "[1]]",
    "{}}",
    "null,",
    "\"a\" \"b\"",
    "[]x",
    "1,",
    "true false",
    "{} 1",
    // Brackets.
    "[",
    "]",
    "{",
    "}",
    "[[]",
    "[{]}",
    "[1}",
    "{\"a\":1]",
    "[\"a\"",
    "{\"a\":1",
    "[[[",
    "(1)",
    "[(])",
    // Commas and colons.
    "[,]",
    "[1,]",
    "[,1]",
    "[1,,2]",
    "[1 2]",
    "[\"a\" \"b\"]",
    "[1:2]",
    "{,}",
    R"({"a":1,})",
    R"({,"a":1})",
    R"({"a":1,,"b":2})",
    R"({"a" 1})",
    R"({"a"})",
    R"({"a":})",
    R"({"a"::1})",
    R"({"a":1 "b":2})",
    R"({"a":1:2})",
    R"({"a",1})",
    ",",
    ":",
    R"({:1})",
    "[1;2]",
    "{\"a\"=1}",
    R"({"a":1,"b"})",
    "[\"a\",:]",
    // Keys.
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{[]:1}",
    "{\"a\"x:1}",
    "{\"a\":x}",
    "{{}:1}",
    // Words.
    "nul",
    "nulll",
    "True",
    "TRUE",
    "truefalse",
    "falsey",
    "undefined",
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "[nulL]",
    "[tru]",
    "none",
    "[true1]",
    "n",
    "t",
    "[fals]",
    // Numbers.
    "01",
    "-01",
    "00",
    "+1",
    "-",
    "--1",
    "1.",
    ".5",
    "-.5",
    "1.e5",
    "1e",
    "1e+",
    "1E-",
    "1e5.5",
    "0x1F",
    "1_000",
    "1,5",
    "1.2.3",
    "1e5e5",
    "1a",
    "[1a]",
    "[-]",
    "- 1",
    "1 .5",
    "[1.]",
    "１",
    "0b1",
    "0o7",
    "1f",
    "[0e]",
    "[0e+]",
    "1\\u0031",
    "[-x]",
    "[2.e3]",
    "9.3e+-1",
    "[1e\"5\"]",
    // Strings.
    "\"",
    "\"a",
    "'a'",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\a\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\U0041\"",
    "\"\\u{41}\"",
    "\"\\'\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "\"\x01\"",
    "\"\x1f\"",
    "a",
    "\"a\"b",
    "a\"b\"",
    "\"\\",
    "[\"a\\",
    "\"\\ \"",
    "\"\\u\"",
    "\"\\u 123\"",
    "[\"a]",
    "\"\\0\"",
    "\"\r\n\"",
    "\\\"a\\\"",
    "[\\\"a\"]",
    "{\"\\q\":1}",
    // Comments, other spaces and other notations.
    "/* a */ 1",
    "1 // a",
    "# a\n1",
    "[1,/**/2]",
    "\f1",
    "\v1",
    "\u00a01",
    "[\u2060]",
    "1\f",
    "[\f]",
    "\x1a",
    "\xEF\xBB\xBF[]",
    "\xEF\xBB\xBF",
    "<a/>",
    "*",
    "$",
    "@1",
    "[\x01]",
    "\x7f",
    "é",
};

// Each byte string is between quotes unless it brings its own.
constexpr std::string_view bad_text[] = {
    // Not UTF-8: lone and missing continuations, overlong forms, surrogates, beyond U+10FFFF, other
    // encodings.
    "\x80",
    "\xbf",
    "\xc3",
    "\xe2\x82",
    "\xf0\x9f\x91",
    "\xc0\x80",
    "\xc0\xaf",
    "\xc1\xbf",
    "\xe0\x80\xaf",
    "\xe0\x9f\xbf",
    "\xf0\x80\x80\xaf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xed\xa0\xbd\xed\xb1\x8d",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xf8\x88\x80\x80\x80",
    "\xfe",
    "\xff",
    "a\xc3(",
    "caf\xe9",
    "\xe4\xf6\xfc",
    // Lone surrogates.
    R"(\ud800)",
    R"(\udbff)",
    R"(\udc00)",
    R"(\udfff)",
    R"(\ud800\ud800)",
    R"(\ud800a)",
    R"(\ud800\n)",
    R"(\ud83d\u0041)",
    R"(\udc00\ud800)",
    R"(\ud800\udbff)",
    R"(a\udfffb)",
    R"(\uD83D\uD83D\uDC4D)",
    R"(\ud800\\udc00)",
    R"(\ud83d \udc4d)",
    // NUL.
    R"(\u0000)",
    R"(a\u0000b)",
    "\0"sv,
    "a\0b"sv,
};

TEST_CASE("what is not JSON is refused") {
  for (const std::string_view text : bad_syntax) {
    CAPTURE(text);
    const auto read = parse(text);
    REQUIRE(!read);
    CHECK(read.error().code() == error_codes::json_syntax);
    CHECK(read.error().kind() == ErrorKind::invalid);
  }
}

TEST_CASE("what is not text is refused, as a value and as a key") {
  for (const std::string_view text : bad_text) {
    CAPTURE(text);
    const std::string quoted = '"' + std::string(text) + '"';
    CHECK(parse(quoted).error().code() == error_codes::json_bad_text);
    CHECK(parse("{\"a\":[" + quoted + "]}").error().code() == error_codes::json_bad_text);
    CHECK(parse("{" + quoted + ":1}").error().code() == error_codes::json_bad_text);
  }
  CHECK(parse("[\xff]").error().code() == error_codes::json_bad_text);
  CHECK(parse("\xff\xfe[\0]\0"sv).error().code() == error_codes::json_bad_text);
}

TEST_CASE("a NUL outside of strings is refused") {
  for (const std::string_view text : {"\0"sv, "[1]\0"sv, "\0[1]"sv, "[1,\0]"sv, "[1\0]"sv, "tru\0"sv}) {
    CHECK(parse(text).error().code() == error_codes::json_syntax);
  }
}

TEST_CASE("fractions beyond the range of a double are refused, integers never") {
  for (const std::string_view text :
       {"1e309", "-1e309", "1e400", "123e999999999999999999999", "1.8e308", "0.1e310",
        "1797693134862315800000000000000e280", "[1,{\"a\":1e999}]"}) {
    CAPTURE(text);
    CHECK(parse(text).error().code() == error_codes::json_number_range);
  }
  CHECK(parse(std::string(310, '9') + ".5").error().code() == error_codes::json_number_range);
  CHECK(parse(std::string(100000, '9')).has_value());
  CHECK(parse("1." + std::string(100000, '9')).has_value());
  CHECK(parse("0." + std::string(400, '0') + "1e300").has_value());
}

// A text that ends early is no JSON, unless it is a number that has digits enough.
TEST_CASE("every beginning of a text is refused") {
  const std::string text = R"({"a":[1,-2.5e3,"é\u00e9\ud83d\udc4d",{"b":null,"c":true}],"d":false})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK(!parse(std::string_view(text).substr(0, size)));
  }
  CHECK(parse(text).has_value());
}

// The scanner works in blocks of 64 bytes: a string, an escape or a character may lie across their border.
TEST_CASE("texts are read alike wherever the scanner's blocks divide them") {
  for (std::size_t shift = 0; shift < 140; ++shift) {
    CAPTURE(shift);
    const std::string space(shift, ' ');
    CHECK(*parse(space + R"(["\\\"é👍\ud83d\udc4d",-12.5,{"a":true}])") ==
          array({"\\\"é👍👍", *Value::number("-12.5"), object({{"a", true}})}));
    CHECK(!parse(space + "[\"\\\\\\\"]"));
    CHECK(!parse(space + "[\"a\xc3\"]"));
    CHECK(!parse(space + "[1]]"));
  }
}

}  // namespace
}  // namespace trunkline::json
