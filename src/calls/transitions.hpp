// Carries a lifecycle event out inside a transaction: the call's new state, its webhook events, its bill and
// what must follow (telling the carrier, writing the summary) commit together or not at all.
#pragma once

#include "billing/ledger.hpp"
#include "calls/call_store.hpp"
#include "jobs/queue.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::calls {

inline constexpr std::string_view dial_job = "call.dial";
inline constexpr std::string_view release_line_job = "call.release_line";
inline constexpr std::string_view conclude_job = "call.conclude";

class Transitions {
 public:
  Transitions(webhooks::Messages& messages, billing::Ledger& ledger, jobs::Queue& queue, IdSource& ids,
              const Clock& clock)
      : messages_(messages), ledger_(ledger), queue_(queue), ids_(ids), clock_(clock) {}

  // Applies the event to the locked call and writes everything that follows. `call` is changed to the new
  // state.
  Transition perform(db::Transaction& transaction, const tenancy::TenantScope& scope,
                     const webhooks::Target& target, Call& call, const LifecycleEvent& event);

  // Adds words to the transcript and tells receivers. The call must be written afterwards (store::update).
  void add_entries(db::Transaction& transaction, const tenancy::TenantScope& scope,
                   const webhooks::Target& target, Call& call, std::span<const Entry> appended);

  // Has the carrier asked again to end its leg of a call that has ended here.
  void release_line(db::Transaction& transaction, const tenancy::TenantScope& scope, const Call& call);

  webhooks::Messages& messages() { return messages_; }
  Uuid new_id() { return ids_.next(); }

 private:
  void settle(db::Transaction& transaction, const tenancy::TenantScope& scope, const webhooks::Target& target,
              const Call& call);
  void enqueue(db::Transaction& transaction, const tenancy::TenantScope& scope, const Call& call,
               std::string_view kind);

  webhooks::Messages& messages_;
  billing::Ledger& ledger_;
  jobs::Queue& queue_;
  IdSource& ids_;
  const Clock& clock_;
};

// The scope that a call's own consequences are in: its account and project.
inline tenancy::TenantScope scope_of(AccountId account, const Call& call) {
  return {.account = account, .project = call.project};
}

}  // namespace trunkline::calls
