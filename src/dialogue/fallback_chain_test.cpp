// Rule 8 of docs/architecture.md and fault F19 of docs/reliability.md: a live call never falls silent because
// of us.
#include "dialogue/fallback_chain.hpp"

#include <doctest/doctest.h>

#include "dialogue/call_testing.hpp"
#include "dialogue/model_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;

namespace {

using Lines = std::vector<std::string>;
using Answer = std::function<Result<Reply>(const Conversation&, const SentenceSink&)>;

// Answers as the test says, and counts how often it is asked.
class TestResponder final : public Responder {
 public:
  TestResponder(int& asked, Answer answer) : asked_(asked), answer_(std::move(answer)) {}

  Result<Reply> respond(const Conversation& conversation, const SentenceSink& sink) override {
    ++asked_;
    return answer_(conversation, sink);
  }
  Result<std::string> summarise(const Conversation& conversation) override {
    const auto reply = respond(conversation, {.say = [](auto) {}, .fill = {}});
    if (!reply) return fail(reply.error());
    return "A summary.";
  }

 private:
  int& asked_;
  Answer answer_;
};

Result<Reply> broken() {
  return fail(dialogue::error_codes::responder_failed, "it answered 500");
}

Answer says(Lines sentences) {
  return [=](const Conversation&, const SentenceSink& sink) {
    Reply reply{.responder = "model"};
    for (const std::string& sentence : sentences) {
      sink.say(sentence);
      reply.text += sentence;
    }
    return Result<Reply>(reply);
  };
}

Answer fails_after(Lines sentences) {
  return [=](const Conversation&, const SentenceSink& sink) {
    for (const std::string& sentence : sentences) sink.say(sentence);
    return broken();
  };
}

// For a model that is slow: it waits until the callee has heard so much.
void hears(const Listener& listener, std::size_t count) {
  runtime::eventually([&] { return listener.heard.size() >= count; });
}

// A chain of such responders, named "first" and "second".
struct Chain {
  explicit Chain(const std::vector<Answer>& answers, FallbackOptions options = {}) {
    std::vector<NamedResponder> models;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      models.push_back({i == 0 ? "first" : "second", std::make_unique<TestResponder>(asked[i], answers[i])});
    }
    chain.emplace(std::move(models), clock, options);
  }

  Reply respond(const Conversation& conversation, Listener& listener) {
    return *chain->respond(conversation, listener.sink());
  }

  ManualClock clock{Instant(hours(1))};
  int asked[2] = {0, 0};
  std::optional<FallbackChain> chain;
};

const std::string script_opening =
    "Hello, this is Ava, an automated assistant calling on behalf of Dana Smith. I am calling about the "
    "following: Order a "
    "cake.";

}  // namespace

