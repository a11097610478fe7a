// Control C12 of docs/security.md: a model that does the worst it can gets nothing past the responder, and a
// call with it still ends politely.
#include <doctest/doctest.h>

#include "base/json/write.hpp"
#include "base/text.hpp"
#include "dialogue/call_testing.hpp"
#include "dialogue/fallback_chain.hpp"
#include "dialogue/model_testing.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;
using fakes::Answer;
using fakes::FakeOpenAi;

namespace {

const std::string endless(std::size_t bytes, std::string_view words = "words without end ") {
  std::string text;
  while (text.size() < bytes) text += words;
  return text;
}

std::vector<fakes::ScriptedCall> many_calls(std::size_t count) {
  std::vector<fakes::ScriptedCall> calls(count, {.name = "look_up", .arguments = "{}", .pieces = 1});
  return calls;
}

struct Attack {
  std::string what;
  Answer answer;
};

std::vector<Attack> attacks() {
  return {
      {"a transfer to a premium number",
       {.calls = {{.name = "transfer", .arguments = R"({"to":"+19005550100"})"}}}},
      {"an unknown tool that would fetch metadata",
       {.calls = {{.name = "http_get", .arguments = R"({"url":"http://169.254.169.254/"})"}}}},
      {"broken JSON", {.calls = {{.name = "look_up", .arguments = R"({"id": "1)"}}}},
      {"arguments that are no object", {.calls = {{.name = "look_up", .arguments = R"(["id"])"}}}},
      {"deep arguments", {.calls = {{.name = "look_up", .arguments = endless(5000, "[")}}}},
      {"arguments of 5 MB",
       {.calls =
            {{.name = "look_up", .arguments = "{\"a\":\"" + endless(5'000'000) + "\"}", .pieces = 100}}}},
      {"arguments of 5 MB at once",
       {.calls = {{.name = "look_up", .arguments = "{\"a\":\"" + endless(5'000'000) + "\"}", .pieces = 1}}}},
      {"keys that are none",
       {.calls = {{.name = "press_keys", .arguments = R"({"digits":"0900,,,DROP TABLE"})"}}}},
      {"endless keys",
       {.calls = {{.name = "press_keys", .arguments = R"({"digits":")" + endless(10'000, "9") + "\"}"}}}},
      {"SSML", {.text = "<speak><audio src=\"http://evil.example/\"/>Hello.<break time=\"10h\"/></speak>"}},
      {"HTML",
       {.text = "Hi <script>fetch('http://evil.example')</script><img src=x onerror=alert(1)>there."}},
      {"markup in pieces",
       {.text = "x", .pieces = {"Hi <", "scr", "ipt", ">x</", "script> there.", " <", "<b>", "i>"}}},
      {"words without end", {.text = endless(200'000)}},
      {"nothing at all", {.text = ""}},
      {"spaces", {.text = "   \n \n "}},
      {"a refusal to stream",
       {.raw_body = endless(2'000'000), .headers = {{"Content-Type", "application/json"}}}},
      {"ten thousand calls", {.calls = many_calls(10'000)}},
      {"an event that is too large", {.text = "x", .pieces = {endless(400'000, "x")}}},
  };
}

// A busy machine is not what is tested here.
constexpr ChatBudgets patient{.connect = seconds(30),
                              .first_token = seconds(60),
                              .total = seconds(60),
                              .next_token_in_silence = seconds(30),
                              .next_token = seconds(30)};

Tool look_up() {
  return {.name = "look_up", .description = "Looks up", .input_schema = json::Object()};
}

}  // namespace

TEST_SUITE("a hostile model") {
  TEST_CASE("gets nothing through but words, keys and known tools") {
    for (const Attack& attack : attacks()) {
      CAPTURE(attack.what);
      FakeOpenAi fake;
      fake.otherwise(attack.answer);
      runtime::run_to_completion([&] {
        OpenAiOptions options = options_for(fake);
        options.budgets = patient;
        Model model(std::move(options));
        Conversation conversation = conversation_with("Hello?");
        conversation.tools = {look_up()};
        Listener listener;
        const auto reply = model.responder.respond(conversation, listener.sink());
        CHECK(listener.said.find_first_of("<>") == std::string::npos);
        CHECK(listener.said.size() < 3000);
        CHECK(is_utf8(listener.said));
        if (!reply) {
          CHECK(reply.error().code() == dialogue::error_codes::responder_failed);
          return;
        }
        CHECK(reply->text == listener.said);
        CHECK(reply->digits.find_first_not_of("0123456789*#") == std::string::npos);
        CHECK(reply->digits.size() <= 32);
        if (reply->tool) {
          CHECK(reply->tool->name == "look_up");
          CHECK(json::write(reply->tool->arguments).size() < 65'536);
        }
      });
    }
  }

  TEST_CASE("does not keep a call from ending politely") {
    for (const Attack& attack : attacks()) {
      if (attack.answer.raw_body || attack.answer.text.size() > 1000 ||
          attack.what.starts_with("ten thousand"))
        continue;
      CAPTURE(attack.what);
      FakeOpenAi fake;
      fake.otherwise(attack.answer);
      runtime::run_to_completion([&] {
        Model model(options_for(fake));
        SystemClock clock;
        std::vector<NamedResponder> models;
        models.push_back({"hostile", std::make_unique<OpenAiResponder>(model.http.client, clock, model.random,
                                                                       options_for(fake))});
        FallbackChain chain(std::move(models), clock);
        const FinishedCall call =
            simulate(chain, {.number = "+12025550109", .brief = {.task = "Order a cake."}});
        CHECK(call.said(Speaker::agent).size() == 3);
        CHECK(call.transcript.back() == "ended: callee_hung_up");
      });
    }
  }
}
