// The port to whoever carries a call to the telephone network. The call engine speaks to this; Twilio,
// Telnyx, Retell and the phone network in a box (carriers/local) stand behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/phone_number.hpp"

namespace trunkline::carriers {

enum class EventKind : std::uint8_t {
  ringing,
  answered,
  speech,   // the other side has said something, as text
  digits,   // the other side has pressed keys
  silence,  // the other side was expected to speak and did not
  hung_up,
};

enum class AnsweredBy : std::uint8_t { unknown, person, machine };

enum class HangupCause : std::uint8_t {
  callee_hung_up,
  we_hung_up,  // because the engine asked for it
  busy,
  no_answer,
  not_in_service,  // no such number
  rejected,
  time_limit,  // DialRequest::time_limit was reached
  network_failure,
};

// What a carrier tells. It may come twice, late and out of order; what it says is true for the moment `at`.
struct CallEvent {
  AccountId account;
  CallId call;
  std::string provider_call_id;
  std::int64_t sequence = 0;  // 1, 2, 3 … within the call
  EventKind kind = EventKind::ringing;
  Instant at{};                                  // the carrier's clock ("call time")
  AnsweredBy answered_by = AnsweredBy::unknown;  // answered and hung_up
  std::string text = {};                         // speech: the words; digits: the keys
  HangupCause cause = HangupCause::callee_hung_up;
  std::optional<Instant> answered_at =
      {};  // hung_up: when it was answered, if it was, so that it stands on its own
};

// Who hears the events. Returns when the event is durable: until then the carrier keeps it. An error asks for
// it again.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual Result<void> on_event(const CallEvent& event) = 0;  // suspends
};

struct DialRequest {
  AccountId account;
  CallId call;  // the carrier carries it along, so that the call can be found by it
  PhoneNumber to;
  PhoneNumber from;
  Duration ring_timeout{};
  Duration time_limit{};  // from the answer on
};

// One thing for the agent to say. Commands of a call are numbered; a carrier that gets a number again ignores
// it.
struct Utterance {
  std::int64_t number = 0;
  std::string text;
  std::string language;  // BCP 47
  std::string voice;     // male, female, auto
  bool last = true;      // nothing more follows: now the other side is heard
  bool then_hang_up = false;
};

// A call at its carrier.
struct Leg {
  AccountId account;
  CallId call;
  std::string provider_call_id;
};

enum class Presence : std::uint8_t {
  absent,  // the carrier knows for certain that it was never asked to dial this call
  present,
  unknown,  // it cannot tell
};

struct LookUp {
  Presence presence = Presence::unknown;
  std::string provider_call_id = {};
};

namespace error_codes {
// Nothing was dialled and nothing will be.
inline constexpr ErrorCode dial_refused{"dial_refused", ErrorKind::unavailable};
// It may have been dialled. Never dial again: look it up.
inline constexpr ErrorCode dial_ambiguous{"dial_ambiguous", ErrorKind::timed_out};
inline constexpr ErrorCode leg_gone{"leg_gone", ErrorKind::not_found};
}  // namespace error_codes

class Carrier {
 public:
  virtual ~Carrier() = default;

  virtual std::string_view name() const = 0;
  // The number to call that destination from; nothing when there is none. `country` is the customer's word
  // for where it is, "" without one.
  virtual std::optional<PhoneNumber> caller_number(const PhoneNumber& to, std::string_view country) const = 0;

  // All of these suspend. `dial` gives the provider's id; events follow. Fails with the codes above.
  virtual Result<std::string> dial(const DialRequest& request) = 0;
  virtual Result<LookUp> look_up(AccountId account, CallId call) = 0;
  virtual Result<void> say(const Leg& leg, const Utterance& utterance) = 0;
  virtual Result<void> press(const Leg& leg, std::int64_t number, std::string_view digits) = 0;
  virtual Result<void> hang_up(const Leg& leg) = 0;

  // Deletes what the carrier keeps about a call that has ended, because its person is to be erased. May be
  // asked again. A carrier without a memory of its own has nothing to do. Suspends.
  virtual Result<void> forget(AccountId /*account*/, CallId /*call*/) { return {}; }

  // What the carrier's clock shows, given an event's time and when it came. Only a simulated network has a
  // clock that runs at another pace.
  virtual Instant call_time(Instant event_at, Instant event_received_at, Instant now) const {
    return event_at + (now - event_received_at);
  }
};

std::string_view to_text(EventKind kind);
std::string_view to_text(AnsweredBy answered_by);
std::string_view to_text(HangupCause cause);
std::optional<AnsweredBy> parse_answered_by(std::string_view text);

}  // namespace trunkline::carriers
