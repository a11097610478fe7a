// From the operator's settings to the responder of a loop.
#pragma once

#include <memory>

#include "dialogue/fallback_chain.hpp"
#include "dialogue/openai_responder.hpp"

namespace trunkline::dialogue {

struct ModelSettings {
  ChatEndpoint endpoint;     // OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_ORG_ID, OPENAI_PROJECT_ID
  std::string model;         // TRUNKLINE_MODEL; empty: the script alone
  std::string second_model;  // TRUNKLINE_SECOND_MODEL; empty: none
  std::string max_tokens_field = ChatSettings().max_tokens_field;
  ChatBudgets budgets;
};

// One a loop. The references must outlive it. Without a key, unless the base URL is another server's, it is
// the script alone.
std::unique_ptr<Responder> make_responder(const ModelSettings& settings, net::Client& client,
                                          const Clock& clock, Random& random);

}  // namespace trunkline::dialogue
