// Answers in the shape of the chat completions API (contracts/openai.md, section 3): whole, or as the events
// of a stream.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json/value.hpp"
#include "fakes/openai/answer.hpp"

namespace trunkline::fakes {

struct Completion {
  std::string id;  // "chatcmpl-…", the same in all pieces
  std::string model;
  std::size_t prompt_bytes = 0;
  bool include_usage = false;  // the client asked for the usage in its stream
};

std::string whole_answer(const Completion& completion, const Answer& answer);

// The data of each event, without [DONE].
std::vector<std::string> stream_events(const Completion& completion, const Answer& answer);

}  // namespace trunkline::fakes
