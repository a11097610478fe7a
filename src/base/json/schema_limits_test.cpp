// What a user may not do to us with a schema: recurse, explode, backtrack, divide by zero, fetch.
#include <chrono>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/schema.hpp"
#include "base/json/value_testing.hpp"

namespace trunkline::json {
namespace {

std::string repeat(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

TEST_CASE("a schema that is malformed or not supported is refused with its place") {
  struct Case {
    std::string_view schema;
    std::string_view message;
  };
  const Case cases[] = {
      {"[]", "the schema must be an object, true or false"},
      {R"({"properties":{"a":5}})", "/properties/a: must be an object, true or false"},
      {R"({"properties":[]})", "/properties: must be an object of schemas"},
      {R"({"type":"strin"})", "/type: must be the name of a JSON type, or several"},
      {R"({"type":[]})", "/type: must be the name of a JSON type, or several"},
      {R"({"enum":[]})", "/enum: must be an array of at least one value"},
      {R"({"anyOf":{}})", "/anyOf: must be an array of at least one schema"},
      {R"({"minimum":"5"})", "/minimum: must be a number"},
      {R"({"exclusiveMinimum":true})", "/exclusiveMinimum: must be a number"},
      {R"({"minLength":-1})", "/minLength: must be a whole number of 0 or more"},
      {R"({"maxItems":1.5})", "/maxItems: must be a whole number of 0 or more"},
      {R"({"multipleOf":0})", "/multipleOf: must be a number above 0"},
      {R"({"multipleOf":-1})", "/multipleOf: must be a number above 0"},
      {R"({"multipleOf":1e-400})", "/multipleOf: must be a number above 0"},
      {R"({"required":"a"})", "/required: must be an array of strings"},
      {R"({"required":[1]})", "/required: must be an array of strings"},
      {R"({"uniqueItems":1})", "/uniqueItems: must be true or false"},
      {R"({"dependencies":{"a":[1]}})", "/dependencies/a: must be an array of strings, or a schema"},
      {R"({"pattern":5})", "/pattern: must be a string"},
      {R"({"format":5})", "/format: must be a string"},
      {R"({"items":{"not":{"allOf":[{"if":3}]}}})",
       "/items/not/allOf/0/if: must be an object, true or false"},
      {R"({"$ref":"http://example.com/schema"})",
       "/$ref: must refer to a place in this schema: \"#\", or \"#/\" and a JSON Pointer"},
      {R"({"$ref":"other.json#/a"})",
       "/$ref: must refer to a place in this schema: \"#\", or \"#/\" and a JSON Pointer"},
      {R"({"$ref":"#anchor"})",
       "/$ref: must refer to a place in this schema: \"#\", or \"#/\" and a JSON Pointer"},
      {R"({"$ref":5})", "/$ref: must refer to a place in this schema: \"#\", or \"#/\" and a JSON Pointer"},
      {R"({"$ref":"#/%zz"})", "/$ref: has a % that is not followed by two hexadecimal digits"},
      {R"({"items":{"$ref":"#/$defs/none"}})", "/items/$ref: there is no subschema at this place"},
      {R"({"$ref":"#/enum/0","enum":[{}]})", "/$ref: there is no subschema at this place"},
      {R"({"unevaluatedProperties":false})",
       "/unevaluatedProperties: is not supported; the keywords of JSON Schema draft 7 are"},
      {R"({"$ref":"#"})", "the schema refers to itself without going deeper into the value"},
      {R"({"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"not":{"$ref":"#"}}]}}})",
       "the schema refers to itself without going deeper into the value"},
      {R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
       "/$defs/a: refers to itself without going deeper into the value"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.schema);
    const auto schema = Schema::compile(*parse(example.schema));
    REQUIRE(!schema);
    CHECK(schema.error().code() == error_codes::schema_invalid);
    CHECK(schema.error().message() == example.message);
    CHECK(schema.error().details().at(0).first == "pointer");
  }
}

TEST_CASE("a regular expression that RE2 does not have is refused with its place") {
  for (std::string_view pattern :
       {"(?=a)b", "(?!a)", "(?<=a)b", R"((a)\\1)", "(", "[a", "*a", "a{2000}", "((a{100}){100}){100}"}) {
    CAPTURE(pattern);
    const std::string text(pattern);
    const Error error = Schema::compile(*parse(R"({"items":{"pattern":")" + text + "\"}}")).error();
    CHECK(error.code() == error_codes::schema_invalid);
    CHECK(error.message().starts_with("/items/pattern: this regular expression is not supported"));
    CHECK(!Schema::compile(*parse(R"({"patternProperties":{")" + text + "\":true}}")));
  }
}

