#include "calls/lifecycle.hpp"

#include <algorithm>
#include <array>

namespace trunkline::calls {
namespace {

using carriers::AnsweredBy;
using carriers::HangupCause;

struct ReasonRow {
  EndedReason reason;
  std::string_view text;
  std::string_view fault;
};

constexpr std::array<ReasonRow, 15> reasons{{
    {EndedReason::none, "", ""},
    {EndedReason::callee_hung_up, "callee_hung_up", "callee"},
    {EndedReason::agent_hung_up, "agent_hung_up", "caller"},
    {EndedReason::voicemail_left, "voicemail_left", "caller"},
    {EndedReason::hung_up_by_api, "hung_up_by_api", "customer"},
    {EndedReason::cancelled_by_api, "cancelled_by_api", "customer"},
    {EndedReason::max_duration, "max_duration", "customer"},
    {EndedReason::busy, "busy", "callee"},
    {EndedReason::no_answer, "no_answer", "callee"},
    {EndedReason::not_in_service, "not_in_service", "customer"},
    {EndedReason::rejected, "rejected", "callee"},
    {EndedReason::dial_failed, "dial_failed", "provider"},
    {EndedReason::dial_unconfirmed, "dial_unconfirmed", "provider"},
    {EndedReason::carrier_failure, "carrier_failure", "provider"},
    {EndedReason::platform_failure, "platform_failure", "platform"},
}};

EndedReason reason_without_connection(HangupCause cause) {
  switch (cause) {
    case HangupCause::busy:
      return EndedReason::busy;
    case HangupCause::not_in_service:
      return EndedReason::not_in_service;
    case HangupCause::rejected:
      return EndedReason::rejected;
    case HangupCause::network_failure:
      return EndedReason::carrier_failure;
    case HangupCause::no_answer:
    case HangupCause::callee_hung_up:
    case HangupCause::we_hung_up:
    case HangupCause::time_limit:
      return EndedReason::no_answer;
  }
  return EndedReason::no_answer;
}

EndedReason reason_with_connection(HangupCause cause, AnsweredBy answered_by) {
  switch (cause) {
    case HangupCause::we_hung_up:
      return answered_by == AnsweredBy::machine ? EndedReason::voicemail_left : EndedReason::agent_hung_up;
    case HangupCause::time_limit:
      return EndedReason::max_duration;
    case HangupCause::network_failure:
      return EndedReason::carrier_failure;
    default:
      return EndedReason::callee_hung_up;
  }
}

// One function an event; the state is never terminal here.
struct Apply {
  Transition result;

  explicit Apply(const Lifecycle& state) { result.next = state; }

  void connect(Instant at, AnsweredBy by) {
    if (result.next.answered_by == AnsweredBy::unknown) result.next.answered_by = by;
    if (result.next.started_at) return;
    result.next.started_at = at;
    result.next.status = Status::in_progress;
    result.started = true;
  }

  void end(Status status, EndedReason reason, Instant at) {
    result.next.status = status;
    result.next.reason = reason;
    result.next.ended_at = result.next.started_at ? std::max(at, *result.next.started_at) : at;
    result.ended = true;
  }

  void operator()(const events::Dialled&) {
    result.next.dialled = true;
    if (result.next.status == Status::queued) result.next.status = Status::ringing;
  }
  void operator()(const events::Ringing& event) {
    (*this)(events::Dialled{});
    if (!result.next.ringing_at) result.next.ringing_at = event.at;
  }
  void operator()(const events::Answered& event) {
    result.next.dialled = true;
    connect(event.at, event.by);
  }
  void operator()(const events::HungUp& event) {
    result.next.dialled = true;
    if (event.answered_at) connect(*event.answered_at, event.answered_by);
    if (!result.next.started_at) return end(Status::failed, reason_without_connection(event.cause), event.at);
    const Status status = event.cause == HangupCause::network_failure ? Status::failed : Status::completed;
    end(status, reason_with_connection(event.cause, result.next.answered_by), event.at);
  }
  void operator()(const events::CancelRequested& event) {
    result.release_line = result.next.dialled;
    end(Status::cancelled, EndedReason::cancelled_by_api, event.at);
  }
  void operator()(const events::HangUpRequested& event) {
    result.release_line = result.next.dialled;
    if (!result.next.started_at) return end(Status::cancelled, EndedReason::hung_up_by_api, event.at);
    end(Status::completed, EndedReason::hung_up_by_api, event.at);
  }
  void operator()(const events::DialFailed& event) {
    if (result.next.started_at) return;
    end(Status::failed, event.reason, event.at);
  }
  void operator()(const events::DeadlinePassed& event) {
    result.release_line = result.next.dialled;
    if (!result.next.started_at) return end(Status::failed, EndedReason::no_answer, event.at);
    end(Status::completed, EndedReason::max_duration, event.at);
  }
  void operator()(const events::Broken& event) {
    result.release_line = result.next.dialled;
    end(Status::failed, event.reason, event.at);
  }
};

}  // namespace

std::string_view to_text(Status status) {
  switch (status) {
    case Status::queued:
      return "queued";
    case Status::ringing:
      return "ringing";
    case Status::in_progress:
      return "in_progress";
    case Status::completed:
      return "completed";
    case Status::failed:
      return "failed";
    case Status::cancelled:
      return "cancelled";
  }
  return "";
}

std::optional<Status> parse_status(std::string_view text) {
  for (const auto status : {Status::queued, Status::ringing, Status::in_progress, Status::completed,
                            Status::failed, Status::cancelled}) {
    if (to_text(status) == text) return status;
  }
  return std::nullopt;
}

std::string_view to_text(EndedReason reason) {
  return reasons[static_cast<std::size_t>(reason)].text;
}
std::string_view fault_of(EndedReason reason) {
  return reasons[static_cast<std::size_t>(reason)].fault;
}

std::optional<EndedReason> parse_ended_reason(std::string_view text) {
  const auto row = std::ranges::find(reasons, text, &ReasonRow::text);
  if (row == reasons.end()) return std::nullopt;
  return row->reason;
}

Transition transition(const Lifecycle& state, const LifecycleEvent& event) {
  if (is_terminal(state.status)) return {.next = state};
  Apply step(state);
  std::visit(step, event);
  step.result.changed = step.result.next != state;
  return step.result;
}

std::int64_t duration_seconds(const Lifecycle& state, std::int64_t max_duration_seconds) {
  if (!state.started_at || !state.ended_at) return 0;
  const std::int64_t whole = (*state.ended_at - *state.started_at) / seconds(1);
  return std::clamp<std::int64_t>(whole, 0, max_duration_seconds);
}

}  // namespace trunkline::calls
