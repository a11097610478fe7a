// Puts the answer of a chat model together (contracts/openai.md, section 3): words as they come, the pieces
// of its tool calls, why it ended and what it cost. A model's answer is not trusted; see reply_from_model.hpp
// for what becomes of it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialogue/responder.hpp"

namespace trunkline::dialogue {

// Longer answers of a model are refused.
constexpr std::size_t answer_bytes_max = 1024UL * 1024;

// A tool call as the model wrote it.
struct ModelCall {
  std::string name;
  std::string arguments;      // JSON, or what the model takes for it
  bool is_too_large = false;  // then the rest is missing
};

class ChatStream {
 public:
  static constexpr std::size_t argument_bytes_max = 64UL * 1024;
  static constexpr std::size_t calls_max = 16;

  // Takes the data of one event, or a whole answer that did not stream; the words in it. Servers differ:
  // unknown members, a missing usage, calls without id or index, empty pieces are all fine. Fails with
  // responder_failed when it is not JSON or says that the model failed.
  Result<std::string> take(std::string_view data);

  bool is_done() const { return is_done_; }                            // [DONE] was there
  std::size_t tokens() const { return tokens_; }                       // pieces of words and calls so far
  const std::string& finish_reason() const { return finish_reason_; }  // "" until it ended
  const std::optional<TokenUsage>& usage() const { return usage_; }
  std::vector<ModelCall> calls() const;  // in the order of their indices

 private:
  std::string take_choice(const json::Value& choice);
  void take_calls(const json::Value& pieces);
  void take_usage(const json::Value& usage);

  std::map<std::int64_t, ModelCall> calls_;
  std::map<std::int64_t, std::string> ids_;
  std::size_t tokens_ = 0;
  std::string finish_reason_;
  std::optional<TokenUsage> usage_;
  bool is_done_ = false;
};

}  // namespace trunkline::dialogue
