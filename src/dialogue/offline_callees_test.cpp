// The offline script on the phone with each callee of the phone network in a box, word for word: what a
// listener hears.
#include <algorithm>

#include <doctest/doctest.h>

#include "dialogue/call_testing.hpp"
#include "dialogue/offline_responder.hpp"

using namespace trunkline;
using namespace trunkline::dialogue;
using namespace trunkline::dialogue::testing;

namespace {

using Lines = std::vector<std::string>;

FinishedCall call(std::string number, std::string task, std::vector<Tool> tools = {},
                  const Result<json::Value>& found = json::object({{"status", "shipped"},
                                                                   {"carrier", "UPS"}})) {
  OfflineResponder responder;
  return simulate(responder,
                  {.number = std::move(number),
                   .brief = {.task = std::move(task), .agent_name = "Ava", .caller_name = "Dana Smith"},
                   .tools = std::move(tools),
                   .use_tool = [&](const ToolCall&) { return found; }});
}

Tool order_status() {
  return make_tool("order_status", "Looks up the status of an order.", R"({"order_id": {"type": "string"}})");
}

const std::string cake = "Ask whether the birthday cake at the bakery is ready.";
const std::string opening_about_cake =
    "agent: Hello, this is Ava, an automated assistant calling on behalf of Dana Smith. "
    "I am calling about the following: Ask whether the birthday cake at the bakery is ready.";

}  // namespace