TEST_SUITE("the chain of responders") {
  TEST_CASE("the first model speaks when it can") {
    runtime::run_to_completion([] {
      Chain test({says({"Hello. ", "I am Ava."}), says({"Never."})});
      Listener listener;
      const Reply reply = test.respond(conversation_with("Hello?"), listener);
      CHECK(listener.heard == Lines{"Hello. ", "I am Ava."});
      CHECK(reply.text == "Hello. I am Ava.");
      CHECK(reply.responder == "model");
      CHECK(reply.fallbacks.empty());
      CHECK(test.asked[1] == 0);
    });
  }

  TEST_CASE("without any model the script speaks") {
    runtime::run_to_completion([] {
      Chain test({});
      Listener listener;
      const Reply reply = test.respond(conversation_with("Hello?"), listener);
      CHECK(reply.text == script_opening);
      CHECK(listener.said == reply.text);
      CHECK(reply.responder == "offline");
    });
  }

  TEST_CASE("when all models fail the script speaks, and the reply says why") {
    runtime::run_to_completion([] {
      Chain test({fails_after({}), [](const Conversation&, const SentenceSink&) -> Result<Reply> {
                    throw std::runtime_error("a defect");
                  }});
      Listener listener;
      const Reply reply = test.respond(conversation_with("Hello?"), listener);
      CHECK(reply.text == script_opening);
      CHECK(reply.fallbacks == Lines{"first: it answered 500", "second: it failed by a defect"});
    });
  }

  TEST_CASE("what a failed model has said stays said, and the next one knows it") {
    runtime::run_to_completion([] {
      std::optional<Conversation> seen;
      Chain test({fails_after({"Hello, this is Ava."}),
                  [&](const Conversation& conversation, const SentenceSink& sink) {
                    seen = conversation;
                    return says({"I call for Dana."})(conversation, sink);
                  }});
      Listener listener;
      const Reply reply = test.respond(conversation_with("Hello?"), listener);
      CHECK(reply.text == "Hello, this is Ava. I call for Dana.");
      CHECK(listener.said == reply.text);
      REQUIRE(seen);
      CHECK(std::get<Utterance>(seen->history.back()).text == "Hello, this is Ava.");
      CHECK(std::get<Utterance>(seen->history.back()).speaker == Speaker::agent);
    });
  }

  TEST_CASE("the script does not greet a second time") {
    runtime::run_to_completion([] {
      Chain test({fails_after({"Hello, this is Ava, an automated assistant calling for Dana Smith. "})});
      Listener listener;
      CHECK(test.respond(conversation_with("Hello?"), listener).text ==
            "Hello, this is Ava, an automated assistant calling for Dana Smith. I am calling about the "
            "following: Order a "
            "cake.");
    });
  }

  TEST_CASE("words that a responder gives only in its reply are said too") {
    runtime::run_to_completion([] {
      Chain test({[](const Conversation&, const SentenceSink&) {
        return Result<Reply>(Reply{.text = "Silent type."});
      }});
      Listener listener;
      CHECK(test.respond(conversation_with("Hello?"), listener).text == "Silent type.");
      CHECK(listener.said == "Silent type.");
    });
  }

  TEST_CASE("what failed answers cost is counted") {
    runtime::run_to_completion([] {
      const Answer costly = [](const Conversation&, const SentenceSink&) -> Result<Reply> {
        return fail(Error(dialogue::error_codes::responder_slow, "too slow")
                        .with_detail("prompt_tokens", 100)
                        .with_detail("completion_tokens", 5));
      };
      Chain test({costly, [](const Conversation&, const SentenceSink&) {
                    return Result<Reply>(
                        Reply{.text = "x", .usage = {.prompt_tokens = 10, .completion_tokens = 1}});
                  }});
      Listener listener;
      const Reply reply = test.respond(conversation_with("Hello?"), listener);
      CHECK(reply.usage.prompt_tokens == 110);
      CHECK(reply.usage.completion_tokens == 6);
    });
  }

  TEST_CASE("a wait is bridged with words, different ones each time, in the language of the call") {
    runtime::run_to_completion([] {
      Listener listener;
      const Answer slow = [&](const Conversation&, const SentenceSink& sink) {
        hears(listener, 2);
        sink.say("Here I am.");
        return Result<Reply>(Reply{.text = "Here I am."});
      };
      Chain test({slow}, {.filler_after = milliseconds(30), .filler_again_after = milliseconds(350)});
      CHECK(test.respond(conversation_with("Hello?"), listener).text == "Here I am.");
      CHECK(listener.heard ==
            Lines{"(I am still here, just a moment. )", "(Thank you for your patience. )", "Here I am."});
      listener = {};
      CHECK(test.respond(conversation_with("¿Diga? Hola."), listener).text == "Here I am.");
      CHECK(listener.heard.at(0) == "(Sigo aquí, un momento. )");
    });
  }

  TEST_CASE("when a model fails after a filler, the next filler comes sooner") {
    runtime::run_to_completion([] {
      Listener listener;
      const auto fails_after_filler = [&](std::size_t number) -> Answer {
        return [&listener, number](const Conversation&, const SentenceSink&) {
          hears(listener, number);
          return broken();
        };
      };
      Chain test({fails_after_filler(1), fails_after_filler(2)}, {.filler_after = milliseconds(20),
                                                                  .filler_again_after = hours(1),
                                                                  .filler_after_failure = milliseconds(40)});
      test.respond(conversation_with("Hello?"), listener);
      REQUIRE(listener.heard.size() == 4);
      CHECK(listener.heard[0] == "(I am still here, just a moment. )");
      CHECK(listener.heard[1] == "(Thank you for your patience. )");
      CHECK(listener.said == script_opening);
    });
  }

  TEST_CASE("no filler is heard when the answer is quick, and none while words come") {
    const auto talks = [](const Conversation&, const SentenceSink& sink) {
      for (int i = 0; i < 5; ++i) {
        sink.say("More. ");
        runtime::sleep_for(milliseconds(500));
      }
      return Result<Reply>(Reply{});
    };
    runtime::run_to_completion([&] {
      Chain test({talks}, {.filler_after = seconds(2)});
      Listener listener;
      test.respond(conversation_with("Hello?"), listener);
      CHECK(listener.heard == Lines(5, "More. "));
    });
  }

  TEST_CASE("a slow listener gets the sentences in order, one call at a time") {
    runtime::run_to_completion([] {
      Chain test({says({"One. ", "Two. ", "Three."})}, {.filler_after = milliseconds(1)});
      Lines heard;
      bool is_busy = false;
      const SentenceSink sink{.say =
                                  [&](std::string_view sentence) {
                                    CHECK_FALSE(std::exchange(is_busy, true));
                                    runtime::sleep_for(milliseconds(5));
                                    heard.emplace_back(sentence);
                                    is_busy = false;
                                  },
                              .fill = [&](auto) { CHECK_FALSE(is_busy); }};
      REQUIRE(test.chain->respond(conversation_with("Hello?"), sink));
      CHECK(heard == Lines{"One. ", "Two. ", "Three."});
    });
  }

  TEST_CASE("an exception of the listener does not harm the model that still works") {
    runtime::run_to_completion([] {
      const auto slow = [](const Conversation&, const SentenceSink& sink) {
        sink.say("One. ");
        runtime::sleep_for(milliseconds(20));
        sink.say("Two.");
        return Result<Reply>(Reply{});
      };
      Chain test({slow});
      const SentenceSink sink{.say = [](auto) { throw std::runtime_error("no database"); }, .fill = {}};
      CHECK_THROWS_WITH(static_cast<void>(test.chain->respond(conversation_with("Hello?"), sink)),
                        "no database");
      runtime::sleep_for(milliseconds(40));
    });
  }

  TEST_CASE("the deadline of the call holds for the model") {
    runtime::run_to_completion([] {
      std::optional<runtime::SteadyTime> seen;
      Chain test({[&](const Conversation& conversation, const SentenceSink& sink) {
        seen = runtime::current_deadline();
        return says({"x"})(conversation, sink);
      }});
      const runtime::DeadlineScope deadline(seconds(5));
      Listener listener;
      test.respond(conversation_with("Hello?"), listener);
      CHECK(*seen < std::chrono::steady_clock::now() + seconds(6));
    });
  }

  TEST_CASE("after three failures in a row a model rests for 30 s, then one call tries it") {
    runtime::run_to_completion([] {
      bool works = false;
      Chain test({[&](const Conversation& conversation, const SentenceSink& sink) {
        return works ? says({"Back."})(conversation, sink) : broken();
      }});
      Listener listener;
      const auto respond = [&] { return test.respond(conversation_with("Hello?"), listener); };
      for (int i = 0; i < 3; ++i) CHECK(respond().fallbacks == Lines{"first: it answered 500"});
      CHECK(respond().fallbacks == Lines{"first: it is resting after several failures in a row"});
      CHECK(test.asked[0] == 3);
      test.clock.advance(seconds(30));
      respond();
      CHECK(test.asked[0] == 4);
      respond();
      CHECK(test.asked[0] == 4);
      test.clock.advance(seconds(30));
      works = true;
      CHECK(respond().text == "Back.");
      CHECK(respond().text == "Back.");
      CHECK(test.asked[0] == 6);
    });
  }

  TEST_CASE("a breaker lets one caller try after the rest") {
    Breaker breaker({.failures_max = 2, .rest = seconds(10)});
    const Instant begin{hours(1)};
    breaker.failed(begin);
    CHECK(breaker.allows(begin));
    breaker.failed(begin);
    CHECK_FALSE(breaker.allows(begin + seconds(9)));
    CHECK(breaker.allows(begin + seconds(10)));
    CHECK_FALSE(breaker.allows(begin + seconds(11)));
    breaker.succeeded();
    CHECK(breaker.allows(begin + seconds(11)));
  }

  TEST_CASE("a summary comes from the first that can write one, at last from the script") {
    runtime::run_to_completion([] {
      CHECK(*Chain({fails_after({}), says({})}).chain->summarise(conversation_with("Hello?")) ==
            "A summary.");
      CHECK(*Chain({fails_after({}), fails_after({})}).chain->summarise(conversation_with("Hello?")) ==
            "A person answered. The task was: Order a cake. The call ended without a goodbye.");
    });
  }

  TEST_CASE("with every model dead a call still goes from greeting to goodbye") {
    runtime::run_to_completion([] {
      Chain test({fails_after({"Hello."}), fails_after({})});
      const FinishedCall call =
          simulate(*test.chain, {.brief = {.task = "Order a cake.", .agent_name = "Ava"}});
      CHECK(call.transcript.back() == "ended: callee_hung_up");
      CHECK(call.said(Speaker::agent).front() ==
            "Hello. This is Ava, an automated assistant. I am calling about the following: Order a cake.");
      CHECK(call.said(Speaker::agent).back() == "Thank you for your time. Goodbye.");
    });
  }
}
