// What the offline script says, in English and Spanish. Everything is true of a script: it says that it is
// automated, promises only to pass on what it heard, and states nothing that the customer did not write.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "dialogue/language.hpp"

namespace trunkline::dialogue {

struct Phrases {
  std::string_view take_your_time;
  std::string_view that_is_all;  // to "anything else?"
  std::string_view still_there;  // to silence
  std::string_view cannot_hear;  // to more silence: goodbye
  std::string_view goodbye;
  std::string_view welcome;             // to "thank you"
  std::string_view kind_of_you_to_ask;  // to "how are you?"
  std::string_view automated;           // to "are you a robot?"
  std::string_view only_know;           // to a question without answer
  std::string_view wrong_number;
  std::string_view respect_refusal;  // to "do not call again"
  std::string_view hear_refusal;     // to "no, sorry": the call goes on
  std::string_view menu_is_no_use;
  std::string_view looking_up;  // before a tool
  std::string_view looked_up;   // before what a tool gave
  std::string_view found_nothing;
  std::string_view could_not_find_out;  // a tool failed
  std::string_view information_is;      // before a sentence of the instructions
  std::string_view yes_please;          // to "shall I take a message?"
  std::string_view back_to_my_reason;   // to a long talk
  std::string_view time_is_short;
  std::array<std::string_view, 2> thanks;            // to help, in turn
  std::array<std::string_view, 2> acknowledgements;  // to anything else, in turn
  std::array<std::string_view, 3> fillers;           // to bridge a wait, in turn
  std::string_view yes;
  std::string_view no;
  std::string_view and_more;  // behind "2 "
};

const Phrases& phrases(Language language);

// "This is Ava, an automated assistant calling on behalf of Dana Smith." Graceful without either name.
std::string introduction(const Brief& brief, Language language);

// "I am calling about the following: …"; "" without a task.
std::string reason_for_call(const Brief& brief, Language language);

// To a person: greeting, introduction and reason.
std::string opening(const Brief& brief, Language language);

// For an answering machine: who, on whose behalf, what, goodbye.
std::string voicemail(const Brief& brief, Language language);

// The customer's words as a part of speech: on one line, without marks, of a bearable length, with a full
// stop.
std::string spoken(std::string_view words);

}  // namespace trunkline::dialogue
