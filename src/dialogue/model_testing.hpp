// What tests of models share: a responder on the fake server, a sink that remembers, and a conversation. Only
// tests include it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "dialogue/openai_responder.hpp"
#include "fakes/openai/fake_openai.hpp"
#include "net/loopback_server_testing.hpp"

namespace trunkline::dialogue::testing {

// Remembers what is said and filled, in order; fillers come as "(One moment, please. )".
struct Listener {
  std::vector<std::string> heard;
  std::string said;  // without fillers

  SentenceSink sink() {
    return {.say =
                [this](std::string_view sentence) {
                  heard.emplace_back(sentence);
                  said += sentence;
                },
            .fill = [this](std::string_view filler) { heard.push_back("(" + std::string(filler) + ")"); }};
  }
};

inline OpenAiOptions options_for(const fakes::FakeOpenAi& fake) {
  return {.endpoint = {.base_url = fake.base_url(), .api_key = Secret("sk-fake")},
          .settings = {.model = "gpt-4o-mini"},
          .budgets = {}};
}

// On the current loop.
struct Model {
  explicit Model(OpenAiOptions options) : responder(http.client, clock, random, std::move(options)) {}

  net::testing::TestClient http;
  SystemClock clock;
  SeededRandom random{7};
  OpenAiResponder responder;
};

// Somebody has said these words.
inline Conversation conversation_with(std::string words) {
  return {.brief = {.task = "Order a cake.", .agent_name = "Ava", .caller_name = "Dana Smith"},
          .answered_by = Party::person,
          .history = {Utterance{Speaker::callee, std::move(words)}}};
}

}  // namespace trunkline::dialogue::testing
