// The responder that needs no network: a script for phone calls. It introduces itself as what it is, states
// the task, walks menus, leaves messages, looks things up with the customer's tools, listens, and says
// goodbye. It never fails and never states a fact that it was not given.
#pragma once

#include "dialogue/responder.hpp"

namespace trunkline::dialogue {

// The rules, as functions: the same conversation gives the same reply.
Reply offline_reply(const Conversation& conversation);
std::string offline_summary(const Conversation& conversation);

class OfflineResponder final : public Responder {
 public:
  Result<Reply> respond(const Conversation& conversation, const SentenceSink& sink) override;
  Result<std::string> summarise(const Conversation& conversation) override;
};

}  // namespace trunkline::dialogue
