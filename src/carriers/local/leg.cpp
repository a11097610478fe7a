#include "carriers/local/leg.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace trunkline::carriers::local {
namespace {

constexpr Duration dial_time = seconds(1);
constexpr Duration refusal_time = seconds(2);  // how long the network takes to say busy or unknown
constexpr Duration key_time = milliseconds(400);
constexpr Duration silence_after = seconds(8);  // when the callee has nothing left to say
constexpr Duration parting = seconds(1);        // from the callee's last word to hanging up
constexpr Duration agent_parting = seconds(5);  // the agent gives the callee the time to hang up first
constexpr Instant never = Instant::max();

}  // namespace

Duration speaking_time(std::string_view words) {
  return milliseconds(400) + milliseconds(65) * static_cast<std::int64_t>(count_code_points(words));
}

Leg::Leg(std::shared_ptr<const Callee> callee, const Plan& plan)
    : callee_(std::move(callee)),
      now_(plan.dialled_at),
      ring_timeout_(plan.ring_timeout),
      time_limit_(plan.time_limit) {
  const bool refused = callee_->answer == Answer::busy || callee_->answer == Answer::not_in_service ||
                       callee_->answer == Answer::rejects;
  enter(Phase::dialling, now_ + (refused ? refusal_time : dial_time));
}

void Leg::enter(Phase phase, Instant until) {
  phase_ = phase;
  until_ = until;
}

// The moment that ends an answered call whatever is being said.
std::optional<Instant> Leg::deadline() const {
  if (!answered_at_) return std::nullopt;
  const Instant limit = *answered_at_ + time_limit_;
  return callee_->hangs_up_after ? std::min(limit, *answered_at_ + *callee_->hangs_up_after) : limit;
}

std::optional<Instant> Leg::next_at() const {
  if (phase_ == Phase::ended) return std::nullopt;
  return std::min(until_, deadline().value_or(never));
}

void Leg::advance() {
  if (phase_ == Phase::ended) return;
  const Instant moment = *next_at();
  now_ = moment;
  if (const auto last = deadline(); last && moment == *last) {
    const bool limit = *last == *answered_at_ + time_limit_;
    return end(limit ? HangupCause::time_limit : HangupCause::callee_hung_up, moment);
  }
  switch (phase_) {
    case Phase::dialling:
      if (callee_->answer == Answer::busy) return end(HangupCause::busy, now_);
      if (callee_->answer == Answer::not_in_service) return end(HangupCause::not_in_service, now_);
      if (callee_->answer == Answer::rejects) return end(HangupCause::rejected, now_);
      emit({.kind = EventKind::ringing, .at = now_});
      return enter(
          Phase::ringing,
          now_ + std::min(callee_->answer == Answer::nobody ? ring_timeout_ : callee_->rings, ring_timeout_));
    case Phase::ringing:
      if (callee_->answer == Answer::nobody || callee_->rings >= ring_timeout_) {
        return end(HangupCause::no_answer, now_);
      }
      return answer();
    case Phase::speaking:
      return finish_line();
    case Phase::hearing:
      return react_to_agent();
    case Phase::leaving:
      return end(we_leave_ ? HangupCause::we_hung_up : HangupCause::callee_hung_up, now_);
    case Phase::listening:
    case Phase::ended:
      return;
  }
}

AnsweredBy Leg::who_answered() const {
  return callee_->answer == Answer::machine ? AnsweredBy::machine : AnsweredBy::person;
}

void Leg::answer() {
  answered_at_ = now_;
  emit({.kind = EventKind::answered, .at = now_, .answered_by = who_answered()});
  begin_line(0);
}

// The callee thinks for the line's pause, then speaks. With nothing left to say the line is silent.
void Leg::begin_line(std::size_t line) {
  line_ = line;
  heard_words_.clear();
  pressed_.clear();
  agent_finished_ = false;
  if (line_ >= callee_->lines.size()) return enter(Phase::speaking, now_ + silence_after);
  const Line& next = callee_->lines[line_];
  Instant start = now_ + next.pause;
  if (next.at) start = std::max(start, *answered_at_ + *next.at);
  enter(Phase::speaking, start + speaking_time(next.say));
}

void Leg::finish_line() {
  if (line_ >= callee_->lines.size()) {
    emit({.kind = EventKind::silence, .at = now_});
    return enter(Phase::listening, never);
  }
  const Line& line = callee_->lines[line_];
  emit({.kind = EventKind::speech, .at = now_, .text = line.say});
  if (!line.hang_up) return enter(Phase::listening, never);
  we_leave_ = false;
  enter(Phase::leaving, now_ + parting);
}

bool Leg::say(const Utterance& utterance, Instant now) {
  if (phase_ == Phase::ended || utterance.number <= last_command_) return false;
  last_command_ = utterance.number;
  now_ = std::max(now_, now);
  // Words that begin while others are still being said follow them.
  const Instant begin = phase_ == Phase::hearing ? until_ : now_;
  heard_words_ += utterance.text + ' ';
  agent_finished_ = utterance.last;
  agent_leaves_ = utterance.then_hang_up;
  if (phase_ == Phase::leaving) return true;  // the callee is on the way out and hears no more
  enter(Phase::hearing, begin + speaking_time(utterance.text));
  return true;
}

bool Leg::press(std::int64_t number, std::string_view digits, Instant now) {
  if (phase_ == Phase::ended || number <= last_command_) return false;
  last_command_ = number;
  now_ = std::max(now_, now);
  const Instant begin = phase_ == Phase::hearing ? until_ : now_;
  pressed_ += digits;
  agent_finished_ = true;
  if (phase_ == Phase::leaving) return true;
  enter(Phase::hearing, begin + key_time * static_cast<std::int64_t>(digits.size()));
  return true;
}

// The agent has finished speaking, for now or for this turn.
void Leg::react_to_agent() {
  if (!agent_finished_) return enter(Phase::listening, never);
  if (agent_leaves_) {
    we_leave_ = true;
    return enter(Phase::leaving, now_ + agent_parting);
  }
  if (line_ >= callee_->lines.size()) return begin_line(line_);
  const Line& line = callee_->lines[line_];
  if (!line.keys.empty()) {
    const auto chosen = line.keys.find(pressed_.empty() ? "" : pressed_.substr(pressed_.size() - 1));
    return chosen == line.keys.end() ? begin_line(line_) : go_on(chosen->second);
  }
  for (const auto& [words, label] : line.replies) {
    if (ascii_lower(heard_words_).find(ascii_lower(words)) != std::string::npos) return go_on(label);
  }
  go_on(line.then);
}

void Leg::go_on(std::string_view label) {
  begin_line(callee_->find(label).value_or(line_ + 1));
}

bool Leg::hang_up(Instant now) {
  if (phase_ == Phase::ended) return false;
  now_ = std::max(now_, now);
  end(HangupCause::we_hung_up, now_);
  return true;
}

void Leg::end(HangupCause cause, Instant at) {
  emit({.kind = EventKind::hung_up,
        .at = at,
        .answered_by = answered_at_ ? who_answered() : AnsweredBy::unknown,
        .cause = cause,
        .answered_at = answered_at_});
  enter(Phase::ended, never);
}

void Leg::emit(Emission emission) {
  emission.sequence = ++sequence_;
  last_ = emission;
  emissions_.push_back(std::move(emission));
}

std::vector<Emission> Leg::take_emissions() {
  return std::exchange(emissions_, {});
}

}  // namespace trunkline::carriers::local
