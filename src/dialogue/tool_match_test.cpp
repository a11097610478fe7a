#include "dialogue/tool_match.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "dialogue/call_testing.hpp"
#include "dialogue/spoken_value.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;

namespace {

json::Value parsed(std::string_view text) {
  return *json::parse(text);
}

// "name {arguments}", or "" for none.
std::string matched(std::string_view utterance, const std::vector<Tool>& tools) {
  const auto call = match_tool(utterance, tools);
  return call ? call->name + " " + json::write(call->arguments) : "";
}

std::string arguments(std::string_view utterance, std::string_view schema) {
  const auto found = find_arguments(utterance, parsed(schema));
  return found ? json::write(json::Value(found->values)) : "none";
}

}  // namespace

TEST_SUITE("tools that the callee's words ask for") {
  TEST_CASE("the tool is used whose description says what is asked; small talk uses none") {
    const std::vector<Tool> tools{
        make_tool("order_status", "Looks up the status of an order.", R"({"order_id": {"type": "string"}})"),
        make_tool("stock_level", "Units left of an article", R"({"sku": {"type": "string"}})"),
        make_tool("weather", "Tells the weather forecast for a city", R"({"city": {"type": "string"}})"),
        make_tool("opening_hours", "The opening hours of our shop", "{}"),
    };
    const std::vector<std::pair<std::string, std::string>> cases{
        {"Before we go on: what is the status of order 12345?", R"(order_status {"order_id":"12345"})"},
        {"Where is order number AB-12?", R"(order_status {"order_id":"AB-12"})"},
        {"I need the status of my order, it is order #77.", R"(order_status {"order_id":"77"})"},
        {"What is the status of my order?", ""},
        {"How many units of article B-200 are left?", R"(stock_level {"sku":"B-200"})"},
        {"What are the opening hours of your shop?", "opening_hours {}"},
        {"Yes, we are open until six today.", ""},
        {"I was just telling my neighbour about the weather.", ""},
        {"What do you think of the weather forecast?", ""},
        {"And my cousin, she had a shop by the river.", ""},
        {"Is there anything else I can do for you?", ""},
        {"How are you?", ""},
        {"My order of 12345 words is long.", ""},
        {"", ""},
    };
    for (const auto& [utterance, call] : cases) {
      CAPTURE(utterance);
      CHECK(matched(utterance, tools) == call);
    }
    CHECK(matched("What is the status of order 12345?", {}).empty());
  }

  TEST_CASE("arguments come from the words, in the type that the schema wants, or not at all") {
    struct Case {
      std::string utterance;
      std::string schema;
      std::string arguments;
    };
    const std::vector<Case> cases{
        {"status of order 12345", R"({"properties":{"order_id":{"type":"string"}}})",
         R"({"order_id":"12345"})"},
        {"status of order 12345", R"({"properties":{"order_number":{"type":"integer"}}})",
         R"({"order_number":12345})"},
        {"status of order 12345", R"({"properties":{"orderNumber":{"type":"number"}}})",
         R"({"orderNumber":12345})"},
        {"status of order 12345", R"({"properties":{"order":{}}})", R"({"order":"12345"})"},
        {"order 12345", R"({"properties":{"order_id":{"type":["string","null"]}}})",
         R"({"order_id":"12345"})"},
        {"order AB-1", R"({"properties":{"order_id":{"type":"integer"}},"required":["order_id"]})", "none"},
        {"order 12.5", R"({"properties":{"order_id":{"type":"integer"}},"required":["order_id"]})", "none"},
        {"order 99999999999999999999", R"({"properties":{"order_id":{"type":"integer"}}})",
         R"({"order_id":99999999999999999999})"},
        {"el pedido número 77", R"({"properties":{"pedido_id":{"type":"string"}}})", R"({"pedido_id":"77"})"},
        {"a table for 4 people", R"({"properties":{"party_size":{"type":"integer"}}})",
         R"({"party_size":4})"},
        {"order 5 of 3 boxes",
         R"({"properties":{"order_id":{"type":"integer"},"quantity":{"type":"integer"}}})",
         R"({"order_id":5,"quantity":3})"},
        {"4 or 5 people", R"({"properties":{"party_size":{"type":"integer"}}})", "{}"},
        {"2 boxes", R"({"properties":{"boxes_left":{"type":"integer"},"shelf":{"type":"integer"}}})", "{}"},
        {"the blue one please", R"({"properties":{"colour":{"enum":["red","dark_blue","blue"]}}})",
         R"({"colour":"blue"})"},
        {"the dark blue one", R"({"properties":{"colour":{"enum":["red","dark_blue","blue"]}}})",
         R"({"colour":"dark_blue"})"},
        {"size 3", R"({"properties":{"size":{"enum":[1,2,3]}}})", R"({"size":3})"},
        {"no colour", R"({"properties":{"colour":{"enum":["red"]}},"required":["colour"]})", "none"},
        {"it is sam@example.com.", R"({"properties":{"customer_email":{"type":"string"}}})",
         R"({"customer_email":"sam@example.com"})"},
        {"is it open?", R"({"properties":{"question":{"type":"string"}}})", R"({"question":"is it open?"})"},
        {"yes", R"({"properties":{"confirmed":{"type":"boolean"}},"required":["confirmed"]})", "none"},
        {"anything", R"({"required":["elsewhere"]})", "none"},
        {"anything", R"({"properties":7,"required":8})", "{}"},
        {"anything", R"([])", "{}"},
    };
    for (const Case& each : cases) {
      CAPTURE(each.utterance);
      CAPTURE(each.schema);
      CHECK(arguments(each.utterance, each.schema) == each.arguments);
    }
  }

  TEST_CASE("what a tool gave is said in words") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"("It left on Monday.")", "It left on Monday."},
        {"12", "12"},
        {"12.50", "12.50"},
        {"true", "yes"},
        {"null", ""},
        {"{}", ""},
        {"[]", ""},
        {R"({"status":"shipped","days_left":2,"carrierName":"UPS","note":null})",
         "Status: shipped, days left: 2, carrier name: UPS"},
        {R"({"address":{"city":"Berlin","zip":"10115"}})", "Address: city: Berlin, zip: 10115"},
        {R"(["red","green"])", "red; green"},
        {R"([1,2,3,4,5])", "1; 2; 3; 2 more"},
        {R"("<speak>hi</speak>")", "hi"},
        {R"([[[[[["deep"]]]]]])", ""},
    };
    for (const auto& [value, words] : cases) {
      CAPTURE(value);
      CHECK(spoken_value(parsed(value), Language::english) == words);
    }
    CHECK(spoken_value(json::Value(std::string(100'000, 'x')), Language::english).size() < 310);
    CHECK(spoken_value(json::array({1, 2, 3, 4}), Language::spanish) == "1; 2; 3; 1 más");
  }
}
