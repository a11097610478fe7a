// One call inside the phone network in a box, as a machine without clock or database: what happens next, and
// when on the call's own clock; what the agent's commands change. The driver (local_carrier.cpp) gives it
// time and a memory.
#pragma once

#include <memory>

#include "base/json/value.hpp"
#include "carriers/carrier.hpp"
#include "carriers/local/callee.hpp"

namespace trunkline::carriers::local {

// What the leg has to tell, without the ids that the driver adds.
struct Emission {
  std::int64_t sequence = 0;
  EventKind kind = EventKind::ringing;
  Instant at{};
  AnsweredBy answered_by = AnsweredBy::unknown;
  std::string text = {};
  HangupCause cause = HangupCause::callee_hung_up;
  std::optional<Instant> answered_at = {};
};

// How long words take to say, at a calm pace.
Duration speaking_time(std::string_view words);

class Leg {
 public:
  struct Plan {
    Instant dialled_at{};
    Duration ring_timeout{};
    Duration time_limit{};
  };
  Leg(std::shared_ptr<const Callee> callee, const Plan& plan);

  // The leg as it was when `save` was called.
  static Result<Leg> restore(std::shared_ptr<const Callee> callee, const json::Value& saved);
  json::Value save() const;

  // When something happens by itself; nothing when the leg has ended.
  std::optional<Instant> next_at() const;
  // Goes to that moment and lets it happen.
  void advance();

  // The agent's commands, at a moment on the leg's clock that is not after `next_at`. False when the leg has
  // ended or has had a command of this number: then nothing happens.
  bool say(const Utterance& utterance, Instant now);
  bool press(std::int64_t number, std::string_view digits, Instant now);
  bool hang_up(Instant now);

  // What has been emitted since the last call.
  std::vector<Emission> take_emissions();
  // The last thing that was emitted, for a listener that may have missed it.
  const std::optional<Emission>& last_emission() const { return last_; }

  Instant now() const { return now_; }
  bool ended() const { return phase_ == Phase::ended; }
  // While it waits for the agent, its clock runs with the real one; else as fast as the network is set to.
  bool waits_for_agent() const { return phase_ == Phase::listening; }

 private:
  enum class Phase : std::uint8_t {
    dialling,  // nothing heard yet
    ringing,
    speaking,   // the callee says the line
    listening,  // the agent's turn
    hearing,    // the agent speaks
    leaving,    // the last word is said; one side hangs up in a moment
    ended,
  };

  Leg() = default;
  void emit(Emission emission);
  void answer();
  AnsweredBy who_answered() const;
  void begin_line(std::size_t line);
  void finish_line();
  void react_to_agent();
  void go_on(std::string_view label);
  void end(HangupCause cause, Instant at);
  void enter(Phase phase, Instant until);
  std::optional<Instant> deadline() const;

  std::shared_ptr<const Callee> callee_;
  Phase phase_ = Phase::dialling;
  Instant now_{};
  Instant until_{};  // when the phase ends by itself; the far future when it does not
  Duration ring_timeout_{};
  Duration time_limit_{};
  std::optional<Instant> answered_at_;
  std::size_t line_ = 0;  // being said or just said; beyond the last: nothing left to say
  std::int64_t sequence_ = 0;
  std::int64_t last_command_ = 0;
  bool agent_finished_ = false;  // the agent's last utterance of this turn is being heard
  bool agent_leaves_ = false;    // after it the agent hangs up
  bool we_leave_ = false;        // in `leaving`: the agent's side hangs up
  std::string heard_words_;      // of the agent in this turn
  std::string pressed_;
  std::vector<Emission> emissions_;
  std::optional<Emission> last_;
};

}  // namespace trunkline::carriers::local
