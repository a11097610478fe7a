// A responder on any OpenAI-compatible chat model: streams the answer, speaks each sentence as it is
// complete, and lets through only what reply_from_model.hpp does.
#pragma once

#include "dialogue/chat_client.hpp"
#include "dialogue/chat_request.hpp"

namespace trunkline::dialogue {

struct OpenAiOptions {
  ChatEndpoint endpoint;
  ChatSettings settings;
  ChatBudgets budgets;
};

// For one loop.
class OpenAiResponder final : public Responder {
 public:
  // The references must outlive it.
  OpenAiResponder(net::Client& client, const Clock& clock, Random& random, OpenAiOptions options)
      : client_(client, clock, random, std::move(options.endpoint), options.budgets),
        settings_(std::move(options.settings)) {}

  // Suspends. Keeps to the budgets and to the fiber's deadline. Fails with responder_slow and
  // responder_failed; the details "prompt_tokens" and "completion_tokens" say what the failed answer cost,
  // where it got so far. A server that does not count tokens is counted for: four bytes are about one.
  Result<Reply> respond(const Conversation& conversation, const SentenceSink& sink) override;
  Result<std::string> summarise(const Conversation& conversation) override;

 private:
  ChatClient client_;
  ChatSettings settings_;
};

}  // namespace trunkline::dialogue
