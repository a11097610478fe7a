#include "engagement/input.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "engagement/records.hpp"

using namespace trunkline;
using namespace trunkline::engagement;

namespace {

const Instant now = *parse_instant("2026-03-02T09:15:04Z");

std::string contact_verdict(std::string_view body) {
  const auto input = read_contact(*json::parse(body));
  return input ? "" : input.error().message();
}

std::string action_verdict(std::string_view body) {
  const auto input = read_action(*json::parse(body), now);
  return input ? "" : input.error().message();
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::string nested(std::size_t levels) {
  return repeated(R"({"a":)", levels) + "1" + repeated("}", levels);
}

bool mentions(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("customers and actions as they are sent, engagement-api.md sections 2 to 5 and 9") {
  TEST_CASE("a customer's fields keep to their limits, and the refusal says which and how much") {
    struct Case {
      std::string body;
      std::string_view said;  // part of the message; "" when it is taken
    };
    for (const Case& each : std::initializer_list<Case>{
             {R"({"customer_id":"c-204"})", ""},
             {R"({"customer_id":"Ünïcode 客户 with space"})", ""},
             {R"({"customer_id":"c","unknown":1})", ""},
             {R"({"customer_id":"c","name":null,"properties":null})", ""},
             {R"({"customer_id":"c","email":"","phone":""})", ""},
             {R"({})", "customer_id: is required"},
             {R"([])", "object"},
             {R"({"customer_id":7})", "customer_id"},
             {R"({"customer_id":null})", "customer_id"},
             {R"({"customer_id":""})", "customer_id"},
             {R"({"customer_id":")" + repeated("x", 255) + R"("})", ""},
             {R"({"customer_id":")" + repeated("ü", 255) + R"("})", ""},
             {R"({"customer_id":")" + repeated("x", 256) + R"("})", "255"},
             {R"({"customer_id":"."})", "must not be"},
             {R"({"customer_id":".."})", "must not be"},
             {R"({"customer_id":"..."})", ""},
             {R"({"customer_id":"a/b"})", "/ ? # %"},
             {R"({"customer_id":"a?b"})", "/ ? # %"},
             {R"({"customer_id":"a#b"})", "/ ? # %"},
             {R"({"customer_id":"a%20b"})", "/ ? # %"},
             {R"({"customer_id":"a\nb"})", "control"},
             {R"({"customer_id":"a\u007fb"})", "control"},
             {R"({"customer_id":"a\u0085b"})", "control"},
             {R"({"customer_id":"actions"})", "actions"},
             {R"({"customer_id":"batch"})", "batch"},
             {R"({"customer_id":"c","name":")" + repeated("n", 513) + R"("})", "512"},
             {R"({"customer_id":"c","email":"ann"})", "email"},
             {R"({"customer_id":"c","email":"ann@"})", "email"},
             {R"({"customer_id":"c","email":"a b@example.com"})", "email"},
             {R"({"customer_id":"c","email":"a@b@example.com"})", "email"},
             {R"({"customer_id":"c","email":"ann+tag@example.co.uk"})", ""},
             {R"({"customer_id":"c","email":")" + repeated("e", 250) + R"(@x.org"})", "254"},
             {R"({"customer_id":"c","phone":"+12025550101"})", ""},
             {R"({"customer_id":"c","phone":"(202) 555-0101 ext. 5"})", ""},
             {R"({"customer_id":"c","phone":"call me"})", "phone"},
             {R"({"customer_id":"c","phone":"12"})", "phone"},
             {R"({"customer_id":"c","properties":[]})", "properties"},
             {R"({"customer_id":"c","properties":"x"})", "properties"},
             {R"({"customer_id":"c","properties":)" + nested(8) + "}", ""},
             {R"({"customer_id":"c","properties":)" + nested(9) + "}", "8 levels"},
             {R"({"customer_id":"c","properties":{"":1}})", "128 characters"},
             {R"({"customer_id":"c","properties":{"x":")" + repeated("x", 17'000) + R"("}})", "16384 bytes"},
         }) {
      CAPTURE(each.body.substr(0, 80));
      const std::string verdict = contact_verdict(each.body);
      if (each.said.empty()) {
        CHECK(verdict == "");
      } else {
        CHECK(mentions(verdict, each.said));
      }
    }
    std::string many = R"({"customer_id":"c","properties":{"p0":0)";
    for (int i = 1; i < 129; ++i) many += ",\"p" + std::to_string(i) + "\":0";
    CHECK(mentions(contact_verdict(many + "}}"), "128"));
  }

  TEST_CASE("an action's fields keep to theirs; any JSON value is a value") {
    struct Case {
      std::string rest;
      std::string_view said;
    };
    for (const Case& each : std::initializer_list<Case>{
             {"", ""},
             {R"(,"action_value":0)", ""},
             {R"(,"action_value":false)", ""},
             {R"(,"action_value":"")", ""},
             {R"(,"action_value":null)", ""},
             {R"(,"action_value":[1,{"a":99.99}])", ""},
             {R"(,"action_value":)" + nested(9), "8 levels"},
             {R"(,"action_value":")" + repeated("v", 8200) + R"(")", "8192 bytes"},
             {R"(,"action_properties":{"sku":"A-1"})", ""},
             {R"(,"action_properties":7)", "action_properties"},
             {R"(,"timestamp":"2026-03-02T10:00:00+01:00")", ""},
             {R"(,"timestamp":"2026-03-02")", ""},
             {R"(,"timestamp":"2026-03-03T09:15:03")", ""},
             {R"(,"timestamp":"2026-03-03T09:15:05")", "24 hours"},
             {R"(,"timestamp":"tomorrow")", "ISO 8601"},
             {R"(,"timestamp":1772000000)", "timestamp"},
         }) {
      CAPTURE(each.rest.substr(0, 80));
      const std::string verdict =
          action_verdict(R"({"customer_id":"c","action_name":"purchase")" + each.rest + "}");
      if (each.said.empty()) {
        CHECK(verdict == "");
      } else {
        CHECK(mentions(verdict, each.said));
      }
    }
    CHECK(mentions(action_verdict(R"({"action_name":"x"})"), "customer_id"));
    CHECK(mentions(action_verdict(R"({"customer_id":"c"})"), "action_name"));
    CHECK(mentions(action_verdict(R"({"customer_id":"c","action_name":""})"), "action_name"));
    CHECK(mentions(action_verdict(R"({"customer_id":"c","action_name":")" + repeated("a", 256) + R"("})"),
                   "255"));
    const auto null_value =
        read_action(*json::parse(R"({"customer_id":"c","action_name":"x","action_value":null})"), now);
    CHECK(null_value->value->is_null());
    const auto no_value = read_action(*json::parse(R"({"customer_id":"c","action_name":"x"})"), now);
    CHECK(!no_value->value.has_value());
    const auto zoneless = read_action(
        *json::parse(R"({"customer_id":"c","action_name":"x","timestamp":"2026-03-02T08:00:00"})"), now);
    CHECK(*zoneless->occurred_at == *parse_instant("2026-03-02T08:00:00Z"));
  }
}

TEST_SUITE("files of customers and actions") {
  TEST_CASE("CSV has quotes, line ends inside them, and further columns that become properties") {
    std::istringstream file(
        "\xef\xbb\xbf"
        "customer_id,name,plan,seats\r\n"
        "c-1,\"Smith, \"\"Ann\"\"\nof York\",pro,5\r\n"
        "\r\n"
        "c-2,,,\n"
        "c-3,too,many,fields,here\n"
        "a/b,x,,\n"
        "c-4,Bo,free,true");
    auto reader = make_record_reader(file, FileFormat::csv);
    REQUIRE(reader);
    auto first = (*reader)->next(now);
    REQUIRE(first);
    CHECK(first->line == 2);
    const auto& ann = std::get<ContactInput>(first->item.what);
    CHECK(*ann.name == "Smith, \"Ann\"\nof York");
    CHECK(*ann.properties == json::object({{"plan", "pro"}, {"seats", 5}}));
    const auto second = (*reader)->next(now);
    CHECK(second->line == 5);
    CHECK(!std::get<ContactInput>(second->item.what).properties);
    const auto third = (*reader)->next(now);
    CHECK(third->line == 6);
    CHECK(mentions(std::get<Error>(third->item.what).message(), "5 fields"));
    const auto fourth = (*reader)->next(now);
    CHECK(mentions(std::get<Error>(fourth->item.what).message(), "/ ? # %"));
    const auto fifth = (*reader)->next(now);
    CHECK(*std::get<ContactInput>(fifth->item.what).properties ==
          json::object({{"plan", "free"}, {"seats", true}}));
    CHECK(!(*reader)->next(now));
  }

  TEST_CASE("a heading with action_name makes it a file of actions; one without customer_id is refused") {
    std::istringstream actions(
        "customer_id,action_name,action_value,timestamp,shop\nc,purchase,99.99,2026-01-01,York\n");
    auto reader = make_record_reader(actions, FileFormat::csv);
    const auto record = (*reader)->next(now);
    const auto& action = std::get<ActionInput>(record->item.what);
    CHECK(action.name == "purchase");
    CHECK(action.value->number_text() == "99.99");
    CHECK(*action.properties == json::object({{"shop", "York"}}));
    std::istringstream nameless("name,email\nAnn,ann@example.com\n");
    CHECK(make_record_reader(nameless, FileFormat::csv).error().code() ==
          trunkline::engagement::error_codes::import_invalid);
  }

  TEST_CASE("JSON Lines are read line by line, and a broken one says why") {
    std::istringstream file(
        "{\"customer_id\":\"c\"}\n\n{\"customer_id\":\"c\",\"action_name\":\"x\"}\n{oops\n");
    auto reader = make_record_reader(file, FileFormat::jsonl);
    CHECK(std::holds_alternative<ContactInput>((*reader)->next(now)->item.what));
    const auto action = (*reader)->next(now);
    CHECK(action->line == 3);
    CHECK(std::holds_alternative<ActionInput>(action->item.what));
    CHECK(std::holds_alternative<Error>((*reader)->next(now)->item.what));
    CHECK(!(*reader)->next(now));
  }

  TEST_CASE("cells that a spreadsheet would run get an apostrophe, numbers do not") {
    CHECK(csv_cell("plain") == "plain");
    CHECK(csv_cell("a,\"b\"") == "\"a,\"\"b\"\"\"");
    CHECK(csv_cell("=1+1") == "'=1+1");
    CHECK(csv_cell("@x") == "'@x");
    CHECK(csv_cell("+12025550101") == "+12025550101");
    CHECK(csv_cell("+cmd") == "'+cmd");
  }
}
