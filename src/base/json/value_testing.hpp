// Arbitrary JSON for properties. Only tests include it.
#pragma once

#include <ostream>
#include <string>

#include <rapidcheck.h>

#include "base/json/value.hpp"

namespace trunkline::json {

// Values up to four levels deep with awkward numbers, texts and keys; everything in them can be written and
// read.
rc::Gen<Value> values();

// UTF-8 without NUL: quotes, escapes, controls, surrogate borders, digits.
rc::Gen<std::string> texts();

// The text of any JSON number within the range of a double.
rc::Gen<std::string> number_texts();

// So that a failing property prints the value.
std::ostream& operator<<(std::ostream& out, const Value& value);

}  // namespace trunkline::json
