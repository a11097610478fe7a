// The call engine: dials, hears what carriers tell, lets the agent answer, and brings every call to an end.
// It keeps no state of its own that matters: after a crash the jobs and the carriers' repeated events take
// every call up where it stood.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "base/metrics.hpp"
#include "calls/calls.hpp"
#include "calls/dialogue_driver.hpp"
#include "jobs/runner.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::calls {

struct EngineOptions {
  Duration ring_timeout = seconds(45);
  Duration carrier_slack = seconds(60);  // how long after its deadline a call waits for its carrier's word
  Duration gap_wait = seconds(1);        // how long an event waits for an earlier one
};

struct EngineContext {
  runtime::EventLoop& loop;
  db::Database& database;
  jobs::Queue& queue;
  jobs::Runner& runner;
  Transitions& transitions;
  DialogueDriver& dialogue;
  carriers::Carrier& carrier;
  const Clock& clock;
  Metrics& metrics;
};

class Engine final : public carriers::EventSink {
 public:
  // Registers its jobs with the runner.
  Engine(EngineContext context, EngineOptions options = {});

  Result<void> on_event(const carriers::CallEvent& event) override;

  // Ends calls whose carrier has said nothing long after they should have ended. Called about once a second.
  // Suspends.
  Result<void> sweep();

 private:
  // What arrives for one call, in its order.
  struct Inbox {
    std::optional<std::int64_t> last_sequence;
    runtime::Semaphore turn{1};
    std::size_t users = 0;
  };
  struct Taken {
    bool answer_owed = false;
    bool ended = false;
    std::int64_t sequence = 0;
  };

  jobs::Outcome dial(const jobs::Job& job);
  Result<bool> declare_intent(AccountId account, CallId id);
  jobs::Outcome place_with_carrier(const jobs::Job& job, const Call& call);
  jobs::Outcome confirm(const jobs::Job& job, const Call& call, const std::string& provider_call_id);
  jobs::Outcome give_up_dialling(const jobs::Job& job, const Call& call, EndedReason reason);
  jobs::Outcome release_line(const jobs::Job& job);
  jobs::Outcome conclude(const jobs::Job& job);

  void wait_for_its_turn(Inbox& inbox, const carriers::CallEvent& event);
  Result<Taken> take(const carriers::CallEvent& event);
  Taken apply_event(db::Transaction& transaction, const webhooks::Target& target, Call& call,
                    const carriers::CallEvent& event);
  void hear(db::Transaction& transaction, const tenancy::TenantScope& scope, const webhooks::Target& target,
            Call& call, const carriers::CallEvent& event);
  Result<void> end_overdue(const OverdueCall& overdue);
  Result<webhooks::Target> target_of(const tenancy::TenantScope& scope, const Call& call);
  jobs::Outcome try_again(const jobs::Job& job, const Error& error) const;

  EngineContext context_;
  EngineOptions options_;
  std::unordered_map<CallId, std::unique_ptr<Inbox>> inboxes_;
  Counter events_;
  Counter duplicates_;
};

}  // namespace trunkline::calls
