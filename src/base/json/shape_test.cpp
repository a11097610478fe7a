#include "base/json/shape.hpp"

#include <map>

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/value_testing.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

enum class Voice : std::uint8_t { automatic, male, female };

struct Tool {
  std::string name;
  std::int64_t timeout_ms = 30000;
};

struct Webhooks {
  std::optional<std::string> webhook_url;
};

struct CreateCall {
  std::string to;
  std::string task;
  std::optional<std::string> country;
  std::optional<std::int64_t> max_duration_seconds;
  Voice voice = Voice::automatic;
  bool record = false;
  std::optional<double> speed;
  std::optional<std::string> budget;
  std::optional<Value> metadata;
  std::vector<Tool> tools;
  std::vector<std::string> tags = {"new"};
  std::optional<Webhooks> webhooks;
  std::optional<std::vector<std::int64_t>> retries;
};

const Shape<Tool>& tool_shape() {
  static const Shape<Tool> shape(
      "Tool", "A tool of the agent.",
      {required("name", &Tool::name, "Its name.", text(1, 8)),
       optional("timeout_ms", &Tool::timeout_ms, "How long it may take.", integer(1000, 120000))});
  return shape;
}

const Shape<CreateCall>& create_call_shape() {
  static const Shape<Webhooks> webhooks(
      "Webhooks", "Where events go.",
      {optional("webhook_url", &Webhooks::webhook_url, "For events.", text(1, 100))});
  static const Shape<CreateCall> shape(
      "CreateCall", "A call to place.",
      {required("to", &CreateCall::to, "Destination, E.164.", text(1, 32)),
       required("task", &CreateCall::task, "What the call should achieve.", text(0, 10)),
       optional("country", &CreateCall::country, "ISO 3166-1 alpha-2.", text(2, 2)),
       optional("max_duration_seconds", &CreateCall::max_duration_seconds, "The longest.", integer(1, 3600)),
       optional(
           "voice", &CreateCall::voice, "The voice.",
           one_of<Voice>({{"auto", Voice::automatic}, {"male", Voice::male}, {"female", Voice::female}})),
       optional("record", &CreateCall::record, "Whether to record.", boolean()),
       optional("speed", &CreateCall::speed, "Of speech.", number(0.5, 2)),
       optional("budget", &CreateCall::budget, "In USD.", decimal()),
       optional("metadata", &CreateCall::metadata, "Free-form.", any_object()),
       optional("tools", &CreateCall::tools, "Tools of this call.", array_of(tool_shape(), 2)),
       optional("tags", &CreateCall::tags, "Labels.", array_of(one_of({"new", "vip"}), 3)),
       optional("webhooks", &CreateCall::webhooks, "Where events go.", webhooks),
       optional("retries", &CreateCall::retries, "Pauses.", array_of(integer(), 3))});
  return shape;
}

// The problems by pointer.
std::map<std::string, std::string> problems(const Error& error) {
  std::map<std::string, std::string> result;
  for (const auto& [pointer, problem] : error.details()) result[pointer] = std::get<std::string>(problem);
  return result;
}

TEST_CASE("a body is read into its struct") {
  const auto call = create_call_shape().read(*parse(R"({
    "to": "+4930123456", "task": "", "country": "DE", "max_duration_seconds": 299, "voice": "female",
    "record": true, "speed": 1, "budget": 12.50, "metadata": {"ticket": [1]},
    "tools": [{"name": "stock", "timeout_ms": 5000}, {"name": "book", "unknown": {}}], "tags": [],
    "webhooks": {"webhook_url": "https://example.com"}, "retries": [1, 2], "unknown": 1})"));
  REQUIRE(call.has_value());
  CHECK(call->to == "+4930123456");
  CHECK(call->task == "");
  CHECK(call->country == "DE");
  CHECK(call->max_duration_seconds == 299);
  CHECK(call->voice == Voice::female);
  CHECK(call->record);
  CHECK(call->speed == 1.0);
  CHECK(call->budget == "12.50");
  CHECK(*call->metadata == object({{"ticket", array({1})}}));
  REQUIRE(call->tools.size() == 2);
  CHECK(call->tools[0].timeout_ms == 5000);
  CHECK(call->tools[1].name == "book");
  CHECK(call->tools[1].timeout_ms == 30000);
  CHECK(call->tags.empty());
  CHECK(call->webhooks->webhook_url == "https://example.com");
  CHECK(call->retries == std::vector<std::int64_t>{1, 2});
}

