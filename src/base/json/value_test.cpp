#include "base/json/value.hpp"

#include <limits>

#include <doctest/doctest.h>

#include "base/json/value_testing.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

TEST_CASE("a value knows its kind and gives nothing as another") {
  CHECK(Value().kind() == Kind::null);
  CHECK(Value(nullptr).is_null());
  CHECK(Value(true).kind() == Kind::boolean);
  CHECK(Value(1).kind() == Kind::number);
  CHECK(Value(1.5).kind() == Kind::number);
  CHECK(Value("a").kind() == Kind::text);
  CHECK(array({}).kind() == Kind::array);
  CHECK(object({}).kind() == Kind::object);

  const Value text = "7";
  CHECK(*text.as_text() == "7");
  CHECK(!text.as_bool());
  CHECK(!text.as_integer());
  CHECK(!text.as_double());
  CHECK(!text.number_text());
  CHECK(text.as_array() == nullptr);
  CHECK(text.as_object() == nullptr);
  CHECK(text.find("7") == nullptr);
}

TEST_CASE("integers of C++ become integers, and those beyond 64 bits keep their digits") {
  CHECK(Value(std::uint8_t{200}).as_integer() == 200);
  CHECK(Value(-5L).as_integer() == -5);
  CHECK(Value(std::numeric_limits<std::int64_t>::min()).as_integer() ==
        std::numeric_limits<std::int64_t>::min());
  const Value large = std::numeric_limits<std::uint64_t>::max();
  CHECK(!large.as_integer());
  CHECK(large.number_text() == "18446744073709551615");
  CHECK(large.as_double() == 18446744073709551615.0);
}

TEST_CASE("only what is written as an integer and fits is an integer") {
  CHECK(Value::number("5")->as_integer() == 5);
  CHECK(Value::number("-0")->as_integer() == 0);
  CHECK(Value::number("-9223372036854775808")->as_integer() == std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"5.0", "1e3", "-0.0", "9223372036854775808", "-9223372036854775809"}) {
    CAPTURE(text);
    CHECK(!Value::number(text)->as_integer());
    CHECK(Value::number(text)->number_text() == text);
  }
}

TEST_CASE("a double becomes its shortest text, and no text is null") {
  CHECK(Value(1.0).number_text() == "1.0");
  CHECK(Value(0.1).number_text() == "0.1");
  CHECK(Value(-2.5e-7).number_text() == "-2.5e-07");
  CHECK(Value(1.0).as_double() == 1.0);
  CHECK(Value(std::numeric_limits<double>::infinity()).is_null());
  CHECK(Value(std::numeric_limits<double>::quiet_NaN()).is_null());
}

TEST_CASE("a number is made from exact text, and from nothing else") {
  CHECK(Value::number("12.50")->number_text() == "12.50");
  CHECK(Value::number("12.50")->as_double() == 12.5);
  CHECK(Value::number("1e-400")->as_double() == 0.0);
  const std::string integer(400, '9');
  CHECK(Value::number(integer)->number_text() == integer);
  CHECK(!Value::number(integer)->as_double());
  for (const char* text :
       {"", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1 ", " 1", "NaN", "1e400", "-1e400"}) {
    CAPTURE(text);
    CHECK(!Value::number(text));
  }
  CHECK(!Value::number(integer + ".0"));
}

TEST_CASE("setting a member keeps its place, and removing it closes the gap") {
  Object members{{"a", 1}, {"b", 2}, {"a", 3}};
  CHECK(write(members) == R"({"a":3,"b":2})");
  members.set("c", "new");
  members.set("a", nullptr);
  CHECK(write(members) == R"({"a":null,"b":2,"c":"new"})");
  CHECK(members.remove("b"));
  CHECK(!members.remove("b"));
  CHECK(write(members) == R"({"a":null,"c":"new"})");
  *members.find("c") = 7;
  CHECK(members.find("c")->as_integer() == 7);
  CHECK(members.size() == 2);
}

TEST_CASE("an object of given members names the key that two of them have") {
  std::vector<Member> few{{"a", 1}, {"b", 2}, {"a", 3}};
  CHECK(Object::of(few).error() == "a");
  std::vector<Member> many;
  for (int i = 0; i < 1000; ++i) many.push_back({std::to_string(i), i});
  CHECK(Object::of(many)->size() == 1000);
  many.push_back({"500", nullptr});
  CHECK(Object::of(many).error() == "500");
}

TEST_CASE("values are equal whatever the order of members, and numbers as they are written") {
  CHECK(object({{"a", 1}, {"b", array({1, 2})}}) == object({{"b", array({1, 2})}, {"a", 1}}));
  CHECK(object({{"a", 1}, {"b", 2}}) != object({{"a", 2}, {"b", 1}}));
  CHECK(object({{"a", 1}, {"b", 2}}) != object({{"b", 1}, {"a", 2}}));
  CHECK(object({{"a", 1}}) != object({{"a", 1}, {"b", 2}}));
  CHECK(array({1, 2}) != array({2, 1}));
  CHECK(Value(1) != *Value::number("1.0"));
  CHECK(Value("1") != Value(1));
  CHECK(Value(false) != Value(nullptr));
}

TEST_CASE("a value equals its copy") {
  CHECK(rc::check([] {
    const Value value = *values();
    const Value copy = value;  // NOLINT(performance-unnecessary-copy-initialization)
    RC_ASSERT(copy == value);
  }));
}

}  // namespace
}  // namespace trunkline::json
