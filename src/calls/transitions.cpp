#include "calls/transitions.hpp"

#include <algorithm>

#include "calls/call_events.hpp"

namespace trunkline::calls {

using tenancy::TenantScope;

Transition Transitions::perform(db::Transaction& transaction, const TenantScope& scope,
                                const webhooks::Target& target, Call& call, const LifecycleEvent& event) {
  const Transition step = transition(call.state, event);
  if (!step.changed) return step;
  call.state = step.next;
  if (step.ended) call.deadline_at.reset();
  store::update(transaction, scope, call);
  if (step.started) {
    // Told as it was then, also when the end came with the same report.
    Call at_start = call;
    at_start.state.status = Status::in_progress;
    messages_.emit(transaction, scope_of(scope.account, call), target, call.id.uuid(), event_names::started,
                   simple_event(event_names::started, at_start, clock_.now()));
  }
  if (step.ended) settle(transaction, scope, target, call);
  if (step.release_line) release_line(transaction, scope, call);
  return step;
}

void Transitions::release_line(db::Transaction& transaction, const TenantScope& scope, const Call& call) {
  enqueue(transaction, scope, call, release_line_job);
}

// The end of a call: its bill, and its event. A call that had connected gets its summary first, by a job, and
// tells its end with it.
void Transitions::settle(db::Transaction& transaction, const TenantScope& scope,
                         const webhooks::Target& target, const Call& call) {
  if (!call.state.started_at) {
    messages_.emit(transaction, scope_of(scope.account, call), target, call.id.uuid(),
                   ended_event(call.state.status), ended_event_body(call, {}, clock_.now()));
    return;
  }
  ledger_.add(transaction, scope,
              {.call = call.id,
               .project = call.project,
               .started_at = *call.state.started_at,
               .duration_seconds = call.duration_seconds(),
               .price = call.price});
  enqueue(transaction, scope, call, conclude_job);
}

void Transitions::enqueue(db::Transaction& transaction, const TenantScope& scope, const Call& call,
                          std::string_view kind) {
  queue_.enqueue(transaction, {.account = scope.account,
                               .id = ids_.next(),
                               .kind = kind,
                               .payload = to_text(call.id.uuid()),
                               .priority = jobs::JobPriority::live_call});
}

void Transitions::add_entries(db::Transaction& transaction, const TenantScope& scope,
                              const webhooks::Target& target, Call& call, std::span<const Entry> appended) {
  if (std::ranges::none_of(appended, &Entry::is_spoken)) return;
  messages_.emit(transaction, scope_of(scope.account, call), target, call.id.uuid(),
                 event_names::transcript_update, transcript_event(call, appended, clock_.now()));
}

}  // namespace trunkline::calls