TEST_CASE("members that are absent or null keep their defaults") {
  for (const char* body : {R"({"to":"+1","task":"t"})",
                           R"({"to":"+1","task":"t","country":null,"voice":null,"tags":null,"webhooks":null,
                               "metadata":null,"max_duration_seconds":null,"tools":null})"}) {
    const auto call = create_call_shape().read(*parse(body));
    REQUIRE(call.has_value());
    CHECK(!call->country);
    CHECK(!call->max_duration_seconds);
    CHECK(call->voice == Voice::automatic);
    CHECK(!call->metadata);
    CHECK(call->tools.empty());
    CHECK(call->tags == std::vector<std::string>{"new"});
    CHECK(!call->webhooks);
  }
}

TEST_CASE("everything that is wrong is named at once, and the message is about the first") {
  const Error error = create_call_shape()
                          .read(*parse(R"({
    "task": 5, "country": "DEU", "max_duration_seconds": 9999, "voice": "loud", "record": 1, "speed": 3,
    "budget": "1e3", "metadata": [], "tools": [{"name": ""}, {"timeout_ms": 1.5}], "tags": ["new", "old"],
    "webhooks": {"webhook_url": {}}, "retries": [1, 2, 3, 4]})"))
                          .error();
  CHECK(error.code() == error_codes::validation_failed);
  CHECK(error.kind() == ErrorKind::invalid);
  CHECK(error.message() == "to: is required");
  CHECK(error.details().front().first == "/to");
  const std::map<std::string, std::string> expected = {
      {"/to", "is required"},
      {"/task", "must be a string"},
      {"/country", "must have 2 characters"},
      {"/max_duration_seconds", "must be between 1 and 3600"},
      {"/voice", "must be one of auto, male, female"},
      {"/record", "must be true or false"},
      {"/speed", "must be between 0.5 and 2"},
      {"/budget", "must be a decimal number, such as 12.50"},
      {"/metadata", "must be an object"},
      {"/tools/0/name", "must not be empty"},
      {"/tools/1/name", "is required"},
      {"/tools/1/timeout_ms", "must be a whole number"},
      {"/tags/1", "must be one of new, vip"},
      {"/webhooks/webhook_url", "must be a string"},
      {"/retries", "must have at most 3 items"}};
  CHECK(problems(error) == expected);
}

TEST_CASE("the message is in words and names the place") {
  struct Case {
    const char* body;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "the body must be an object"},
      {"null", "the body must be an object"},
      {R"({"to":null,"task":""})", "to: is required"},
      {R"({"to":"","task":""})", "to: must not be empty"},
      {R"({"to":"123456789012345678901234567890123","task":""})", "to: must have 1 to 32 characters"},
      {R"({"to":"1","task":"","max_duration_seconds":0})",
       "max_duration_seconds: must be between 1 and 3600"},
      {R"({"to":"1","task":"","max_duration_seconds":"5"})", "max_duration_seconds: must be a whole number"},
      {R"({"to":"1","task":"","max_duration_seconds":5.0})", "max_duration_seconds: must be a whole number"},
      {R"({"to":"1","task":"","max_duration_seconds":99999999999999999999})",
       "max_duration_seconds: must be between 1 and 3600"},
      {R"({"to":"1","task":"","tools":[{"name":"a"},3]})", "tools/1: must be an object"},
      {R"({"to":"1","task":"","tools":{}})", "tools: must be an array"},
      {R"({"to":"1","task":"","retries":[1,null]})", "retries/1: must be a whole number"}};
  for (const Case& example : cases) {
    CAPTURE(example.body);
    const auto read = create_call_shape().read(*parse(example.body));
    REQUIRE(!read);
    CHECK(read.error().message() == example.message);
  }
}

TEST_CASE("text is counted in characters, not bytes") {
  CHECK(create_call_shape().read(object({{"to", "1"}, {"task", "ééééé👍👍👍👍👍"}})).has_value());
  CHECK(!create_call_shape().read(object({{"to", "1"}, {"task", "ééééé👍👍👍👍👍a"}})));
}

TEST_CASE("a decimal is exact, as a number or as text") {
  struct Price {
    std::string amount;
  };
  const Shape<Price> shape("Price", "A price.", {required("amount", &Price::amount, "In USD.", decimal())});
  for (const char* amount : {"0", "-1", "12.50", "\"0.100\"", "123456789012345678901234567890", "1.0"}) {
    CAPTURE(amount);
    const auto price = shape.read(*parse(R"({"amount":)" + std::string(amount) + "}"));
    REQUIRE(price.has_value());
    CHECK('"' + price->amount + '"' == (amount[0] == '"' ? amount : '"' + std::string(amount) + '"'));
  }
  for (const char* amount : {"1e3", "\"\"", "\"abc\"", "\" 1\"", "true", "\"01\"", "\"+1\"",
                             "\"12345678901234567890123456789012345678901\""}) {
    CAPTURE(amount);
    CHECK(!shape.read(*parse(R"({"amount":)" + std::string(amount) + "}")));
  }
}

