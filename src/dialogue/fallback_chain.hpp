// Keeps a live call from falling silent (rule 8 of docs/architecture.md, fault F19 of docs/reliability.md):
// models in the order of preference, the offline script behind them, and a few words when an answer takes its
// time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "dialogue/breaker.hpp"
#include "dialogue/offline_responder.hpp"

namespace trunkline::dialogue {

struct NamedResponder {
  std::string name;  // as it stands in Reply::fallbacks: "gpt-4o-mini"
  std::unique_ptr<Responder> responder;
};

struct FallbackOptions {
  Duration filler_after = milliseconds(2500);  // real time since something was said
  Duration filler_again_after = seconds(10);
  // The same, when a model has failed meanwhile: two failures in a row would else be a silence of more than 3
  // s.
  Duration filler_after_failure = milliseconds(4500);
  BreakerPolicy breaker;
};

// For one loop; any number of calls at once.
class FallbackChain final : public Responder {
 public:
  // No models is fine: then the script speaks. The clock must outlive the chain.
  FallbackChain(std::vector<NamedResponder> models, const Clock& clock, FallbackOptions options = {});

  // Always gives a reply. What a model said before it failed stays said: it is in Reply::text, and the next
  // one goes on from there. The sink is called on this fiber only, never twice at a time. Reply::usage counts
  // the failed ones too, and Reply::fallbacks says what went wrong: "gpt-4o-mini: no first token within 3 s".
  // Suspends.
  Result<Reply> respond(const Conversation& conversation, const SentenceSink& sink) override;

  // Always gives a summary. Suspends.
  Result<std::string> summarise(const Conversation& conversation) override;

 private:
  struct Model {
    NamedResponder named;
    Breaker breaker;
  };
  class Turn;

  std::vector<Model> models_;
  OfflineResponder script_;
  const Clock& clock_;
  FallbackOptions options_;
};

}  // namespace trunkline::dialogue
