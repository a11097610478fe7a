// The port to whatever decides the agent's next move: a language model, or the offline script.
#pragma once

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "dialogue/conversation.hpp"

namespace trunkline::dialogue {

struct ToolCall {
  std::string name;
  json::Value arguments;  // an object; not checked against the schema yet: the engine does that
};

// What a model's work cost.
struct TokenUsage {
  std::int64_t prompt_tokens = 0;
  std::int64_t completion_tokens = 0;
};

// The agent's next move: words, then keys or a tool or hanging up.
struct Reply {
  std::string text;              // "" when there is nothing to say before the rest
  std::string digits;            // keys to press, 0-9*#
  std::optional<ToolCall> tool;  // to be used before the next reply
  bool hang_up = false;          // after the words
  std::string responder;         // who made it: "offline", "openai:gpt-4o-mini"
  TokenUsage usage;
  std::vector<std::string> fallbacks;  // what failed on the way to this reply, in plain words, for the record
};

// Gets the words sentence by sentence as they are made, so that they can be spoken before the reply is
// complete. It may suspend. The concatenation of all sentences is Reply::text, except for fillers ("One
// moment, please.") that only bridge a wait.
struct SentenceSink {
  std::function<void(std::string_view sentence)> say;
  std::function<void(std::string_view filler)> fill;
};

class Responder {
 public:
  virtual ~Responder() = default;

  // Suspends. Fails when it cannot answer in time or at all; sentences it has given to the sink stay said.
  virtual Result<Reply> respond(const Conversation& conversation, const SentenceSink& sink) = 0;

  // A sentence or three for the customer about how the call went. Suspends.
  virtual Result<std::string> summarise(const Conversation& conversation) = 0;
};

namespace error_codes {
inline constexpr ErrorCode responder_failed{"responder_failed", ErrorKind::unavailable};
inline constexpr ErrorCode responder_slow{"responder_slow", ErrorKind::timed_out};
}  // namespace error_codes

}  // namespace trunkline::dialogue
