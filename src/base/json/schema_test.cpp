#include "base/json/schema.hpp"

#include <map>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/value_testing.hpp"

namespace trunkline::json {
namespace {

Schema schema_of(std::string_view text) {
  return Schema::compile(*parse(text)).value();
}

struct Case {
  std::string_view schema;
  std::vector<std::string_view> right;
  std::vector<std::string_view> wrong;
};

void check(const std::vector<Case>& cases) {
  for (const Case& example : cases) {
    CAPTURE(example.schema);
    const Schema schema = schema_of(example.schema);
    for (const std::string_view value : example.right) {
      CAPTURE(value);
      CHECK(schema.validate(*parse(value)).has_value());
    }
    for (const std::string_view value : example.wrong) {
      CAPTURE(value);
      const auto checked = schema.validate(*parse(value));
      REQUIRE(!checked);
      CHECK(checked.error().code() == error_codes::schema_mismatch);
      CHECK(!checked.error().details().empty());
    }
  }
}

// JSON Schema draft 7, "Validation", sections 6.1 to 6.3.
TEST_CASE("types, values, numbers and texts are checked as draft 7 says") {
  check({
      {"{}", {"1", "null", "[]"}, {}},
      {"true", {"1", "{}"}, {}},
      {"false", {}, {"1", "null"}},
      {R"({"type":"integer"})",
       {"1", "-1", "1.0", "1e3", "123456789012345678901234567890"},
       {"1.5", "\"1\"", "true"}},
      {R"({"type":"number"})", {"1", "1.5", "1e300"}, {"\"1\"", "null"}},
      {R"({"type":["integer","string"]})", {"1", "\"a\""}, {"1.5", "null"}},
      {R"({"type":["integer","number"]})", {"1", "1.5"}, {"null"}},
      {R"({"type":"null"})", {"null"}, {"0", "\"\"", "false"}},
      {R"({"type":"object"})", {"{}"}, {"[]", "null"}},
      {R"({"type":"array"})", {"[]"}, {"{}"}},
      {R"({"type":"boolean"})", {"true", "false"}, {"0", "\"true\""}},
      {R"({"enum":[1,"a",null,{"a":[1,2]}]})",
       {"1", "1.0", "\"a\"", "null", R"({"a":[1,2]})"},
       {"2", "\"b\"", "false", R"({"a":[2,1]})"}},
      {R"({"const":{"a":1,"b":2}})", {R"({"b":2,"a":1})"}, {R"({"a":1})", "1"}},
      {R"({"minimum":1,"maximum":3.5})", {"1", "3.5", "2", "\"a\""}, {"0", "0.999", "3.6"}},
      {R"({"exclusiveMinimum":1,"exclusiveMaximum":3})", {"1.1", "2"}, {"1", "3"}},
      {R"({"multipleOf":5})", {"10", "0", "-5", "10.0", "\"a\""}, {"7", "5.5"}},
      {R"({"multipleOf":0.01})", {"19.99", "0.07", "12345678.91"}, {"1.005"}},
      {R"({"minLength":2,"maxLength":3})", {"\"ab\"", "\"ééé\"", "\"👍👍\"", "5"}, {"\"é\"", "\"abcd\""}},
      {R"({"pattern":"^[A-Z]-\\d+$"})", {"\"B-200\"", "5"}, {"\"b-200\"", "\"B-200 \"", "\"xB-200\""}},
      {R"({"pattern":"ll"})", {"\"hello\""}, {"\"help\""}},
      {R"({"pattern":"^\\u00e9\\\\u$"})", {R"("é\\u")"}, {"\"e\""}},
  });
}

// Sections 6.4 and 6.5.
TEST_CASE("arrays and objects are checked as draft 7 says") {
  check({
      {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "{}"}, {"[1,\"a\"]"}},
      {R"({"items":[{"type":"string"}],"additionalItems":false})", {"[]", "[\"a\"]"}, {"[1]", "[\"a\",1]"}},
      {R"({"items":[{"type":"string"}],"additionalItems":{"type":"null"}})", {"[\"a\",null]"}, {"[\"a\",1]"}},
      {R"({"prefixItems":[{"type":"string"}],"items":{"type":"null"}})",
       {"[\"a\",null]"},
       {"[1]", "[\"a\",1]"}},
      {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]"}, {"[]", "[1,2,3]"}},
      {R"({"contains":{"type":"null"}})", {"[1,null]"}, {"[]", "[1]"}},
      {R"({"uniqueItems":true})",
       {"[]", "[1,2]", "[[1],[2]]", "[1234567890123456789,1234567890123456788]", "[1,true]"},
       {"[1,2,1]", R"([{"a":1,"b":2},{"b":2,"a":1}])", "[[null],[null]]"}},
      {R"({"properties":{"a":{"type":"null"},"b":false}})",
       {"{}", R"({"a":null,"c":1})"},
       {R"({"a":1})", R"({"b":1})"}},
      {R"({"required":["a","b"]})", {R"({"a":1,"b":null})", "[]"}, {"{}", R"({"a":1})"}},
      {R"({"properties":{"a":{}},"additionalProperties":false})", {"{}", R"({"a":1})"}, {R"({"b":1})"}},
      {R"({"additionalProperties":{"type":"null"}})", {R"({"a":null})"}, {R"({"a":1})"}},
      {R"({"minProperties":1,"maxProperties":2})", {R"({"a":1})"}, {"{}", R"({"a":1,"b":1,"c":1})"}},
      {R"({"propertyNames":{"pattern":"^[a-z]+$","maxLength":3}})",
       {"{}", R"({"abc":1})"},
       {R"({"A":1})", R"({"abcd":1})"}},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})",
       {"{}", R"({"a":1,"b":1})", R"({"c":1,"d":1})"},
       {R"({"a":1})", R"({"c":1})"}},
      {R"({"patternProperties":{"^x_":{"type":"integer"},"y$":{"minimum":3}},
           "properties":{"a":{"type":"string"},"x_s":{"maximum":7}},"additionalProperties":false})",
       {R"({"x_1":1,"a":"s"})", "{}", R"({"x_y":3})", R"({"x_s":7})"},
       {R"({"x_1":"1"})", R"({"b":1})", R"({"x_y":2})", R"({"x_s":8})", R"({"x_s":"a"})", R"({"a":1})"}},
      {R"({"patternProperties":{"a":{"patternProperties":{"b":{"type":"null"}}}}})",
       {R"({"xa":{"xb":null,"c":1},"xb":1})"},
       {R"({"xa":{"xb":1}})"}},
  });
}

