// What the warehouse makes of the simulated records (contracts/warehouse.md, sections 6.1, 6.2 and 6.4).
#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes::telnyx {
namespace {

TrueCall true_leg(const World& world, const Call& call, int leg) {
  TrueCall row;
  row.external_call_id = world.leg_id(call, leg);
  row.session_id = world.session_id(call);
  row.from_number = call.cli();
  row.to_number = call.cld();
  row.direction = call.is_outbound ? "outbound" : "inbound";
  row.started_at = call.start;
  row.answered_at = call.answered;
  row.ended_at = call.end;
  row.duration_seconds = call.seconds;
  row.billable_seconds = leg == call.charged_leg() ? call.billed_seconds : 0;
  row.status = call.status;
  row.disposition = call.hangup_details;
  row.cost = leg_cost(call, leg);
  row.currency = "USD";
  row.has_recording = call.is_programmable() && leg == call.charged_leg();
  // The dearest leg; among equals the one that faces the network as the call does, then the smaller id. Of
  // legs that cost nothing the charged one faces outward for outbound calls, and inward for inbound ones.
  row.is_primary = leg == call.charged_leg();
  return row;
}

}  // namespace

void World::each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const {
  for (std::int64_t index = calls_.first_from(from); index < calls_.first_from(to); ++index) {
    const Call each = call(index);
    for (int leg = 0; leg < each.legs; ++leg) take(true_leg(*this, each, leg));
  }
}

void World::each_charge(Instant from, Instant to, const std::function<void(const TrueCharge&)>& take) const {
  for (std::int64_t index = calls_.first_from(from); index < calls_.first_from(to); ++index) {
    const Call each = call(index);
    const std::string session = session_id(each);
    if (each.is_programmable()) {
      const std::string leg = leg_id(each, each.charged_leg());
      take({"call_control:" + leg, session, "call_control", control_cost(each), "USD"});
      take({"recording:" + recording_id(each), session, "recording", recording_cost(each), "USD"});
    }
    if (each.has_machine_detection()) take({"amd:" + amd_id(each), session, "amd", amd_cost(), "USD"});
  }
}

void World::each_recording(Instant from, Instant to,
                           const std::function<void(const TrueRecording&)>& take) const {
  for (std::int64_t index = calls_.first_from(from); index < calls_.first_from(to); ++index) {
    const Call each = call(index);
    if (!each.is_programmable()) continue;
    // Milliseconds, half up.
    take({recording_id(each), leg_id(each, each.charged_leg()), each.seconds + (index % 1000 + 500) / 1000});
  }
}

void World::each_rental(Instant until, const std::function<void(const TrueRental&)>& take) const {
  for (const OwnNumber& each : all_numbers()) {
    const Instant end = std::min(until, each.given_back_at.value_or(until));
    for (Month month = month_of(each.bought_at); month.begin() < end; month = month_of(month.end()))
      take({to_text(month) + "-01", each.number, number_price(), "USD"});
  }
}

void World::each_message(Instant from, Instant to,
                         const std::function<void(const TrueMessage&)>& take) const {
  for (std::int64_t index = messages_.first_from(from); index < messages_.first_from(to); ++index) {
    const Message each = message(index);
    TrueMessage row;
    row.external_message_id = message_id(each);
    row.from_number = each.from;
    row.to_number = each.to;
    row.direction = each.is_outbound ? "outbound" : "inbound";
    row.status = each.status == "dlr_timeout" ? "sent" : each.status;
    row.sent_at = std::chrono::floor<seconds>(each.created + seconds(1));
    if (each.status == "delivered") row.delivered_at = std::chrono::floor<seconds>(each.created + seconds(5));
    row.segments = each.parts;
    row.cost = message_cost(each);
    row.currency = "USD";
    row.body = each.text;
    take(row);
  }
}

}  // namespace trunkline::fakes::telnyx