TEST_CASE("null is a value where any value is asked for") {
  struct Answer {
    Value result = "unset";
    std::optional<Value> extra;
  };
  const Shape<Answer> shape("Answer", "Of a tool.",
                            {required("result", &Answer::result, "Any JSON.", any_value()),
                             optional("extra", &Answer::extra, "Any JSON.", any_value())});
  CHECK(shape.read(*parse(R"({"result":null})"))->result.is_null());
  CHECK(*shape.read(*parse(R"({"result":[1]})"))->result.as_array() == Array{1});
  CHECK(!shape.read(*parse(R"({"result":1,"extra":null})"))->extra);
  CHECK(shape.read(*parse("{}")).error().message() == "result: is required");
}

TEST_CASE("unknown members can be refused, with the name that was probably meant") {
  const Shape<Tool> shape("Tool", "A tool.",
                          {required("name", &Tool::name, "Its name.", text(1, 8)),
                           optional("timeout_ms", &Tool::timeout_ms, "Time.", integer())},
                          UnknownMembers::refused);
  CHECK(shape.read(object({{"name", "a"}})).has_value());
  const Error error =
      shape.read(object({{"name", "a"}, {"timeout_sm", 1}, {"x/y", 1}, {std::string(100'000, 'n'), 1}}))
          .error();
  CHECK(error.message() == "timeout_sm: is not known here, did you mean timeout_ms?");
  CHECK(problems(error)["/x~1y"] == "is not known here");
  CHECK(error.details()[2].first == "/" + std::string(199, 'n') + "…");
  CHECK(write(*shape.open_api().find("additionalProperties")) == "false");
}

TEST_CASE("problems beyond the first hundred are left out") {
  Array items;
  for (int i = 0; i < 1000; ++i) items.push_back("x");
  struct Numbers {
    std::vector<std::int64_t> numbers;
  };
  const Shape<Numbers> shape("Numbers", "",
                             {required("numbers", &Numbers::numbers, "", array_of(integer(), 1000))});
  CHECK(shape.read(object({{"numbers", items}})).error().details().size() == 100);
}

TEST_CASE("the shape documents itself as OpenAPI 3.1") {
  CHECK(write_pretty(tool_shape().open_api()) == R"({
  "title": "Tool",
  "description": "A tool of the agent.",
  "type": "object",
  "properties": {
    "name": {
      "type": "string",
      "minLength": 1,
      "maxLength": 8,
      "description": "Its name."
    },
    "timeout_ms": {
      "type": "integer",
      "minimum": 1000,
      "maximum": 120000,
      "description": "How long it may take."
    }
  },
  "required": [
    "name"
  ]
})");
  const Value schema = create_call_shape().open_api();
  CHECK(create_call_shape().name() == "CreateCall");
  const Value& properties = *schema.find("properties");
  CHECK(*schema.find("required") == array({"to", "task"}));
  CHECK(write(*properties.find("voice")) ==
        R"({"type":"string","enum":["auto","male","female"],"description":"The voice."})");
  CHECK(write(*properties.find("speed")) ==
        R"({"type":"number","minimum":0.5,"maximum":2.0,"description":"Of speech."})");
  CHECK(write(*properties.find("tags")) ==
        R"({"type":"array","items":{"type":"string","enum":["new","vip"]},"maxItems":3,)"
        R"("description":"Labels."})");
  CHECK(*properties.find("tools")->find("items") == tool_shape().open_api());
  CHECK(*properties.find("webhooks")->find("description") == Value("Where events go."));
  CHECK(write(*properties.find("budget")) ==
        R"({"type":["number","string"],"format":"decimal","description":"In USD."})");
}

TEST_CASE("any body is read or refused with an error that has a place") {
  CHECK(rc::check([] {
    Object body{{"to", "+1"}, {"task", "t"}};
    static const std::vector<std::string> names = {"to",     "task", "country",  "voice", "speed",
                                                   "budget", "tags", "metadata", "tools", "webhooks"};
    body.set(*rc::gen::elementOf(names), *values());
    const auto call = create_call_shape().read(body);
    if (!call) RC_ASSERT(!call.error().details().empty());
  }));
}

}  // namespace
}  // namespace trunkline::json
