// A leg as JSON, for the carrier's memory.
#include "carriers/local/leg.hpp"

namespace trunkline::carriers::local {
namespace {

json::Value saved(const std::optional<Instant>& instant) {
  if (!instant) return nullptr;
  return to_microseconds(*instant);
}

std::int64_t integer(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? 0 : value->as_integer().value_or(0);
}

std::optional<Instant> instant(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const auto since_epoch = value == nullptr ? std::nullopt : value->as_integer();
  if (!since_epoch) return std::nullopt;
  return from_microseconds(*since_epoch);
}

bool flag(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->as_bool().value_or(false);
}

std::string text(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  const std::string* held = value == nullptr ? nullptr : value->as_text();
  return held == nullptr ? "" : *held;
}

json::Value save_emission(const Emission& emission) {
  return json::object({{"sequence", emission.sequence},
                       {"kind", static_cast<std::int64_t>(emission.kind)},
                       {"at", to_microseconds(emission.at)},
                       {"answered_by", static_cast<std::int64_t>(emission.answered_by)},
                       {"text", emission.text},
                       {"cause", static_cast<std::int64_t>(emission.cause)},
                       {"answered_at", saved(emission.answered_at)}});
}

Emission restore_emission(const json::Value& object) {
  return {.sequence = integer(object, "sequence"),
          .kind = static_cast<EventKind>(integer(object, "kind")),
          .at = instant(object, "at").value_or(Instant()),
          .answered_by = static_cast<AnsweredBy>(integer(object, "answered_by")),
          .text = text(object, "text"),
          .cause = static_cast<HangupCause>(integer(object, "cause")),
          .answered_at = instant(object, "answered_at")};
}

}  // namespace

json::Value Leg::save() const {
  return json::object({{"phase", static_cast<std::int64_t>(phase_)},
                       {"now", to_microseconds(now_)},
                       {"until", to_microseconds(until_)},
                       {"ring_timeout", ring_timeout_.count()},
                       {"time_limit", time_limit_.count()},
                       {"answered_at", saved(answered_at_)},
                       {"line", line_},
                       {"sequence", sequence_},
                       {"last_command", last_command_},
                       {"agent_finished", agent_finished_},
                       {"agent_leaves", agent_leaves_},
                       {"we_leave", we_leave_},
                       {"heard_words", heard_words_},
                       {"pressed", pressed_},
                       {"last", last_ ? save_emission(*last_) : json::Value()}});
}

Result<Leg> Leg::restore(std::shared_ptr<const Callee> callee, const json::Value& saved) {
  if (saved.as_object() == nullptr)
    return fail(error_codes::scenario_invalid, "The leg's memory is unreadable.");
  Leg leg;
  leg.callee_ = std::move(callee);
  leg.phase_ = static_cast<Phase>(integer(saved, "phase"));
  leg.now_ = instant(saved, "now").value_or(Instant());
  leg.until_ = instant(saved, "until").value_or(Instant::max());
  leg.ring_timeout_ = Duration(integer(saved, "ring_timeout"));
  leg.time_limit_ = Duration(integer(saved, "time_limit"));
  leg.answered_at_ = instant(saved, "answered_at");
  leg.line_ = static_cast<std::size_t>(integer(saved, "line"));
  leg.sequence_ = integer(saved, "sequence");
  leg.last_command_ = integer(saved, "last_command");
  leg.agent_finished_ = flag(saved, "agent_finished");
  leg.agent_leaves_ = flag(saved, "agent_leaves");
  leg.we_leave_ = flag(saved, "we_leave");
  leg.heard_words_ = text(saved, "heard_words");
  leg.pressed_ = text(saved, "pressed");
  const json::Value* last = saved.find("last");
  if (last != nullptr && !last->is_null()) leg.last_ = restore_emission(*last);
  return leg;
}

}  // namespace trunkline::carriers::local
