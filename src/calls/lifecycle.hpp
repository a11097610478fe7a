// The life of a call as a pure function: state and event in, next state and consequences out
// (contracts/voice-api.md, section 3.6). No event order can lead to a state that another order would not have
// led to: what a carrier reports twice or late changes nothing, and the last event tells all that the ones
// before it said.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "carriers/carrier.hpp"

namespace trunkline::calls {

// `cancelled` has two l here, in contrast to a subscription's `canceled`.
enum class Status : std::uint8_t { queued, ringing, in_progress, completed, failed, cancelled };

std::string_view to_text(Status status);
std::optional<Status> parse_status(std::string_view text);
inline bool is_terminal(Status status) {
  return status >= Status::completed;
}

// Why a call ended.
enum class EndedReason : std::uint8_t {
  none,  // it has not
  callee_hung_up,
  agent_hung_up,
  voicemail_left,  // a machine answered and the agent left its message
  hung_up_by_api,
  cancelled_by_api,
  max_duration,
  busy,
  no_answer,
  not_in_service,
  rejected,
  dial_failed,       // the carrier refused to dial
  dial_unconfirmed,  // it cannot be known whether the carrier dialled; never dialled again
  carrier_failure,   // the carrier broke the call off
  platform_failure,  // we did
};

std::string_view to_text(EndedReason reason);
std::optional<EndedReason> parse_ended_reason(std::string_view text);

// On whose side the reason lies: "caller", "callee", "customer", "provider", "platform", "" while it has not
// ended.
std::string_view fault_of(EndedReason reason);

struct Lifecycle {
  Status status = Status::queued;
  bool dialled = false;  // the carrier has been asked, or is being asked
  std::optional<Instant> ringing_at = {};
  std::optional<Instant> started_at = {};  // set exactly when it connected
  std::optional<Instant> ended_at = {};
  carriers::AnsweredBy answered_by = carriers::AnsweredBy::unknown;
  EndedReason reason = EndedReason::none;

  friend bool operator==(const Lifecycle&, const Lifecycle&) = default;
};

namespace events {
struct Dialled {};  // the carrier has accepted the dial
struct Ringing {
  Instant at;
};
struct Answered {
  Instant at;
  carriers::AnsweredBy by = carriers::AnsweredBy::unknown;
};
struct HungUp {
  Instant at;
  carriers::HangupCause cause = carriers::HangupCause::callee_hung_up;
  std::optional<Instant> answered_at = {};  // when it was answered, if it was
  carriers::AnsweredBy answered_by = carriers::AnsweredBy::unknown;
};
struct CancelRequested {
  Instant at;
};
struct HangUpRequested {
  Instant at;
};
struct DialFailed {
  Instant at;
  EndedReason reason = EndedReason::dial_failed;
};
struct DeadlinePassed {  // the carrier should have ended it, and has not
  Instant at;
};
struct Broken {
  Instant at;
  EndedReason reason = EndedReason::platform_failure;
};
}  // namespace events

using LifecycleEvent =
    std::variant<events::Dialled, events::Ringing, events::Answered, events::HungUp, events::CancelRequested,
                 events::HangUpRequested, events::DialFailed, events::DeadlinePassed, events::Broken>;

struct Transition {
  Lifecycle next;
  bool changed = false;       // anything at all
  bool started = false;       // it connected: call.started
  bool ended = false;         // it reached a terminal status: its event, and the bill if it had connected
  bool release_line = false;  // the carrier must be told to hang up
};

Transition transition(const Lifecycle& state, const LifecycleEvent& event);

// The length of the connected part in whole seconds, cut; at most the maximum, whatever the carrier says.
std::int64_t duration_seconds(const Lifecycle& state, std::int64_t max_duration_seconds);

}  // namespace trunkline::calls
