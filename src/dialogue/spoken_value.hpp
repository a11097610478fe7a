// What a tool gave, in words that can be spoken.
#pragma once

#include <string>

#include "base/json/value.hpp"
#include "dialogue/language.hpp"

namespace trunkline::dialogue {

// Texts and numbers as they are, an object as "Status: shipped, days left: 2", the first three items of an
// array and how many more there are. On one line, without marks and of a bearable length; "" when there is
// nothing in it.
std::string spoken_value(const json::Value& value, Language language);

}  // namespace trunkline::dialogue