// Sections 6.6, 6.7 and 7.3, and "Core", section 8.3.
TEST_CASE("combinations, conditions, references and formats are checked as draft 7 says") {
  check({
      {R"({"allOf":[{"minimum":1},{"maximum":2}]})", {"1"}, {"0", "3"}},
      {R"({"anyOf":[{"type":"string"},{"type":"integer","minimum":5}]})", {"\"a\"", "7"}, {"3", "null"}},
      {R"({"oneOf":[{"minimum":1},{"maximum":10}]})", {"0", "11"}, {"5"}},
      {R"({"not":{"type":"null"}})", {"1"}, {"null"}},
      {R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"type":"null"}})",
       {"\"ab\"", "null"},
       {"\"a\"", "1"}},
      {R"({"properties":{"child":{"$ref":"#"}},"additionalProperties":false})",
       {R"({"child":{"child":{}}})"},
       {R"({"child":{"child":{"x":1}}})"}},
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"items":{"$ref":"#/definitions/b"}}},
           "definitions":{"b":{"type":"null"}}})",
       {"[null]", "1"},
       {"[1]"}},
      {R"({"$ref":"#/$defs/a","minLength":2,"$defs":{"a":{"type":"string"}}})", {"\"ab\""}, {"\"a\"", "5"}},
      {R"({"properties":{"a/b":{"$ref":"#/properties/c~1d%25/anyOf/0"},
           "c/d%":{"anyOf":[{"type":"string"}]}}})",
       {R"({"a/b":"x"})"},
       {R"({"a/b":1})"}},
      {R"({"properties":{"$ref":{"type":"string"},"enum":{"type":"null"}}})",
       {R"({"$ref":"x","enum":null})"},
       {R"({"$ref":1})"}},
      {R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://x.example/s",
           "title":"T","$defs":{"p":{"description":"d"}},"properties":{"id":{"$ref":"#/$defs/p"}},
           "required":["id"],"x-own":[1]})",
       {R"({"id":"a"})"},
       {"{}"}},
      {R"({"format":"date"})",
       {"\"2024-02-29\"", "5"},
       {"\"2023-02-29\"", "\"2023-2-1\"", "\"2023-02-01x\""}},
      {R"({"format":"time"})", {"\"23:59:60Z\"", "\"10:00:00.5+01:00\""}, {"\"24:00:00Z\"", "\"10:00:00\""}},
      {R"({"format":"date-time"})",
       {"\"2026-03-02T09:15:21Z\"", "\"2026-03-02t09:15:21.123-05:30\""},
       {"\"2026-03-02 09:15:21Z\"", "\"2026-02-30T09:15:21Z\"", "\"2026-03-02T09:15:21\""}},
      {R"({"format":"email"})",
       {"\"a.b@example.com\"", "\"zoë@exämple.de\""},
       {"\"a\"", "\"a@\"", "\"a b@c.de\""}},
      {R"({"format":"uuid"})",
       {"\"0192F0C1-7a3b-7cde-8f00-112233445566\""},
       {"\"0192f0c17a3b7cde8f00112233445566\""}},
      {R"({"format":"uri"})",
       {"\"https://a.example/x?y=[1]#z\"", "\"tel:+49301\""},
       {"\"/path\"", "\"http://a b\""}},
      {R"({"format":"colour"})", {"\"any\""}, {}},
  });
}

