#include "carriers/local/callee.hpp"

namespace trunkline::carriers::local {

namespace {

constexpr std::string_view builtin_text = R"toml(# The callees of the phone network in a box.

[[callee]]
number = "+12025550101"
description = "answers, hears the task, helps, says goodbye; 79 s"
rings = "4s"
hangs_up_after = "79s"
  [[callee.line]]
  say = "Hello?"
  [[callee.line]]
  say = "Sure, I can help with that. One moment please, let me look it up."
  pause = "2s"
  [[callee.line]]
  say = "Thanks for waiting. Yes, that is all settled: we are open until six today."
  at = "42s"
  [[callee.line]]
  say = "Is there anything else I can do for you?"
  at = "62s"
  [[callee.line]]
  say = "All right then. Goodbye!"
  at = "73s"

[[callee]]
number = "+12025550102"
description = "busy"
answer = "busy"

[[callee]]
number = "+12025550103"
description = "rings out unanswered"
answer = "nobody"

[[callee]]
number = "+12025550104"
description = "not in service"
answer = "not_in_service"

[[callee]]
number = "+12025550105"
description = "an answering machine"
answer = "machine"
rings = "18s"
  [[callee.line]]
  say = "You have reached Riverside Dental. We cannot take your call right now. Please leave a message after the tone."

[[callee]]
number = "+12025550106"
description = "a phone menu, then a person"
rings = "2s"
  [[callee.line]]
  say = "Thank you for calling Main Street Market. For opening hours press 1, for the pharmacy press 2, for the bakery press 3."
  label = "menu"
  keys = { 1 = "hours", 2 = "pharmacy", 3 = "bakery" }
  [[callee.line]]
  label = "hours"
  say = "We are open from eight to eight, Monday to Saturday. Goodbye."
  hang_up = true
  [[callee.line]]
  label = "bakery"
  say = "Bakery, this is Sam. What can I do for you?"
  then = "help"
  [[callee.line]]
  label = "pharmacy"
  say = "Pharmacy, this is Dana. What can I do for you?"
  [[callee.line]]
  label = "help"
  say = "Yes, that is ready. You can pick it up any time before eight."
  pause = "3s"
  [[callee.line]]
  say = "You are welcome. Bye now."
  hang_up = true

[[callee]]
number = "+12025550107"
description = "picks up and hangs up after 3 s"
hangs_up_after = "3s"
  [[callee.line]]
  say = "Yes?"

[[callee]]
number = "+12025550108"
description = "asks about order 12345, so that a tool is needed"
  [[callee.line]]
  say = "Hello, Acme Parts, returns desk."
  [[callee.line]]
  say = "Before we go on: what is the status of order 12345?"
  [[callee.line]]
  say = "Thank you, that is what I needed to know. Goodbye."
  hang_up = true

[[callee]]
number = "+12025550109"
description = "answers after 25 s of ringing"
rings = "25s"
  [[callee.line]]
  say = "Sorry, I was in the garden. Who is this?"
  [[callee.line]]
  say = "Yes, that is fine with me."
  [[callee.line]]
  say = "Thanks for calling. Goodbye."
  hang_up = true

[[callee]]
number = "+12025550110"
description = "keeps talking until the maximum duration"
  [[callee.line]]
  say = "Hello there! It is so good to hear a voice, I was just telling my neighbour about the weather."
  [[callee.line]]
  label = "talk"
  say = "You know, when I was young the winters were longer, and the snow was up to the window sills."
  [[callee.line]]
  say = "And my cousin, she had a shop by the river, she always said that spring begins when the ferry runs."
  then = "talk"

[[callee]]
number = "+12025550111"
description = "speaks Spanish"
  [[callee.line]]
  say = "¿Diga? Peluquería Núñez, ¿en qué puedo ayudarle?"
  [[callee.line]]
  say = "Sí, claro. Mañana a las diez está libre, señor."
  [[callee.line]]
  say = "Muchas gracias por llamar. ¡Adiós!"
  hang_up = true
)toml";

}  // namespace

std::string_view builtin_scenario() {
  return builtin_text;
}

}  // namespace trunkline::carriers::local
