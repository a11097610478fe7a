#include "dialogue/offline_responder.hpp"

#include <doctest/doctest.h>

#include "dialogue/language.hpp"
#include "dialogue/phrases.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;

namespace {

Entry callee(std::string text) {
  return Utterance{Speaker::callee, std::move(text)};
}
Entry agent(std::string text) {
  return Utterance{Speaker::agent, std::move(text)};
}

const std::string greeting =
    "Hello, this is Ava, an automated assistant calling on behalf of Dana Smith. I am calling about the "
    "following: Order "
    "a birthday cake.";

Conversation talk(std::vector<Entry> history) {
  return {.brief =
              {.task = "Order a birthday cake.",
               .instructions =
                   "The cake is for eight people. It should have the name Maria on it. Pick-up is on Friday.",
               .agent_name = "Ava",
               .caller_name = "Dana Smith"},
          .answered_by = Party::person,
          .history = std::move(history)};
}

// What is said to these words of somebody who knows who is calling.
std::string answer_to(std::string words) {
  return offline_reply(talk({callee("Hello?"), agent(greeting), callee(std::move(words))})).text;
}

}  // namespace

TEST_SUITE("the offline script") {
  TEST_CASE("says who calls, that it is automated, for whom and why, with whatever names there are") {
    struct Case {
      Brief brief;
      std::string english;
      std::string spanish;
    };
    const std::vector<Case> cases{
        {{.task = "Ask when they open.", .agent_name = "Ava", .caller_name = "Dana Smith"},
         "Hello, this is Ava, an automated assistant calling on behalf of Dana Smith. I am calling about the "
         "following: "
         "Ask when they open.",
         "Hola, soy Ava, un asistente automático que llama de parte de Dana Smith. Llamo por lo siguiente: "
         "Ask when they "
         "open."},
        {{.task = "  Ask when\n they open;  ", .agent_name = "Ava"},
         "Hello, this is Ava, an automated assistant. I am calling about the following: Ask when they open.",
         "Hola, soy Ava, un asistente automático. Llamo por lo siguiente: Ask when they open."},
        {{.task = "When do you open?", .caller_name = "Acme Inc."},
         "Hello, this is an automated assistant calling on behalf of Acme Inc. I am calling about the "
         "following: When do "
         "you open?",
         "Hola, soy un asistente automático que llama de parte de Acme Inc. Llamo por lo siguiente: When do "
         "you open?"},
        {{.task = "- <b>Ask</b> **when** they open!"},
         "Hello, this is an automated assistant. I am calling about the following: Ask when they open!",
         "Hola, soy un asistente automático. Llamo por lo siguiente: Ask when they open!"},
        {{}, "Hello, this is an automated assistant.", "Hola, soy un asistente automático."},
    };
    for (const Case& each : cases) {
      CHECK(opening(each.brief, Language::english) == each.english);
      CHECK(opening(each.brief, Language::spanish) == each.spanish);
    }
  }

  TEST_CASE("a long task is told in a bearable length") {
    std::string task;
    for (int i = 0; i < 200; ++i) task += "This is one more thing that matters. ";
    const std::string words = opening({.task = task}, Language::english);
    CHECK(words.size() < 750);
    CHECK(words.ends_with("This is one more thing that matters."));
  }

  TEST_CASE("answers what a person may ask") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"How many people is it for?", "My information is the following: The cake is for eight people."},
        {"What name should be on it?",
         "My information is the following: It should have the name Maria on it."},
        {"Is pick-up on Friday?", "My information is the following: Pick-up is on Friday."},
        {"Do you want candles?",
         "I am sorry, I only know what I was asked to pass on. I will note your question."},
        {"An order for what?", "I am calling about the following: Order a birthday cake."},
        {"Who is this?",
         "This is Ava, an automated assistant calling on behalf of Dana Smith. I am calling about the "
         "following: Order a birthday cake."},
        {"Are you a robot?", "Yes, I am an automated assistant."},
        {"What is this about?", "I am calling about the following: Order a birthday cake."},
        {"Sorry?", "I am calling about the following: Order a birthday cake."},
        {"How are you?", "Thank you for asking."},
        {"She is out. Shall I take a message?",
         "Yes, please. I am calling about the following: Order a birthday cake."},
        {"Is there anything else?", "No, that is all, thank you."},
        {"One moment, please.", "Of course, take your time."},
        {"Thank you.", "You are welcome."},
        {"No, sorry, we do not bake.", "I understand. Thank you, I will pass that on."},
        {"Sure, it will be ready.", "Thank you, that is very helpful. I will pass it on."},
        {"The weather is lovely.", "I see."},
    };
    for (const auto& [words, answer] : cases) {
      CAPTURE(words);
      CHECK(answer_to(words) == answer);
      CHECK_FALSE(offline_reply(talk({agent(greeting), callee(words)})).hang_up);
    }
  }

  TEST_CASE("hangs up after its last words when the other side is done with it") {
    for (const char* words : {"Goodbye.", "Sorry, wrong number.", "Please do not call again."}) {
      const Reply reply = offline_reply(talk({agent(greeting), callee(words)}));
      CAPTURE(words);
      CHECK(reply.hang_up);
      CHECK(reply.text.ends_with("Goodbye."));
    }
  }

  TEST_CASE("asks a silent line whether somebody is there, then says goodbye") {
    const Reply first = offline_reply(talk({agent(greeting), Silence{}}));
    CHECK(first.text == "Hello? Are you still there?");
    CHECK_FALSE(first.hang_up);
    const Reply second = offline_reply(talk({agent(greeting), Silence{}, agent(first.text), Silence{}}));
    CHECK(second.text == "I cannot hear you, so I will end the call here. Goodbye.");
    CHECK(second.hang_up);
    const Reply later =
        offline_reply(talk({agent(greeting), Silence{}, agent(first.text), callee("Yes."), Silence{}}));
    CHECK(later.text == first.text);
  }

  TEST_CASE("speaks first to whoever picks up and says nothing") {
    CHECK(offline_reply(talk({})).text == greeting);
    CHECK(offline_reply(talk({Silence{}})).text == greeting);
    CHECK(offline_reply(talk({Silence{}, agent(greeting), Silence{}})).hang_up);
  }

  TEST_CASE("introduces itself although it was put on hold or a filler was heard before") {
    for (const char* bridge : {"Of course, take your time.", "One moment, please.",
                               "I am still here, just a moment. Hello? Are you still there?"}) {
      CHECK(offline_reply(talk({callee("Hold on."), agent(bridge), callee("Yes, what can I do for you?")}))
                .text == greeting);
    }
  }

  TEST_CASE("a machine gets a message once") {
    Conversation conversation = talk({});
    conversation.answered_by = Party::machine;
    const Reply message = offline_reply(conversation);
    CHECK(message.hang_up);
    CHECK(message.text.starts_with("Hello, this is a message from Ava"));
    conversation.history = {agent(message.text), Silence{}};
    CHECK(offline_reply(conversation).text.empty());
    CHECK(offline_reply(conversation).hang_up);
  }

  TEST_CASE("never asks a tool the same thing twice") {
    Conversation conversation = talk({agent(greeting), callee("What is the status of order 7?")});
    conversation.tools = {
        {.name = "order_status",
         .description = "The status of an order",
         .input_schema = json::object(
             {{"properties", json::object({{"order_id", json::object({{"type", "integer"}})}})}})}};
    const Reply first = offline_reply(conversation);
    REQUIRE(first.tool);
    CHECK(first.text == "Let me look that up for you.");
    CHECK(first.tool->arguments == json::object({{"order_id", 7}}));

    conversation.history.insert(
        conversation.history.end(),
        {agent(first.text),
         ToolUse{"cor_1", "order_status", first.tool->arguments, json::Value("on its way")}, agent("…"),
         callee("Sorry, what is the status of order 7?")});
    const Reply second = offline_reply(conversation);
    CHECK_FALSE(second.tool);
    CHECK(second.text == "I have looked it up. on its way.");

    conversation.history.push_back(callee("And what is the status of order 8?"));
    CHECK(offline_reply(conversation).tool->arguments == json::object({{"order_id", 8}}));
  }

  TEST_CASE("goes on where another responder broke off, without a second greeting") {
    struct Case {
      std::string said;
      std::string rest;
    };
    const std::string reason = "I am calling about the following: Order a birthday cake.";
    const std::string who = "This is Ava, an automated assistant calling on behalf of Dana Smith.";
    const std::vector<Case> cases{
        {"Hello, this is Ava, an automated assistant calling for Dana Smith. ", reason},
        {"Hi! ", who + " " + reason},
        {"Hi, Ava here, calling for Dana Smith. ", who + " " + reason},
        {greeting, ""},
    };
    for (const Case& each : cases) {
      CAPTURE(each.said);
      CHECK(offline_reply(talk({callee("Hello?"), agent(each.said)})).text == each.rest);
    }
    const Reply goodbye = offline_reply(talk({agent(greeting), callee("Goodbye."), agent("Goodbye! ")}));
    CHECK(goodbye.hang_up);
  }

  TEST_CASE("speaks the language of the locale, else of the callee, else English") {
    struct Case {
      std::string locale;
      std::string words;
      Language language;
    };
    const std::vector<Case> cases{
        {"en-US", "¿Diga?", Language::english},
        {"es-ES", "Hello?", Language::spanish},
        {"ES", "", Language::spanish},
        {"", "¿Diga?", Language::spanish},
        {"", "Hola, buenos dias", Language::spanish},
        {"", "Hello, thank you for calling", Language::english},
        {"de-DE", "Guten Tag", Language::english},
        {"de-DE", "Sí, gracias", Language::spanish},
        {"", "", Language::english},
    };
    for (const Case& each : cases) {
      CAPTURE(each.words);
      Conversation conversation = talk({callee(each.words)});
      conversation.brief.locale = each.locale;
      CHECK(language_of(conversation) == each.language);
    }
  }

  TEST_CASE("what goes to the sink is the text, sentence by sentence") {
    OfflineResponder responder;
    std::vector<std::string> sentences;
    const auto reply = responder.respond(
        talk({}), {.say = [&](auto sentence) { sentences.emplace_back(sentence); }, .fill = {}});
    REQUIRE(reply);
    CHECK(reply->responder == "offline");
    REQUIRE(sentences.size() == 2);
    CHECK(sentences[0] + sentences[1] == reply->text);
    CHECK(responder.respond(talk({}), {})->text == reply->text);
  }

  TEST_CASE("summarises how a call went in the customer's language") {
    Conversation conversation = talk({});
    CHECK(offline_summary(conversation) ==
          "The call was answered, but nothing was said. The task was: Order a birthday cake. The call ended "
          "without a "
          "goodbye.");
    conversation.history = {
        callee("Hello?"), agent(greeting),
        Silence{},        agent("Hello? Are you still there?"),
        Silence{},        agent("I cannot hear you, so I will end the call here. Goodbye.")};
    CHECK(offline_summary(conversation) ==
          "A person answered. The task was: Order a birthday cake. The call ended because nobody was heard "
          "any more.");
    conversation.brief.locale = "es";
    CHECK(offline_summary(conversation) ==
          "Contestó una persona. La tarea era: Order a birthday cake. La llamada terminó porque no se oía a "
          "nadie.");
  }
}
