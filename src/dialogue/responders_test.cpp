// The responder as the server has it, on the fake models and with the budgets of a live call.
#include "dialogue/responders.hpp"

#include <doctest/doctest.h>

#include "dialogue/model_testing.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;
using fakes::FakeOpenAi;
using Lines = std::vector<std::string>;

TEST_SUITE("responders from settings") {
  TEST_CASE("made from settings: the first model, the second, and the script behind them") {
    FakeOpenAi fake;
    fake.on("Hello?", {{.text = "From the model."}});
    fake.on("slow", {{.text = "Never.", .delay = seconds(5)}});
    runtime::run_to_completion([&] {
      net::testing::TestClient http;
      SystemClock clock;
      SeededRandom random(1);
      ModelSettings settings{.endpoint = {.base_url = fake.base_url(), .api_key = Secret("sk-fake")},
                             .model = "no-such-model",
                             .second_model = "gpt-4o",
                             .budgets = {.first_token = milliseconds(300)}};
      const auto responder = make_responder(settings, http.client, clock, random);
      Listener listener;
      const auto reply = responder->respond(conversation_with("Hello?"), listener.sink());
      CHECK(reply->text == "From the model.");
      CHECK(reply->responder == "openai:gpt-4o");
      CHECK(
          reply->fallbacks ==
          Lines{"no-such-model: it answered 404 (model_not_found): there is no such model; check its name"});
      const auto late = responder->respond(conversation_with("slow"), listener.sink());
      CHECK(late->responder == "offline");
      CHECK(late->fallbacks.at(1) == "gpt-4o: no first token within 300 ms");
      for (const ModelSettings& none : {ModelSettings{}, ModelSettings{.model = "gpt-4o-mini"}}) {
        const auto script = make_responder(none, http.client, clock, random);
        const auto words = script->respond(conversation_with("Hello?"), {});
        CHECK(words->responder == "offline");
        CHECK(words->fallbacks.empty());
      }
    });
  }

  TEST_CASE("with the budgets of a live call nobody waits longer than 3 s for a word") {
    FakeOpenAi fake;
    fake.otherwise({.text = "x", .end = fakes::StreamEnd::hang, .events_before_end = 0});
    runtime::run_to_completion([&] {
      net::testing::TestClient http;
      SystemClock clock;
      SeededRandom random(1);
      const auto responder =
          make_responder({.endpoint = {.base_url = fake.base_url(), .api_key = Secret("sk-fake")},
                          .model = "gpt-4o-mini",
                          .second_model = "gpt-4o"},
                         http.client, clock, random);
      const auto begin = std::chrono::steady_clock::now();
      std::vector<std::pair<std::string, Duration>> heard;
      const auto note = [&](std::string_view words) {
        heard.emplace_back(words,
                           std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin));
      };
      const auto reply = responder->respond(conversation_with("Hello?"), {.say = note, .fill = note});
      CHECK(reply->fallbacks ==
            Lines{"gpt-4o-mini: no first token within 3 s", "gpt-4o: no first token within 3 s"});
      REQUIRE(heard.size() == 3);
      CHECK(heard[0].first == "I am still here, just a moment. ");
      CHECK(heard[0].second < milliseconds(3000));
      CHECK(heard[1].second < milliseconds(7000));
    });
  }
}