TEST_CASE("a mismatch says what to mend, in words and by place") {
  const Schema schema = schema_of(R"({
    "type":"object","required":["sku"],"additionalProperties":false,
    "properties":{
      "sku":{"type":"string","pattern":"^[A-Z]-\\d+$"},
      "count":{"type":"integer","minimum":1,"maximum":5,"multipleOf":2},
      "size":{"enum":["s","m"]},
      "day":{"format":"date"},
      "note":{"minLength":2,"maxLength":4},
      "parts":{"items":{"properties":{"a/b":{"type":"null"}}},"maxItems":3,"uniqueItems":true},
      "either":{"anyOf":[{"type":"string"},{"type":"null"}]}}})");
  struct Mismatch {
    std::string_view value;
    std::map<std::string, std::string> problems;
  };
  const Mismatch cases[] = {
      {"[]", {{"", "has the wrong type"}}},
      {"{}", {{"/sku", "is required"}}},
      {R"({"sku":"A-1","x":1})", {{"/x", "is not known here"}}},
      {R"({"sku":"b","count":7})",
       {{"/sku", "does not match ^[A-Z]-\\d+$"}, {"/count", "must be at most 5"}}},
      {R"({"sku":"A-1","count":3})", {{"/count", "is not a multiple of 2"}}},
      {R"({"sku":"A-1","count":2.5})", {{"/count", "must be a whole number"}}},
      {R"({"sku":"A-1","count":-2})", {{"/count", "must be at least 1"}}},
      {R"({"sku":"A-1","size":"l","day":"today"})",
       {{"/size", "is not one of the values that are allowed"}, {"/day", "is not a valid date"}}},
      {R"({"sku":"A-1","note":"a"})", {{"/note", "must have at least 2 characters"}}},
      {R"({"sku":"A-1","note":"abcde"})", {{"/note", "must have at most 4 characters"}}},
      {R"({"sku":"A-1","parts":[{},{"a/b":1}]})", {{"/parts/1/a~1b", "has the wrong type"}}},
      {R"({"sku":"A-1","parts":[{},{}]})", {{"/parts", "has the same item twice"}}},
      {R"({"sku":"A-1","either":1})", {{"/either", "has the wrong type"}}},
  };
  for (const Mismatch& example : cases) {
    CAPTURE(example.value);
    const Error error = schema.validate(*parse(example.value)).error();
    std::map<std::string, std::string> found;
    for (const auto& [pointer, problem] : error.details()) found[pointer] = std::get<std::string>(problem);
    for (const auto& [pointer, problem] : example.problems) {
      CHECK(found[pointer] == problem);
    }
  }
  CHECK(schema.validate(*parse("{}")).error().message() == "sku: is required");
  CHECK(schema.validate(*parse("[]")).error().message() == "the value has the wrong type");
}

TEST_CASE("a schema is a value: copies share it and outlive it") {
  Schema copy = schema_of("true");
  {
    const Schema schema = schema_of(R"({"type":"null","pattern":"a"})");
    copy = schema;
  }
  CHECK(copy.validate(nullptr).has_value());
  CHECK(!copy.validate(1));
}

TEST_CASE("a value keeps to the schema that allows just it") {
  CHECK(rc::check([] {
    const Value value = *values();
    const auto schema = Schema::compile(object({{"enum", array({"other", value})}}));
    RC_PRE(schema.has_value());
    RC_ASSERT(schema->validate(value).has_value());
    RC_ASSERT(!schema->validate(array({value})));
  }));
}

}  // namespace
}  // namespace trunkline::json
