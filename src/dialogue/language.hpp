// The languages that we can say something in without a model.
#pragma once

#include <cstdint>

#include "dialogue/conversation.hpp"

namespace trunkline::dialogue {

enum class Language : std::uint8_t { english, spanish };

// The brief's locale when it is English or Spanish, else what the callee's words are in, else English.
Language language_of(const Conversation& conversation);

// By the locale alone: what the customer reads is in the customer's language.
Language language_of(const Brief& brief);

}  // namespace trunkline::dialogue