TEST_SUITE("the offline script on the phone") {
  TEST_CASE("a helpful person is told the task, thanked, and said goodbye to") {
    const FinishedCall finished = call("+12025550101", cake);
    CHECK(finished.transcript ==
          Lines{"callee: Hello?", opening_about_cake,
                "callee: Sure, I can help with that. One moment please, let me look it up.",
                "agent: Of course, take your time.",
                "callee: Thanks for waiting. Yes, that is all settled: we are open until six today.",
                "agent: Thank you, that is very helpful. I will pass it on.",
                "callee: Is there anything else I can do for you?", "agent: No, that is all, thank you.",
                "callee: All right then. Goodbye!", "agent: Thank you for your time. Goodbye.",
                "ended: callee_hung_up"});
    CHECK(offline_summary(finished.conversation) ==
          "A person answered. The task was: Ask whether the birthday cake at the bakery is ready. The most "
          "informative "
          "thing that was said: “Thanks for waiting. Yes, that is all settled: we are open until six today.” "
          "The call "
          "ended with a goodbye.");
  }

  TEST_CASE("a call that nobody answers has no conversation") {
    for (const char* number : {"+12025550102", "+12025550103", "+12025550104"}) {
      CHECK(call(number, cake).conversation.history.empty());
    }
  }

  TEST_CASE("an answering machine gets a message with who, for whom and what, and the agent hangs up") {
    const FinishedCall finished = call("+12025550105", "Please call Dana back about the appointment");
    CHECK(finished.transcript == Lines{"callee: You have reached Riverside Dental. We cannot take your call "
                                       "right now. Please leave a message "
                                       "after the tone.",
                                       "agent: Hello, this is a message from Ava, an automated assistant "
                                       "calling on behalf of Dana Smith. "
                                       "I am calling about the following: Please call Dana back about the "
                                       "appointment. Thank you. Goodbye.",
                                       "ended: we_hung_up"});
    CHECK(offline_summary(finished.conversation) ==
          "An answering machine answered. The task was: Please call Dana back about the appointment. The "
          "agent left a "
          "message.");
  }

  TEST_CASE(
      "in a phone menu the agent presses the key of its matter, and introduces itself to the person behind "
      "it") {
    const FinishedCall finished = call("+12025550106", cake);
    CHECK(finished.transcript ==
          Lines{"callee: Thank you for calling Main Street Market. For opening hours press 1, for the "
                "pharmacy press 2, "
                "for the bakery press 3.",
                "keys: 3", "callee: Bakery, this is Sam. What can I do for you?", opening_about_cake,
                "callee: Yes, that is ready. You can pick it up any time before eight.",
                "agent: Thank you, that is very helpful. I will pass it on.",
                "callee: You are welcome. Bye now.", "agent: Thank you for your time. Goodbye.",
                "ended: callee_hung_up"});
    CHECK(offline_summary(finished.conversation) ==
          "A phone menu answered and put the call through. The task was: Ask whether the birthday cake at "
          "the bakery is "
          "ready. The most informative thing that was said: “Yes, that is ready. You can pick it up any time "
          "before "
          "eight.” Keys pressed: 3. The call ended with a goodbye.");
  }

  TEST_CASE("the other keys of the menu are for other matters") {
    CHECK(call("+12025550106", "Find out the opening hours.").transcript[1] == "keys: 1");
    CHECK(call("+12025550106", "Is the pharmacy open on Sunday?").transcript[1] == "keys: 2");
  }

  TEST_CASE("a menu without anything that fits is left after the operator's key has been tried") {
    const Lines lines = call("+12025550106", "Invite them to the party.").transcript;
    CHECK(lines[1] == "keys: 0");
    CHECK(lines[3] == "agent: I could not find what I need in this menu. Goodbye.");
    CHECK(lines[4] == "ended: we_hung_up");
  }

  TEST_CASE("whoever hangs up early has heard who called") {
    CHECK(call("+12025550107", cake).transcript ==
          Lines{"callee: Yes?", opening_about_cake, "ended: callee_hung_up"});
  }

  TEST_CASE("a question that a tool can answer is answered with it") {
    const std::string task = "Tell them that we will send the parts back.";
    const FinishedCall finished = call("+12025550108", task, {order_status()});
    const std::string opening =
        "agent: Hello, this is Ava, an automated assistant calling on behalf of Dana Smith. I am calling "
        "about the "
        "following: Tell them that we will send the parts back.";
    CHECK(finished.transcript == Lines{"callee: Hello, Acme Parts, returns desk.", opening,
                                       "callee: Before we go on: what is the status of order 12345?",
                                       "agent: Let me look that up for you.",
                                       R"(tool: order_status {"order_id":"12345"})",
                                       "agent: I have looked it up. Status: shipped, carrier: UPS.",
                                       "callee: Thank you, that is what I needed to know. Goodbye.",
                                       "agent: Thank you for your time. Goodbye.", "ended: callee_hung_up"});
    CHECK(offline_summary(finished.conversation) ==
          "A person answered. The task was: Tell them that we will send the parts back. The most informative "
          "thing that "
          "was said: “Before we go on: what is the status of order 12345?” Tools used: order_status. The "
          "call ended with "
          "a goodbye.");
  }

  TEST_CASE("without a tool, or when it fails, the agent says that it does not know") {
    CHECK(call("+12025550108", "Tell them thanks.").transcript[3] ==
          "agent: I am sorry, I only know what I was asked to pass on. I will note your question.");
    const FinishedCall failed = call("+12025550108", "Tell them thanks.", {order_status()},
                                     fail(trunkline::error_codes::unavailable, "timed out"));
    CHECK(failed.transcript[5] == "agent: I am sorry, I could not find that out. I will note your question.");
    CHECK(offline_summary(failed.conversation).find("Tools used: order_status (failed).") !=
          std::string::npos);
  }

  TEST_CASE("a person who comes late and asks who it is hears it") {
    const FinishedCall finished = call("+12025550109", cake);
    CHECK(finished.said(Speaker::agent) == Lines{opening_about_cake.substr(7),
                                                 "Thank you, that is very helpful. I will pass it on.",
                                                 "Thank you for your time. Goodbye."});
  }

  TEST_CASE("a talker is listened to until the time is over, and warned before it is") {
    const FinishedCall finished = call("+12025550110", cake);
    const Lines said = finished.said(Speaker::agent);
    REQUIRE(said.size() > 10);
    CHECK(said[1] == "I see.");
    CHECK(said[2] == "I understand.");
    CHECK(said[3].starts_with("All right. May I come back to the reason for my call? I am calling about"));
    CHECK(said[4] == "I see.");
    CHECK(std::ranges::count(
              said, "Our time is nearly over, so the call may end soon. Thank you for talking with me.") ==
          1);
    CHECK(finished.transcript.back() == "ended: time_limit");
  }

  TEST_CASE("a Spanish speaker is answered in Spanish") {
    const FinishedCall finished = call("+12025550111", "Reservar un corte de pelo para mañana por la mañana");
    CHECK(finished.transcript == Lines{"callee: ¿Diga? Peluquería Núñez, ¿en qué puedo ayudarle?",
                                       "agent: Hola, soy Ava, un asistente automático que llama de parte de "
                                       "Dana Smith. Llamo por lo siguiente: "
                                       "Reservar un corte de pelo para mañana por la mañana.",
                                       "callee: Sí, claro. Mañana a las diez está libre, señor.",
                                       "agent: Muchas gracias, me ayuda mucho. Lo transmitiré.",
                                       "callee: Muchas gracias por llamar. ¡Adiós!",
                                       "agent: Gracias por su tiempo. Adiós.", "ended: callee_hung_up"});
  }
}
