// Texts that must be read, after the manner of JSONTestSuite.
#include <string_view>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"

namespace trunkline::json {
namespace {

constexpr std::string_view good[] = {
    // Any value may stand alone, with JSON's four kinds of space around it.
    "null",
    "true",
    "false",
    "0",
    "-0",
    "7",
    "\"\"",
    "\"a\"",
    "[]",
    "{}",
    " null ",
    "\t\r\n[ ]\n",
    "\n1\t",
    "  \"a\"  ",
    "1\r\n",
    // Arrays.
    "[[]]",
    "[1]",
    "[1,2]",
    "[ 1 , 2 ]",
    "[null,true,false]",
    "[[],[[]],[]]",
    "[\"a\",{},1.5,[null]]",
    "[[[[[[]]]]]]",
    "[\n1\n,\n2\n]",
    "[\"\",0,[],{}]",
    "[1,1,1]",
    // Objects.
    R"({"a":1})",
    R"({"":0})",
    R"({"a":{"a":{"a":1}}})",
    R"({ "a" : 1 , "b" : [ ] })",
    R"({"a":1,"A":2})",
    R"({"a b":1,"a\tb":2})",
    R"({"a":[1,{"a":2}]})",
    "{\"a\"\n:\r\"b\"\t}",
    R"({"null":null,"true":false})",
    R"({"{":"}","[":"]"})",
    R"({":":","})",
    R"({"\u0061":1,"b":2})",
    // Numbers.
    "-1",
    "10",
    "1234567890",
    "-123",
    "1.0",
    "-0.0",
    "0.5",
    "1.25e2",
    "1E5",
    "1e+5",
    "1e-5",
    "0e0",
    "0E+0",
    "1e05",
    "20e1",
    "123.456e-78",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "1e308",
    "1e-400",
    "1.7976931348623157e308",
    "5e-324",
    "123456789012345678901234567890",
    "0.1000000000000000000000000000000000001",
    "100000000000000000000.5",
    "-0e-99999",
    "0e999999999999999999999",
    "0.000e400",
    // Strings.
    R"("\"\\\/\b\f\n\r\t")",
    R"("\u0041\u00e9\u20AC")",
    R"("\ud83d\udc4d")",
    R"("\uD800\uDC00\uDBFF\uDFFF")",
    R"("\u0001\u001f\u007f")",
    R"("\uFFFF\uFDD0")",
    R"("\\u0000")",
    "\"é\"",
    "\"日本語\"",
    "\"👍\"",
    "\"\x7f\"",
    "\"\u2028\u2029\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\xef\xbf\xbf\"",
    "\"/\"",
    "\" \"",
    "\"{}[],:\"",
    R"("\"]")",
    "\"\uFEFF\"",
    R"("\\")",
    R"("\\\"")",
    R"("a\\")",
    "\"null\"",
    "\"<!-- \"",
};

TEST_CASE("what is JSON is read") {
  for (const std::string_view text : good) {
    CAPTURE(text);
    CHECK(parse(text).has_value());
  }
}

}  // namespace
}  // namespace trunkline::json
