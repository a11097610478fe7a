// The model responder against the fake server, over real sockets (contracts/openai.md, sections 1 to 3).
#include <doctest/doctest.h>

#include "base/json/write.hpp"
#include "dialogue/model_testing.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;
using fakes::Answer;
using fakes::FakeOpenAi;
using fakes::StreamEnd;

namespace {

using Lines = std::vector<std::string>;

Tool order_status() {
  return {.name = "order status",
          .description = "Looks up the status of an order.",
          .input_schema = json::object(
              {{"properties", json::object({{"order_id", json::object({{"type", "string"}})}})}})};
}

struct Outcome {
  Result<Reply> reply;
  Listener listener;
  Duration took;
};

Outcome ask(const OpenAiOptions& options, const Conversation& conversation) {
  Outcome outcome{.reply = Reply{}, .listener = {}, .took = {}};
  runtime::run_to_completion([&] {
    Model model(options);
    const auto begin = std::chrono::steady_clock::now();
    outcome.reply = model.responder.respond(conversation, outcome.listener.sink());
    outcome.took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin);
  });
  return outcome;
}

Outcome ask(const FakeOpenAi& fake, std::string words = "Hello?") {
  return ask(options_for(fake), conversation_with(std::move(words)));
}

// Of a failure: "responder_slow: no first token within 3 s".
std::string failure(const Outcome& outcome) {
  if (outcome.reply) return "";
  return std::string(outcome.reply.error().code().name) + ": " + outcome.reply.error().message();
}

Answer refused(int status, std::string type, std::string code, net::Headers headers = {}) {
  return {.status = status,
          .error_type = std::move(type),
          .error_code = std::move(code),
          .error_message = "Incorrect API key provided: sk-fake",
          .headers = std::move(headers)};
}

}  // namespace