TEST_CASE("a regular expression takes time in proportion to the text") {
  const Schema schema = *Schema::compile(*parse(R"({"pattern":"^(a+)+$","items":{"pattern":"(x+x+)+y"}})"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(!schema.validate(std::string(100'000, 'a') + "b"));
  CHECK(!schema.validate(array({std::string(100'000, 'x')})));
  CHECK(schema.validate(std::string(100'000, 'a')).has_value());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("size, depth, subschemas and patterns have limits") {
  const auto message = [](const std::string& text) {
    const auto schema = Schema::compile(*parse(text));
    return schema ? "" : schema.error().message();
  };
  CHECK(message("{\"description\":\"" + std::string(65'000, 'a') + "\"}") == "");
  CHECK(message("{\"description\":\"" + std::string(66'000, 'a') + "\"}") ==
        "the schema is longer than 65536 bytes");
  CHECK(message(repeat("{\"items\":", 31) + "{}" + repeat("}", 31)) == "");
  CHECK(message(repeat("{\"items\":", 32) + "{}" + repeat("}", 32)) == "the schema is deeper than 32 levels");
  CHECK(message("{\"items\":[" + repeat("{},", 198) + "{}]}") == "");
  CHECK(message("{\"items\":[" + repeat("{},", 199) + "{}]}") == "the schema has more than 200 subschemas");
  CHECK(message("{\"items\":[" + repeat("{\"pattern\":\"a\"},", 64) + "{}]}") == "");
  CHECK(message("{\"items\":[" + repeat("{\"pattern\":\"a\"},", 65) + "{}]}") ==
        "the schema has more than 64 regular expressions");
  CHECK(message(repeat("{\"not\":", 15) + "{}" + repeat("}", 15)) == "");
  CHECK(message(repeat("{\"not\":", 16) + "{}" + repeat("}", 16)) ==
        "the schema has more than 16 subschemas inside each other for one value");
}

TEST_CASE("the longest chain of references compiles, and so does the longest circle") {
  std::string definitions;
  for (int i = 0; i < 98; ++i) {
    definitions += "\"d" + std::to_string(i) + R"(":{"properties":{"a":{"$ref":"#/$defs/d)" +
                   std::to_string(i + 1) + "\"}}},";
  }
  const auto chain = [&](std::string_view last) {
    const std::string text =
        R"({"$ref":"#/$defs/d0","$defs":{)" + definitions + "\"d98\":" + std::string(last) + "}}";
    return Schema::compile(*parse(text)).value();
  };
  CHECK(chain("{}").validate(*parse(R"({"a":{"a":1}})")).has_value());
  CHECK(chain(R"({"$ref":"#/$defs/d0"})").validate(*parse(R"({"a":{"a":1}})")).has_value());
}

TEST_CASE("a value at the deepest is checked against a schema at its deepest") {
  std::string schema = R"({"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"}})";
  for (int i = 0; i < 14; ++i) schema = "{\"anyOf\":[" + schema + "]}";
  const Value deep = *parse(repeat("[{\"a\":", 32) + "1" + repeat("}]", 32));
  CHECK(Schema::compile(*parse(schema))->validate(deep).has_value());
  CHECK(Schema::compile(*parse(schema))->validate(array({array({array({deep})})})).error().code() ==
        error_codes::schema_too_costly);
}

TEST_CASE("work that explodes is given up") {
  const auto begin = std::chrono::steady_clock::now();
  const std::string branch = R"({"properties":{"a":{"$ref":"#"}},"required":["none"]})";
  const Schema doubling = *Schema::compile(*parse("{\"anyOf\":[" + branch + "," + branch + "]}"));
  const Value deep = *parse(repeat("{\"a\":", 60) + "1" + repeat("}", 60));
  CHECK(doubling.validate(deep).error().code() == error_codes::schema_too_costly);

  const std::string choices = "{\"enum\":[" + repeat("{\"a\":0},", 5000) + "1]}";
  const Schema many = *Schema::compile(*parse("{\"items\":" + choices + "}"));
  CHECK(many.validate(Array(1000, 1)).error().code() == error_codes::schema_too_costly);

  const Schema long_text =
      *Schema::compile(*parse("{\"allOf\":[" + repeat("{\"minLength\":1},", 190) + "{}]}"));
  CHECK(long_text.validate("short").has_value());
  CHECK(long_text.validate(std::string(1'200'000, 'a')).error().code() == error_codes::schema_too_costly);

  const Schema keyed = *Schema::compile(*parse(R"({"patternProperties":{"a":true,"b":true,"c":true}})"));
  Object keys;
  for (int i = 0; i < 10'000; ++i) keys.set(std::to_string(i), i);
  CHECK(keyed.validate(keys).error().code() == error_codes::schema_too_costly);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

TEST_CASE("a long array of unique items is checked in a time that suits its size") {
  const Schema schema = *Schema::compile(*parse(R"({"uniqueItems":true})"));
  Array items;
  for (int i = 0; i < 50'000; ++i) items.push_back(i);
  const auto begin = std::chrono::steady_clock::now();
  CHECK(schema.validate(items).has_value());
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
  items.resize(200'000);
  CHECK(!schema.validate(items));
}

TEST_CASE("a mismatch in very many places is told in a few") {
  const Schema schema =
      *Schema::compile(*parse(R"({"items":{"anyOf":[{"type":"string"},{"type":"null"}]}})"));
  const Error error = schema.validate(Array(20'000, 1)).error();
  CHECK(error.code() == error_codes::schema_mismatch);
  CHECK(error.details().size() <= 100);
}

TEST_CASE("whatever is given as a schema is compiled or refused") {
  CHECK(rc::check([] {
    Object schema;
    static const std::vector<std::string> keywords = {"type",
                                                      "enum",
                                                      "properties",
                                                      "items",
                                                      "allOf",
                                                      "pattern",
                                                      "patternProperties",
                                                      "$ref",
                                                      "required",
                                                      "not",
                                                      "if",
                                                      "dependencies",
                                                      "additionalProperties",
                                                      "multipleOf",
                                                      "const",
                                                      "contains",
                                                      "format",
                                                      "minLength"};
    for (int i = 0; i < 3; ++i) schema.set(*rc::gen::elementOf(keywords), *values());
    const auto compiled = Schema::compile(schema);
    if (compiled) static_cast<void>(compiled->validate(*values()));
    if (!compiled) RC_ASSERT(compiled.error().code() == error_codes::schema_invalid);
  }));
}

}  // namespace
}  // namespace trunkline::json
