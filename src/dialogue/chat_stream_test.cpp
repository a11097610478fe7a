#include "dialogue/chat_stream.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/json/value_testing.hpp"
#include "base/json/write.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;

namespace {

std::string delta(std::string_view content) {
  return R"({"choices":[{"index":0,"delta":)" + std::string(content) + "}]}";
}

std::string call(std::string_view piece) {
  return delta(R"({"tool_calls":[)" + std::string(piece) + "]}");
}

// The calls as "name arguments" after these events.
std::vector<std::string> calls_in(const std::vector<std::string>& events) {
  ChatStream chat;
  for (const std::string& event : events) REQUIRE(chat.take(event));
  std::vector<std::string> calls;
  for (const ModelCall& each : chat.calls()) calls.push_back(each.name + " " + each.arguments);
  return calls;
}

using Calls = std::vector<std::string>;

}  // namespace

TEST_SUITE("chat stream") {
  TEST_CASE("words come out as they come in") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {delta(R"({"role":"assistant","content":""})"), ""},
        {delta(R"({"content":"Hello"})"), "Hello"},
        {delta(R"({"content":null})"), ""},
        {delta(R"({"refusal":"I cannot."})"), "I cannot."},
        {delta("{}"), ""},
        {R"({"choices":[]})", ""},
        {R"({"choices":null})", ""},
        {R"({"choices":[{"message":{"content":"whole"}}]})", "whole"},
        {R"({"choices":[{"delta":{"content":"x"}}],"obfuscation":"kZ","surprise":[1]})", "x"},
        {R"({"choices":[{"delta":{"content":"half \ud83d"}}]})", ""},
        {R"({"choices":[7]})", ""},
        {R"([1,2])", ""},
        {"  ", ""},
        {"[DONE]", ""},
    };
    for (const auto& [data, words] : cases) {
      CAPTURE(data);
      ChatStream chat;
      const auto taken = chat.take(data);
      REQUIRE(taken);
      CHECK(*taken == words);
      CHECK(chat.is_done() == (data == "[DONE]"));
    }
  }

  TEST_CASE("calls are joined by their index, whatever servers make of it") {
    const std::string begin =
        R"({"index":0,"id":"call_1","type":"function","function":{"name":"look_up","arguments":""}})";
    const std::string first = R"({"index":0,"function":{"arguments":"{\"id\":"}})";
    const std::string second = R"({"index":0,"function":{"arguments":"1}"}})";
    CHECK(calls_in({call(begin), call(first), call(second)}) == Calls{R"(look_up {"id":1})"});
    CHECK(calls_in({call(R"({"index":0,"id":"","function":{"name":"look_up","arguments":"{}"}})")}) ==
          Calls{"look_up {}"});
    CHECK(calls_in({call(R"({"function":{"name":"look_up","arguments":"{\"a\""}})"),
                    call(R"({"function":{"arguments":":1}"}})")}) == Calls{R"(look_up {"a":1})"});
    CHECK(calls_in({call(R"({"id":"a","function":{"name":"one","arguments":"{}"}})"),
                    call(R"({"id":"b","function":{"name":"two","arguments":"{}"}})")}) ==
          Calls{"one {}", "two {}"});
    CHECK(calls_in({call(R"({"index":1,"id":"b","function":{"name":"two","arguments":"{}"}})"),
                    call(R"({"index":0,"id":"a","function":{"name":"one","arguments":"{}"}})")}) ==
          Calls{"one {}", "two {}"});
    CHECK(calls_in({call(begin), call(R"({"index":0,"function":{"name":"look_up","arguments":"{}"}})")}) ==
          Calls{"look_up {}"});
    CHECK(calls_in({call(R"({"index":0})"), call("null"), delta(R"({"tool_calls":null})")}) == Calls{" "});
  }

  TEST_CASE("arguments without end are cut off, and calls without number too") {
    ChatStream chat;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(chat.take(call(R"({"index":0,"function":{"arguments":")" + std::string(1000, 'x') + R"("}})")));
      REQUIRE(chat.take(call(R"({"index":)" + std::to_string(i) + "}")));
    }
    REQUIRE(chat.calls().size() == ChatStream::calls_max);
    CHECK(chat.calls()[0].is_too_large);
    CHECK(chat.calls()[0].arguments.size() <= ChatStream::argument_bytes_max);
  }

  TEST_CASE("why it ended and what it cost") {
    ChatStream chat;
    CHECK_FALSE(chat.usage());
    REQUIRE(chat.take(R"({"choices":[{"delta":{},"finish_reason":"length"}],"usage":null})"));
    CHECK(chat.finish_reason() == "length");
    REQUIRE(chat.take(R"({"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":99999999999}})"));
    REQUIRE(chat.usage());
    CHECK(chat.usage()->prompt_tokens == 0);
    CHECK(chat.usage()->completion_tokens == 100'000'000);
  }

  TEST_CASE("an error in the stream and what is no JSON end it, without the server's words") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {R"({"error":{"message":"sk-secret is wrong","type":"server_error","code":null}})",
         "it failed in the middle of its answer (server_error)"},
        {R"({"error":"sk-secret"})", "it failed in the middle of its answer"},
        {"<html>", "its answer is not JSON"},
        {R"({"choices":[)", "its answer is not JSON"},
    };
    for (const auto& [data, message] : cases) {
      CAPTURE(data);
      const auto taken = ChatStream().take(data);
      REQUIRE_FALSE(taken);
      CHECK(taken.error().code() == dialogue::error_codes::responder_failed);
      CHECK(taken.error().message() == message);
    }
  }

  TEST_CASE("any JSON in place of an event does no harm") {
    CHECK(rc::check([] {
      ChatStream chat;
      const json::Value any = *json::values();
      (void)chat.take(json::write(any));
      (void)chat.take(json::write(json::object({{"choices", json::array({any})}})));
      (void)chat.take(
          json::write(json::object({{"choices", json::array({json::object({{"delta", any}})})}})));
      const json::Value in_call =
          json::object({{"tool_calls", json::array({any, json::object({{"function", any}})})}});
      (void)chat.take(json::write(
          json::object({{"choices", json::array({json::object({{"delta", in_call}})})}, {"usage", any}})));
      RC_ASSERT(chat.calls().size() <= ChatStream::calls_max);
    }));
  }
}
