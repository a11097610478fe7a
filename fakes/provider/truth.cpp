#include "fakes/provider/truth.hpp"

namespace trunkline::fakes {
namespace {

json::Value of(const std::optional<std::string>& text) {
  return text ? json::Value(*text) : json::Value();
}
json::Value of(const std::optional<Instant>& instant) {
  return instant ? json::Value(format_rfc3339(*instant)) : json::Value();
}
json::Value of(const std::optional<Decimal>& amount) {
  return amount ? json::Value(amount->to_text()) : json::Value();
}
json::Value of(const std::optional<std::int64_t>& number) {
  return number ? json::Value(*number) : json::Value();
}

}  // namespace

json::Value to_json(const TrueCall& call) {
  return json::object({{"external_call_id", call.external_call_id},
                       {"session_id", of(call.session_id)},
                       {"from_number", of(call.from_number)},
                       {"to_number", of(call.to_number)},
                       {"direction", of(call.direction)},
                       {"started_at", format_rfc3339(call.started_at)},
                       {"answered_at", of(call.answered_at)},
                       {"ended_at", of(call.ended_at)},
                       {"duration_seconds", call.duration_seconds},
                       {"billable_seconds", of(call.billable_seconds)},
                       {"status", call.status},
                       {"disposition", of(call.disposition)},
                       {"cost", of(call.cost)},
                       {"currency", of(call.currency)},
                       {"has_recording", call.has_recording},
                       {"is_primary", call.is_primary},
                       {"retell_agent_id", of(call.retell_agent_id)},
                       {"retell_agent_name", of(call.retell_agent_name)}});
}

json::Value to_json(const TrueMessage& message) {
  return json::object({{"external_message_id", message.external_message_id},
                       {"from_number", message.from_number},
                       {"to_number", message.to_number},
                       {"direction", message.direction},
                       {"status", message.status},
                       {"sent_at", of(message.sent_at)},
                       {"delivered_at", of(message.delivered_at)},
                       {"segments", message.segments},
                       {"cost", of(message.cost)},
                       {"currency", of(message.currency)},
                       {"body", message.body}});
}

json::Value to_json(const TrueRecording& recording) {
  return json::object({{"external_recording_id", recording.external_recording_id},
                       {"external_call_id", recording.external_call_id},
                       {"duration_seconds", recording.duration_seconds}});
}

json::Value to_json(const TrueCharge& charge) {
  return json::object({{"external_charge_id", charge.external_charge_id},
                       {"session_id", charge.session_id},
                       {"component", charge.component},
                       {"amount", charge.amount.to_text()},
                       {"currency", charge.currency}});
}

}  // namespace trunkline::fakes
