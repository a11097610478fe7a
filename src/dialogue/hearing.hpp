// What the other side's words are, as far as a script can tell: pure rules over English and Spanish phrases.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::dialogue {

enum class Heard : std::uint8_t {
  answering_machine,  // "Please leave a message after the tone."
  goodbye,
  wrong_number,
  refusal,           // "Do not call me again."
  hold,              // "One moment, please."
  anything_else,     // "Is there anything else I can do for you?"
  offer_of_message,  // "Shall I take a message?"
  who_is_calling,
  are_you_automated,
  why_calling,  // "What is it about?", "Could you repeat that?"
  how_are_you,
  question,  // any other
  thanks,
  no,    // "No, I am sorry, …"
  help,  // "Yes, that is settled.", and news about the matter
  other,
};

// `matter` is what the call is about: words about it are news. `by_machine`: the carrier knows that no person
// answered.
Heard classify(std::string_view utterance, std::string_view matter, bool by_machine);

// Whether the words ask for something: a question, or "please tell me …".
bool is_request(std::string_view utterance);

}  // namespace trunkline::dialogue
