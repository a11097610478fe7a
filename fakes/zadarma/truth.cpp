// What the warehouse makes of the simulated calls (contracts/warehouse.md, sections 6.1 and 6.4).
#include "fakes/zadarma/world.hpp"

namespace trunkline::fakes::zadarma {
namespace {

std::string_view status_of(std::string_view disposition) {
  if (disposition == "answered") return "completed";
  if (disposition == "no answer") return "no_answer";
  if (disposition == "cancel") return "canceled";
  if (disposition == "busy") return "busy";
  return "failed";
}

std::string_view direction_of(CallKind kind) {
  if (kind == CallKind::internal) return "internal";
  return kind == CallKind::inbound ? "inbound" : "outbound";
}

std::string_view pbx_disposition(const Call& call) {
  return call.legs.back().disposition;
}

TrueCall true_pbx_row(const Call& call, bool is_correlated) {
  TrueCall row;
  const bool is_in = call.kind == CallKind::inbound;
  const std::string extension = std::to_string(call.legs.back().extension);
  row.external_call_id = call.pbx_call_id.empty() ? call.legs.front().call_id : call.pbx_call_id;
  if (!call.pbx_call_id.empty()) row.session_id = call.pbx_call_id;
  row.direction = direction_of(call.kind);
  row.from_number = is_in ? e164_of(call.remote) : std::to_string(call.legs.front().extension);
  row.to_number = is_in ? extension : e164_of(call.remote);
  if (call.kind == CallKind::internal)
    row.to_number = std::to_string(100 + (call.legs.front().extension - 99) % 3);
  row.started_at = call.start;
  row.duration_seconds = call.seconds;
  row.status = status_of(pbx_disposition(call));
  row.disposition = pbx_disposition(call);
  for (const Leg& leg : call.legs) row.has_recording = row.has_recording || leg.is_recorded;
  if (!is_correlated) return row;
  (is_in ? row.to_number : row.from_number) = e164_of(call.own.digits);
  row.billable_seconds = call.seconds;
  row.cost = call.charge();
  if (row.cost) row.currency = call.own.currency;
  return row;
}

TrueCall true_billed_row(const Call& call, Instant shown_start, bool is_correlated) {
  TrueCall row;
  const bool is_in = call.kind == CallKind::inbound;
  row.external_call_id = std::to_string(155'000'000 + call.index);
  row.from_number = e164_of(is_in ? call.remote : call.own.digits);
  row.to_number = e164_of(is_in ? std::string(call.own.digits) : call.remote);
  row.direction = direction_of(call.kind);
  row.started_at = shown_start;
  row.duration_seconds = call.seconds;
  row.billable_seconds = call.seconds;
  row.status = status_of(call.disposition);
  row.disposition = call.disposition;
  row.is_primary = !is_correlated;
  if (!is_in) {
    row.currency = call.own.currency;
    if (!is_correlated) row.cost = call.charge();
  }
  return row;
}

}  // namespace

void World::each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const {
  for (std::int64_t index = series_.first_from(from); index < series_.first_from(to); ++index) {
    const Call each = call(index);
    // In the hour that comes twice, only a PBX row's call_id tells which one it was: without it the first is
    // taken (section 5), and then the two rows lie too far apart to be paired.
    const Instant shown_start = *local_.earliest(local_.write(each.start));
    const bool has_both = each.kind == CallKind::inbound || each.kind == CallKind::outbound_pbx;
    const bool is_correlated = has_both && shown_start == each.start;
    if (each.kind != CallKind::outbound_sip) take(true_pbx_row(each, is_correlated));
    if (each.kind != CallKind::internal) take(true_billed_row(each, shown_start, is_correlated));
  }
}

void World::each_recording(Instant from, Instant to,
                           const std::function<void(const TrueRecording&)>& take) const {
  for (std::int64_t index = series_.first_from(from); index < series_.first_from(to); ++index) {
    const Call each = call(index);
    for (const Leg& leg : each.legs) {
      if (leg.is_recorded) take({leg.call_id, each.pbx_call_id, leg.seconds});
    }
  }
}

}  // namespace trunkline::fakes::zadarma