TEST_SUITE("a model on the line") {
  TEST_CASE("each sentence is said as soon as it is complete, and together they are the reply") {
    FakeOpenAi fake;
    fake.otherwise({.text = "Hello, this is Ava. I am calling for Dr. Smith. Is 3.50 euros fine?"});
    const Outcome outcome = ask(fake);
    REQUIRE(outcome.reply);
    CHECK(outcome.listener.heard ==
          Lines{"Hello, this is Ava. ", "I am calling for Dr. Smith. ", "Is 3.50 euros fine?"});
    CHECK(outcome.reply->text == outcome.listener.said);
    CHECK(outcome.reply->responder == "openai:gpt-4o-mini");
    CHECK_FALSE(outcome.reply->hang_up);
    CHECK(outcome.reply->usage.prompt_tokens > 100);
    CHECK(outcome.reply->usage.completion_tokens > 10);
  }

  TEST_CASE("the request carries the key, the organisation and what the endpoint adds") {
    FakeOpenAi fake;
    OpenAiOptions options = options_for(fake);
    options.endpoint.base_url += "/";
    options.endpoint.organisation = "org-1";
    options.endpoint.project = "proj-1";
    options.endpoint.extra_headers.add("X-Extra", "yes");
    REQUIRE(ask(options, conversation_with("Hello?")).reply);
    const auto requests = fake.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].path == "/v1/chat/completions");
    CHECK(requests[0].headers.find("Authorization") == "Bearer sk-fake");
    CHECK(requests[0].headers.find("OpenAI-Organization") == "org-1");
    CHECK(requests[0].headers.find("OpenAI-Project") == "proj-1");
    CHECK(requests[0].headers.find("X-Extra") == "yes");
    CHECK(requests[0].headers.find("Content-Type") == "application/json");
    CHECK(json::write(requests[0].body).find("sk-fake") == std::string::npos);
  }

  TEST_CASE("streams of any shape say the same") {
    const std::string text = "¡Hola, señor Núñez! ¿Qué tal? 👋";
    const std::vector<Answer> answers{
        {.text = text, .split_bytes = 1},
        {.text = text, .split_bytes = 3, .line_end = "\r\n", .with_comments = true, .with_obfuscation = true},
        {.text = text,
         .pause = milliseconds(2),
         .pieces = {"¡Ho", "la, señor Núñez! ", "", "¿Qué tal?", " 👋"}},
        {.text = text, .end = StreamEnd::without_done},
        {.text = text, .with_usage = false, .streams = false},
        {.text = text, .finish_reason = "content_filter"},
    };
    for (const Answer& answer : answers) {
      FakeOpenAi fake;
      fake.otherwise(answer);
      const Outcome outcome = ask(fake);
      REQUIRE(outcome.reply);
      const bool is_cut = answer.finish_reason == "content_filter";  // half a sentence is left out
      CHECK(outcome.reply->text == (is_cut ? "¡Hola, señor Núñez! ¿Qué tal? " : text));
      CHECK(outcome.reply->usage.completion_tokens > 5);
    }
  }

  TEST_CASE("a finished stream gives its connection back") {
    FakeOpenAi fake;
    runtime::run_to_completion([&] {
      Model model(options_for(fake));
      for (int i = 0; i < 3; ++i) REQUIRE(model.responder.respond(conversation_with("Hello?"), {}));
      CHECK(model.http.client.statistics().transfers == 0);
    });
  }

  TEST_CASE("a tool call in pieces, at once, without id or index, or with the wrong reason, is the tool's") {
    const std::string arguments = R"({"order_id":"12345"})";
    const std::vector<Answer> answers{
        {.calls = {{.name = "order_status", .arguments = arguments}}},
        {.calls = {{.name = "order_status", .arguments = arguments}}, .split_bytes = 1},
        {.calls = {{.name = "order_status", .arguments = arguments, .pieces = 1}}, .finish_reason = "stop"},
        {.calls = {{.name = "order_status", .arguments = arguments, .id = "", .with_index = false}}},
        {.calls = {{.name = "order_status", .arguments = arguments},
                   {.name = "order_status", .arguments = "{}", .id = "b"}}},
        {.calls = {{.name = "order_status", .arguments = arguments}}, .streams = false},
    };
    for (const Answer& answer : answers) {
      FakeOpenAi fake;
      fake.otherwise(answer);
      Conversation conversation = conversation_with("Where is order 12345?");
      conversation.tools = {order_status()};
      const Outcome outcome = ask(options_for(fake), conversation);
      REQUIRE(outcome.reply);
      REQUIRE(outcome.reply->tool);
      CHECK(outcome.reply->tool->name == "order status");
      CHECK(json::write(outcome.reply->tool->arguments) == arguments);
    }
  }

  TEST_CASE("after a tool the model speaks about its result") {
    FakeOpenAi fake;
    fake.on("tool: ", {{.text = "It is on its way."}});
    Conversation conversation = conversation_with("Where is order 12345?");
    conversation.history.emplace_back(ToolUse{"cor_1", "order status", json::Object(), json::Value("sent")});
    CHECK(ask(options_for(fake), conversation).reply->text == "It is on its way.");
  }

  TEST_CASE("keys and hanging up are the model's too, and no call ends without a word") {
    FakeOpenAi fake;
    fake.on("menu", {{.calls = {{.name = "press_keys", .arguments = R"({"digits":"3"})"}}}});
    fake.on("bye", {{.text = "Goodbye then!", .calls = {{.name = "end_call", .arguments = "{}"}}}});
    fake.on("rude", {{.calls = {{.name = "end_call", .arguments = ""}}}});
    CHECK(ask(fake, "menu").reply->digits == "3");
    CHECK(ask(fake, "bye").reply->hang_up);
    CHECK(ask(fake, "bye").reply->text == "Goodbye then!");
    const Outcome rude = ask(fake, "rude");
    CHECK(rude.reply->hang_up);
    CHECK(rude.reply->text == "Thank you for your time. Goodbye.");
    CHECK(rude.listener.said == rude.reply->text);
    Conversation parting = conversation_with("rude");
    parting.history.insert(parting.history.begin(), Utterance{Speaker::agent, "All right. Goodbye!"});
    CHECK(ask(options_for(fake), parting).reply->text.empty());
  }

  TEST_CASE("what fails for a moment is tried once more within the budget, what fails for good is not") {
    struct Case {
      std::vector<Answer> answers;
      std::size_t requests;
      std::string failure;
    };
    const Answer well{.text = "All is well."};
    const std::vector<Case> cases{
        {{refused(429, "requests", "rate_limit_exceeded", {{"retry-after-ms", "20"}}), well}, 2, ""},
        {{refused(429, "requests", "rate_limit_exceeded", {{"retry-after", "60"}}), well},
         1,
         "responder_failed: it answered 429 (rate_limit_exceeded): it has too many requests"},
        {{refused(500, "server_error", ""), well}, 2, ""},
        {{refused(503, "server_error", ""), refused(503, "server_error", ""), well},
         2,
         "responder_failed: it answered 503 (server_error)"},
        {{refused(500, "server_error", "", {{"x-should-retry", "false"}}), well},
         1,
         "responder_failed: it answered 500 (server_error)"},
        {{refused(400, "invalid_request_error", "", {{"x-should-retry", "true"}}), well}, 2, ""},
        {{refused(429, "insufficient_quota", "insufficient_quota", {{"retry-after-ms", "1"}}), well},
         1,
         "responder_failed: it answered 429 (insufficient_quota): the account at the provider is out of "
         "credit"},
        {{refused(401, "invalid_request_error", "invalid_api_key"), well},
         1,
         "responder_failed: it answered 401 (invalid_api_key): the key is not accepted; check "
         "OPENAI_API_KEY"},
        {{{.status = 502, .raw_body = "<html>Bad gateway</html>"}, well}, 2, ""},
        {{{.raw_body = "<html>Welcome</html>"}}, 1, "responder_failed: its answer broke off"},
    };
    for (const Case& each : cases) {
      FakeOpenAi fake;
      fake.on("", each.answers);
      const Outcome outcome = ask(fake);
      CHECK(failure(outcome) == each.failure);
      CHECK(fake.requests().size() == each.requests);
      if (!outcome.reply) CHECK(outcome.reply.error().describe().find("sk-fake") == std::string::npos);
    }
  }

  TEST_CASE("a wrong key, an unknown model and an address without a server are told apart") {
    FakeOpenAi fake;
    OpenAiOptions options = options_for(fake);
    options.endpoint.api_key = Secret("sk-very-secret-key");
    Outcome outcome = ask(options, conversation_with("Hello?"));
    CHECK(failure(outcome).starts_with("responder_failed: it answered 401 (invalid_api_key)"));
    CHECK(outcome.reply.error().describe().find("secret") == std::string::npos);
    options = options_for(fake);
    options.settings.model = "gpt-9";
    CHECK(failure(ask(options, conversation_with("Hello?"))) ==
          "responder_failed: it answered 404 (model_not_found): there is no such model; check its name");
    options = options_for(fake);
    options.endpoint.base_url = "http://127.0.0.1:1/v1";
    outcome = ask(options, conversation_with("Hello?"));
    CHECK(failure(outcome) == "responder_failed: it cannot be reached");
    REQUIRE(outcome.reply.error().cause() != nullptr);
    CHECK(outcome.reply.error().cause()->code() == net::cannot_connect);
    CHECK(outcome.took < seconds(2));
    options.endpoint.base_url = "not a URL";
    CHECK(failure(ask(options, conversation_with("Hello?"))) == "responder_failed: it cannot be reached");
  }

  TEST_CASE("a model that is too slow is given up, in the words of the budget it missed") {
    struct Case {
      Answer answer;
      std::string failure;
      std::string said;
    };
    const Lines slow_words{"One. ", "Two. ", "Three. ", "Four. ", "Five. ", "Six. ", "Seven."};
    const std::vector<Case> cases{
        {{.text = "Late.", .delay = seconds(5)}, "responder_slow: no first token within 600 ms", ""},
        {{.end = StreamEnd::hang, .events_before_end = 1},
         "responder_slow: no first token within 600 ms",
         ""},
        {{.text = "This hangs now.", .end = StreamEnd::hang, .events_before_end = 3},
         "responder_slow: no further token within 400 ms",
         ""},
        {{.text = "This is said. Then it hangs.", .end = StreamEnd::hang, .events_before_end = 6},
         "responder_slow: no further token within 800 ms",
         "This is said. "},
        {{.text = "x", .pause = milliseconds(250), .pieces = slow_words},
         "responder_slow: no complete answer within 1.4 s",
         "One. Two. "},
    };
    for (const Case& each : cases) {
      FakeOpenAi fake;
      fake.otherwise(each.answer);
      OpenAiOptions options = options_for(fake);
      options.budgets = {.first_token = milliseconds(600),
                         .total = milliseconds(1400),
                         .next_token_in_silence = milliseconds(400),
                         .next_token = milliseconds(800)};
      const Outcome outcome = ask(options, conversation_with("Hello?"));
      CHECK(failure(outcome) == each.failure);
      CHECK(outcome.listener.said.starts_with(each.said));
      CHECK(outcome.took < seconds(4));
    }
  }

  TEST_CASE("a model that writes slowly is spoken before its sentence ends") {
    FakeOpenAi fake;
    fake.otherwise({.text = "x",
                    .pause = milliseconds(60),
                    .pieces = {"I ", "would ", "like ", "to ", "order ", "a ", "cake."}});
    OpenAiOptions options = options_for(fake);
    options.budgets.words_after = milliseconds(150);
    const Outcome outcome = ask(options, conversation_with("Hello?"));
    REQUIRE(outcome.reply);
    CHECK(outcome.listener.heard.size() >= 2);
    CHECK(outcome.reply->text == "I would like to order a cake.");
  }

  TEST_CASE("an answer that breaks in the middle fails, keeps what was said, and tells what it cost") {
    for (const StreamEnd end : {StreamEnd::error, StreamEnd::cut}) {
      FakeOpenAi fake;
      fake.otherwise({.text = "This is said. This is not", .end = end, .events_before_end = 6});
      const Outcome outcome = ask(fake);
      CHECK(failure(outcome).starts_with("responder_failed: it"));
      CHECK(outcome.listener.said == "This is said. ");
      CHECK(outcome.reply.error().details().at(0).first == "prompt_tokens");
      CHECK(std::get<std::int64_t>(outcome.reply.error().details().at(0).second) > 100);
    }
  }

  TEST_CASE("a summary comes from the schema, from plain words, or fails") {
    struct Case {
      std::vector<Answer> answers;
      std::string summary;
      std::size_t requests;
    };
    const std::vector<Case> cases{
        {{{.text = R"({"summary":"The cake is ordered."})"}}, "The cake is ordered.", 1},
        {{{.text = "The <b>cake</b> is\n ordered."}}, "The cake is ordered.", 1},
        {{refused(400, "invalid_request_error", ""), {.text = "The cake is ordered."}},
         "The cake is ordered.",
         2},
        {{refused(500, "server_error", ""), {.text = "The cake is ordered."}}, "The cake is ordered.", 2},
        {{{.text = R"({"summary":""})"}}, "", 1},
        {{{.text = R"({"summary":7})"}}, "", 1},
        {{{.text = ""}}, "", 1},
        {{refused(401, "invalid_request_error", "invalid_api_key")}, "", 1},
        {{{.raw_body = "<html>"}}, "", 1},
    };
    for (const Case& each : cases) {
      FakeOpenAi fake;
      fake.on("", each.answers);
      runtime::run_to_completion([&] {
        Model model(options_for(fake));
        const auto summary = model.responder.summarise(conversation_with("Hello?"));
        CHECK(summary.value_or("") == each.summary);
        CHECK(fake.requests().size() == each.requests);
      });
    }
  }
}
