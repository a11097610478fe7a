#include "calls/engine.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

namespace trunkline::calls {
namespace {

using carriers::CallEvent;
using carriers::EventKind;
using tenancy::TenantScope;

constexpr std::size_t dials_at_once = 256;
constexpr std::size_t conclusions_at_once = 256;
constexpr std::int64_t attempts_max = 20;

std::optional<CallId> call_of(const jobs::Job& job) {
  const auto id = job.kind == dial_job ? std::optional(job.id) : parse_uuid(job.payload);
  if (!id) return std::nullopt;
  return CallId(*id);
}

// Repeated reports and late ones apart, this is what the carrier's word means for the call's life.
std::optional<LifecycleEvent> lifecycle_event(const CallEvent& event) {
  switch (event.kind) {
    case EventKind::ringing:
      return events::Ringing{event.at};
    case EventKind::answered:
      return events::Answered{event.at, event.answered_by};
    case EventKind::hung_up:
      return events::HungUp{event.at, event.cause, event.answered_at, event.answered_by};
    case EventKind::speech:
    case EventKind::digits:
    case EventKind::silence:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Engine::Engine(EngineContext context, EngineOptions options)
    : context_(context),
      options_(options),
      events_(context.metrics.counter("trunkline_carrier_events_total", "Events from carriers.",
                                      {{"kind", "new"}})),
      duplicates_(context.metrics.counter("trunkline_carrier_events_total", "Events from carriers.",
                                          {{"kind", "duplicate"}})) {
  jobs::Runner& runner = context_.runner;
  runner.handle(std::string(dial_job), {.running_max = dials_at_once},
                [this](const jobs::Job& job) { return dial(job); });
  runner.handle(std::string(release_line_job), {},
                [this](const jobs::Job& job) { return release_line(job); });
  runner.handle(std::string(conclude_job), {.running_max = conclusions_at_once},
                [this](const jobs::Job& job) { return conclude(job); });
}

Result<webhooks::Target> Engine::target_of(const TenantScope& scope, const Call& call) {
  return context_.transitions.messages().target_for(scope_of(scope.account, call), call.request.webhook_url);
}

// Double the pause each time, from a second to a minute; then an operator must look.
jobs::Outcome Engine::try_again(const jobs::Job& job, const Error& error) const {
  if (job.attempts >= attempts_max) return jobs::Outcome::park(error);
  const Duration pause =
      std::min<Duration>(seconds(1) * (1LL << std::min<std::int64_t>(job.attempts, 6)), minutes(1));
  return jobs::Outcome::retry(error, context_.clock.now() + pause);
}

// Rule R1 of docs/reliability.md: the intent is on disk before the carrier is asked. Whoever finds an intent
// without an outcome looks the call up and never dials again unless the carrier is certain that it was not
// asked.
jobs::Outcome Engine::dial(const jobs::Job& job) {
  const CallId id = *call_of(job);
  const TenantScope scope{.account = job.account};
  const Result<Call> call = store::find(context_.database, scope, id);
  if (!call && call.error().code() == error_codes::call_not_found) return jobs::Outcome::done();
  if (!call) return try_again(job, call.error());
  if (is_terminal(call->state.status) || !call->provider_call_id.empty()) return jobs::Outcome::done();

  if (!call->dial_requested_at) {
    const Result<bool> declared = declare_intent(job.account, id);
    if (!declared) return try_again(job, declared.error());
    if (!*declared) return jobs::Outcome::done();  // it was cancelled a moment ago
    TRUNKLINE_FAIL_POINT("calls.after_dial_intent");
    return place_with_carrier(job, *call);
  }
  const Result<carriers::LookUp> found = context_.carrier.look_up(job.account, id);
  if (!found) return try_again(job, found.error());
  switch (found->presence) {
    case carriers::Presence::present:
      return confirm(job, *call, found->provider_call_id);
    case carriers::Presence::absent:
      return place_with_carrier(job, *call);
    case carriers::Presence::unknown:
      break;
  }
  return give_up_dialling(job, *call, EndedReason::dial_unconfirmed);
}

Result<bool> Engine::declare_intent(AccountId account, CallId id) {
  const TenantScope scope{.account = account};
  return context_.database.transact(scope, [&](db::Transaction& transaction) {
    std::optional<Call> call = store::lock(transaction, scope, id);
    if (!call || call->state.status != Status::queued) return false;
    const Instant now = context_.clock.now();
    call->dial_requested_at = now;
    call->deadline_at = now + options_.ring_timeout + options_.carrier_slack;
    store::update(transaction, scope, *call);
    return true;
  });
}

jobs::Outcome Engine::place_with_carrier(const jobs::Job& job, const Call& call) {
  const carriers::DialRequest request{
      .account = job.account,
      .call = call.id,
      .to = call.request.to,
      .from = PhoneNumber::parse_e164(call.from_number).value_or(PhoneNumber()),
      .ring_timeout = options_.ring_timeout,
      .time_limit = seconds(call.request.max_duration_seconds)};
  const Result<std::string> dialled = context_.carrier.dial(request);
  TRUNKLINE_FAIL_POINT("calls.after_dial");
  if (dialled) return confirm(job, call, *dialled);
  log::warning("a dial failed", {{"call", call.id}, {"to", request.to}, {"error", dialled.error()}});
  if (dialled.error().code() == carriers::error_codes::dial_refused) {
    return give_up_dialling(job, call, EndedReason::dial_failed);
  }
  return try_again(job, dialled.error());  // the next try begins with a look-up
}

// The carrier has the call: write its id down, and take the job off the queue in the same commit.
jobs::Outcome Engine::confirm(const jobs::Job& job, const Call& call, const std::string& provider_call_id) {
  const TenantScope scope{.account = job.account};
  const auto target = target_of(scope, call);
  if (!target) return try_again(job, target.error());
  const auto confirmed = context_.database.transact(scope, [&](db::Transaction& transaction) {
    std::optional<Call> current = store::lock(transaction, scope, call.id);
    context_.queue.finish(transaction, job);
    if (!current) return;
    current->provider_call_id = provider_call_id;
    const Transition step =
        context_.transitions.perform(transaction, scope, *target, *current, events::Dialled{});
    if (!step.changed) store::update(transaction, scope, *current);
    // Cancelled while the carrier was dialling: the line must be given back.
    if (is_terminal(current->state.status) && !current->event_sequence) {
      context_.queue.enqueue(transaction, {.account = job.account,
                                           .id = context_.transitions.new_id(),
                                           .kind = release_line_job,
                                           .payload = to_text(call.id.uuid()),
                                           .priority = jobs::JobPriority::live_call});
    }
  });
  if (!confirmed) return try_again(job, confirmed.error());
  return jobs::Outcome::finished();
}

jobs::Outcome Engine::give_up_dialling(const jobs::Job& job, const Call& call, EndedReason reason) {
  const TenantScope scope{.account = job.account};
  const auto target = target_of(scope, call);
  if (!target) return try_again(job, target.error());
  const auto given_up = context_.database.transact(scope, [&](db::Transaction& transaction) {
    std::optional<Call> current = store::lock(transaction, scope, call.id);
    context_.queue.finish(transaction, job);
    if (!current) return;
    context_.transitions.perform(transaction, scope, *target, *current,
                                 events::DialFailed{context_.clock.now(), reason});
  });
  if (!given_up) return try_again(job, given_up.error());
  return jobs::Outcome::finished();
}

jobs::Outcome Engine::release_line(const jobs::Job& job) {
  const auto id = call_of(job);
  if (!id) return jobs::Outcome::park(Error(error_codes::call_not_found, "The job names no call."));
  const Result<carriers::LookUp> found = context_.carrier.look_up(job.account, *id);
  if (!found) return try_again(job, found.error());
  if (found->presence != carriers::Presence::present) return jobs::Outcome::done();
  const Result<void> hung_up = context_.carrier.hang_up(
      {.account = job.account, .call = *id, .provider_call_id = found->provider_call_id});
  if (!hung_up && hung_up.error().code() != carriers::error_codes::leg_gone)
    return try_again(job, hung_up.error());
  return jobs::Outcome::done();
}

// Writes the summary of a call that had connected, and tells its end with it.
jobs::Outcome Engine::conclude(const jobs::Job& job) {
  const auto id = call_of(job);
  if (!id) return jobs::Outcome::park(Error(error_codes::call_not_found, "The job names no call."));
  const Result<void> concluded = context_.dialogue.conclude(job, *id);
  if (concluded) return jobs::Outcome::finished();
  if (concluded.error().code() == error_codes::call_not_found) return jobs::Outcome::done();
  return try_again(job, concluded.error());
}

Result<void> Engine::on_event(const CallEvent& event) {
  events_.increment();
  auto& slot = inboxes_[event.call];
  if (!slot) slot = std::make_unique<Inbox>();
  Inbox& inbox = *slot;
  ++inbox.users;
  wait_for_its_turn(inbox, event);
  Result<Taken> taken = Taken{};
  {
    const runtime::Permit permit(inbox.turn);
    taken = take(event);
    if (taken) inbox.last_sequence = std::max(inbox.last_sequence.value_or(0), taken->sequence);
  }
  if (--inbox.users == 0 && taken && taken->ended) inboxes_.erase(event.call);
  if (!taken) return fail(std::move(taken.error()));
  TRUNKLINE_FAIL_POINT("calls.event_taken");
  if (taken->answer_owed) context_.dialogue.answer(event.account, event.call);
  return {};
}

// Events carry numbers; one that has overtaken another waits for it a moment. What it waits for is on its
// way, or lost.
void Engine::wait_for_its_turn(Inbox& inbox, const CallEvent& event) {
  constexpr Duration look_again = milliseconds(2);
  if (!inbox.last_sequence) {
    const Result<Call> call = store::find(context_.database, {.account = event.account}, event.call);
    if (call) inbox.last_sequence = std::max(inbox.last_sequence.value_or(0), call->event_sequence);
  }
  for (Duration waited{}; waited < options_.gap_wait; waited += look_again) {
    if (event.sequence <= inbox.last_sequence.value_or(0) + 1) return;
    runtime::sleep_for(look_again);
  }
}

Result<Engine::Taken> Engine::take(const CallEvent& event) {
  const TenantScope scope{.account = event.account};
  const Result<Call> before = store::find(context_.database, scope, event.call);
  if (!before && before.error().code() == error_codes::call_not_found) return Taken{.ended = true};
  if (!before) return fail(before.error());
  const auto target = target_of(scope, *before);
  if (!target) return fail(target.error());
  return context_.database.transact(scope, [&](db::Transaction& transaction) -> Result<Taken> {
    std::optional<Call> call = store::lock(transaction, scope, event.call);
    if (!call) return Taken{.ended = true};
    return apply_event(transaction, *target, *call, event);
  });
}

Engine::Taken Engine::apply_event(db::Transaction& transaction, const webhooks::Target& target, Call& call,
                                  const CallEvent& event) {
  const TenantScope scope{.account = event.account};
  if (event.sequence <= call.event_sequence) {
    // Told again. If it was the last thing, the answer to it may never have been given.
    duplicates_.increment();
    return {.answer_owed = event.sequence == call.event_sequence && call.state.status == Status::in_progress,
            .ended = is_terminal(call.state.status),
            .sequence = call.event_sequence};
  }
  // It has ended here, and the carrier does not know: it was asked where nobody could reach its leg.
  if (is_terminal(call.state.status) && event.kind != EventKind::hung_up)
    context_.transitions.release_line(transaction, scope, call);
  const Instant now = context_.clock.now();
  call.event_sequence = event.sequence;
  call.event_at = event.at;
  call.event_received_at = now;
  if (call.provider_call_id.empty()) call.provider_call_id = event.provider_call_id;
  if (event.kind == EventKind::answered && !is_terminal(call.state.status)) {
    call.deadline_at = now + seconds(call.request.max_duration_seconds) + options_.carrier_slack;
  }
  const auto lifecycle = lifecycle_event(event);
  bool written = false;
  if (lifecycle) {
    written = context_.transitions.perform(transaction, scope, target, call, *lifecycle).changed;
  } else {
    hear(transaction, scope, target, call, event);
  }
  if (!written) store::update(transaction, scope, call);
  const bool heard_something = event.kind == EventKind::speech || event.kind == EventKind::silence;
  return {.answer_owed = heard_something && call.state.status == Status::in_progress,
          .ended = is_terminal(call.state.status),
          .sequence = call.event_sequence};
}

void Engine::hear(db::Transaction& transaction, const TenantScope& scope, const webhooks::Target& target,
                  Call& call, const CallEvent& event) {
  if (!call.state.started_at) return;
  if (event.kind == EventKind::silence) {
    store::append(transaction, scope, call, EntryKind::silence, "", event.at);
    return;
  }
  const Entry heard = store::append(transaction, scope, call, EntryKind::user, event.text, event.at);
  if (!is_terminal(call.state.status)) {
    context_.transitions.add_entries(transaction, scope, target, call, std::span(&heard, 1));
  }
}

Result<void> Engine::sweep() {
  const auto overdue = store::overdue(context_.database, context_.clock.now(), 100);
  if (!overdue) return fail(overdue.error());
  for (const OverdueCall& call : *overdue) {
    log::warning("a carrier never ended a call; it is ended now", {{"call", call.id}});
    if (const auto ended = end_overdue(call); !ended) return ended;
  }
  return {};
}

Result<void> Engine::end_overdue(const OverdueCall& overdue) {
  const TenantScope scope{.account = overdue.account};
  const Result<Call> before = store::find(context_.database, scope, overdue.id);
  if (!before) return fail(before.error());
  const auto target = target_of(scope, *before);
  if (!target) return fail(target.error());
  return context_.database.transact(scope, [&](db::Transaction& transaction) {
    std::optional<Call> call = store::lock(transaction, scope, overdue.id);
    const Instant now = context_.clock.now();
    if (!call || !call->deadline_at || *call->deadline_at > now) return;
    const Instant at =
        call->event_at ? context_.carrier.call_time(*call->event_at, *call->event_received_at, now) : now;
    context_.transitions.perform(transaction, scope, *target, *call, events::DeadlinePassed{at});
  });
}

}  // namespace trunkline::calls
