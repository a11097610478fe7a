// Control C12 of docs/security.md: the moves that a model's calls can become.
#include "dialogue/reply_from_model.hpp"

#include <doctest/doctest.h>

#include "base/json/write.hpp"
#include "dialogue/openai_error.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;

namespace {

Conversation with_tools(std::vector<std::string> names) {
  Conversation conversation;
  for (std::string& name : names) {
    conversation.tools.push_back(
        {.name = std::move(name), .description = "", .input_schema = json::Object()});
  }
  return conversation;
}

// The move in short: "tool look_up {…}", "keys 12", "hang up", or "" for none.
std::string move_of(const std::vector<ModelCall>& calls) {
  const Reply reply = moves_of(calls, ToolNames(with_tools({"look_up", "two words"})));
  CHECK(reply.text.empty());
  if (reply.tool) return "tool " + reply.tool->name + " " + json::write(reply.tool->arguments);
  if (!reply.digits.empty()) return "keys " + reply.digits;
  return reply.hang_up ? "hang up" : "";
}

}  // namespace

TEST_SUITE("what a model's calls become") {
  TEST_CASE("known tools with sound arguments, keys and hanging up; nothing else") {
    const std::vector<std::pair<std::vector<ModelCall>, std::string>> cases{
        {{}, ""},
        {{{"look_up", R"({"id":1})"}}, R"(tool look_up {"id":1})"},
        {{{"two_words", "{}"}}, "tool two words {}"},
        {{{"two words", "{}"}}, ""},
        {{{"look_up", ""}}, "tool look_up {}"},
        {{{"look_up", R"({"id":)"}}, ""},
        {{{"look_up", "[1]"}}, ""},
        {{{"look_up", "null"}}, ""},
        {{{"look_up", R"({"id":1,"id":2})"}}, ""},
        {{{"look_up", std::string(100, '[') + std::string(100, ']')}}, ""},
        {{{"look_up", R"({"id":1})", true}}, ""},
        {{{"transfer_to", R"({"number":"+19005550100"})"}}, ""},
        {{{"", "{}"}}, ""},
        {{{"press_keys", R"({"digits":"3"})"}}, "keys 3"},
        {{{"press_keys", R"({"digits":"1 2-3#*"})"}}, "keys 123#*"},
        {{{"press_keys", R"({"digits":5})"}}, "keys 5"},
        {{{"press_keys", R"({"digits":"one"})"}}, ""},
        {{{"press_keys", R"({"digits":"1;rm -rf"})"}}, ""},
        {{{"press_keys", R"({"digits":")" + std::string(33, '1') + R"("})"}}, ""},
        {{{"press_keys", R"({"keys":"1"})"}}, ""},
        {{{"press_keys", R"({"digits":-1.5})"}}, ""},
        {{{"end_call", ""}}, "hang up"},
        {{{"end_call", "what?"}}, "hang up"},
        {{{"look_up", "{}"}, {"end_call", "{}"}}, "tool look_up {}"},
        {{{"unknown", "{}"}, {"look_up", "broken"}, {"press_keys", R"({"digits":"9"})"}}, "keys 9"},
    };
    for (const auto& [calls, move] : cases) {
      CAPTURE(calls.empty() ? "" : calls[0].name + " " + calls[0].arguments);
      CHECK(move_of(calls) == move);
    }
  }

  TEST_CASE("names of tools are shown as the API allows them, each once, and found again") {
    const std::string long_name(100, 'n');
    Conversation conversation =
        with_tools({"look up", "look_up", "naïve", "end_call", long_name, long_name + "2", ""});
    conversation.history.emplace_back(
        ToolUse{.id = "", .name = "no longer there", .arguments = json::Object()});
    const ToolNames names(conversation);
    CHECK(names.shown("look up") == "look_up");
    CHECK(names.shown("look_up") == "look_up_2");
    CHECK(names.shown("naïve") == "na__ve");
    CHECK(names.shown("end_call") == "end_call_2");
    CHECK(names.shown(long_name) == std::string(64, 'n'));
    CHECK(names.shown(long_name + "2") == std::string(62, 'n') + "_2");
    CHECK(names.shown("") == "tool");
    CHECK(names.shown("no longer there") == "no_longer_there");
    for (const Tool& tool : conversation.tools) CHECK(names.tool_for(names.shown(tool.name)) == tool.name);
    CHECK_FALSE(names.tool_for("no_longer_there"));
    CHECK_FALSE(names.tool_for("something"));
  }

  TEST_CASE("failures are told in words of ours that say how to mend them") {
    struct Case {
      int status;
      std::string body;
      std::string words;
    };
    const std::vector<Case> cases{
        {401,
         R"({"error":{"message":"Key: sk-abc","type":"invalid_request_error","code":"invalid_api_key"}})",
         "it answered 401 (invalid_api_key): the key is not accepted; check OPENAI_API_KEY"},
        {429, R"({"error":{"type":"insufficient_quota","code":"insufficient_quota"}})",
         "it answered 429 (insufficient_quota): the account at the provider is out of credit"},
        {429, R"({"error":{"type":"requests","code":"rate_limit_exceeded"}})",
         "it answered 429 (rate_limit_exceeded): it has too many requests"},
        {404, R"({"error":{"code":"model_not_found"}})",
         "it answered 404 (model_not_found): there is no such model; check its name"},
        {500, R"({"error":{"type":"server_error","code":null}})", "it answered 500 (server_error)"},
        {502, "<html>Bad gateway</html>", "it answered 502"},
        {400, R"({"error":{"code":"sk-abc123"}})",
         "it answered 400: it does not understand the request; check that it speaks the chat completions "
         "API"},
        {500, R"({"error":{"code":"skabc123","type":"a sentence with a secret"}})", "it answered 500"},
        {503, R"({"error":"overloaded"})", "it answered 503"},
        {503, R"([])", "it answered 503"},
    };
    for (const Case& each : cases) {
      CAPTURE(each.body);
      CHECK(describe_failure(each.status, read_api_error(std::string_view(each.body))) == each.words);
    }
  }
}
