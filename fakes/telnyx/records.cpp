// The JSON of the records (contracts/telnyx.md, sections 6, 7 and 8), in the shapes of live answers.
#include <fmt/core.h>

#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes::telnyx {
namespace {

constexpr std::string_view connection_id = "1293384261075731499";
constexpr std::string_view application_id = "1293384261075731600";
constexpr std::string_view profile_id = "abc85f64-5717-4562-b3fc-2c9600000000";

std::string precise(Instant instant) {
  return format_rfc3339(instant);
}

// Cost and currency, which are not there before the record is rated.
void add_cost(json::Object& row, const Decimal& amount, std::int64_t index, bool is_rated) {
  row.set("cost", is_rated ? json::Value(amount_text(amount, index)) : json::Value());
  row.set("currency", is_rated ? json::Value("USD") : json::Value());
}

json::Value with_odd_types(const json::Value& row) {
  json::Object odd;
  for (const auto& [key, value] : *row.as_object()) {
    if (const auto number = value.number_text()) {
      odd.set(key, *number);
    } else {
      odd.set(key, value);
    }
  }
  odd.set("something_new", json::object({{"nested", true}}));
  return odd;
}

}  // namespace

json::Value World::sip_row(const Call& call, int leg, Instant now) const {
  const bool is_charged = leg == call.charged_leg();
  const bool is_rated = now >= call.cost_at;
  const bool faces_network = is_charged == call.is_outbound;
  json::Object row{
      {"record_type", "sip-trunking"},
      {"id", leg_id(call, leg)},
      {"telnyx_session_id", session_id(call)},
      {"sip_call_id", fmt::format("{}@pbx.example.com", leg_id(call, leg).substr(0, 8))},
      {"call_control_id", ""},
      {"direction", call.is_outbound ? "outbound" : "inbound"},
      {"leg_direction", faces_network ? "outbound" : "inbound"},
      {"cli", call.cli()},
      {"cld", call.cld()},
      {"started_at", iso(call.start)},
      {"answered_at", call.answered ? json::Value(iso(*call.answered)) : json::Value()},
      {"finished_at", iso(call.end)},
      {"attempted", 1},
      {"connected", call.answered ? 1 : 0},
      {"completed", call.answered ? 1 : 0},
      {"call_sec", call.seconds},
      {"billed_sec", is_charged ? call.billed_seconds : 0},
      {"rate", is_charged ? call.rate.to_text(4) : "0.0"},
      {"rate_measured_in", "minutes"},
      {"hangup_cause", call.hangup_cause},
      {"hangup_details", call.hangup_details},
      {"hangup_code", call.hangup_code},
      {"sip_invite_failure_status", call.sip_failure},
      {"telnyx_error_code", ""},
      {"connection_id", connection_id},
      {"outbound_profile_id", "1293384261075731500"},
      {"country_code", 61},
      {"tags", ""},
      {"lrn", ""},
  };
  add_cost(row, leg_cost(call, leg), call.index, is_rated);
  return row;
}

json::Value World::control_row(const Call& call, Instant now) const {
  json::Object row{{"record_type", "call-control"},
                   {"id", leg_id(call, call.charged_leg())},
                   {"telnyx_leg_id", leg_id(call, call.charged_leg())},
                   {"telnyx_session_id", session_id(call)},
                   {"cli", call.cli()},
                   {"cld", call.cld()},
                   {"direction", call.is_outbound ? "outbound" : "inbound"},
                   {"started_at", iso(call.start)},
                   {"finished_at", iso(call.end)},
                   {"call_sec", std::to_string(call.seconds)},
                   {"billed_sec", std::to_string(call.billed_seconds)},
                   {"rate", "0.002"},
                   {"rate_measured_in", "minutes"},
                   {"connection_id", application_id},
                   {"tags", ""}};
  add_cost(row, control_cost(call), call.index, now >= call.cost_at);
  return row;
}

json::Value World::amd_row(const Call& call, Instant now) const {
  json::Object row{{"record_type", "amd_detail_record"},
                   {"id", amd_id(call)},
                   {"call_leg_id", leg_id(call, call.charged_leg())},
                   {"call_session_id", session_id(call)},
                   {"connection_id", connection_id},
                   {"feature", "PREMIUM"},
                   {"invoked_at", iso(*call.answered)},
                   {"is_telnyx_billable", true},
                   {"rate", "0.0065"},
                   {"rate_measured_in", "invocations"},
                   {"tags", ""}};
  add_cost(row, amd_cost(), call.index, now >= call.cost_at);
  return row;
}

json::Value World::recording_charge_row(const Call& call, Instant now) const {
  json::Object row{{"record_type", "recording"},
                   {"id", recording_id(call)},
                   {"telnyx_session_id", session_id(call)},
                   {"started_at", iso(*call.answered)},
                   {"finished_at", iso(call.end)},
                   {"billed_sec", call.billed_seconds},
                   {"rate", "1.666E-4"}};
  add_cost(row, recording_cost(call), call.index, now >= call.cost_at);
  return row;
}

json::Value World::messaging_row(const Message& message, Instant now) const {
  const bool is_settled = now >= message.settled_at;
  json::Object row{
      {"record_type", "message_detail_record"},
      {"uuid", message_id(message)},
      {"direction", message.is_outbound ? "outbound" : "inbound"},
      {"cli", message.from},
      {"cld", message.to},
      {"message_type", "SMS"},
      {"status", is_settled || !message.is_outbound ? message.status : "dlr_unconfirmed"},
      {"parts", message.parts},
      {"rate", message.rate.to_text(4)},
      {"carrier_fee", "0.0000"},
      {"created_at", iso(message.created)},
      {"sent_at", iso(message.created + seconds(1))},
      {"completed_at", is_settled ? json::Value(iso(message.created + seconds(5))) : json::Value()},
      {"updated_at", iso(is_settled ? message.settled_at : message.created)},
      {"errors", message.status == "failed" ? json::array({"40001"}) : json::Value(json::Array())},
      {"profile_id", profile_id},
      {"profile_name", "Grüße"},
      {"country_code", "AU"},
      {"tags", "sydney,main"}};
  add_cost(row, message_cost(message), message.index, now >= message.cost_at);
  return row;
}

json::Value World::row(Record record, const RowPattern::Place& place, Instant now, bool odd_types) const {
  const auto make = [&] {
    switch (record) {
      case Record::sip_trunking:
        return sip_row(call(place.event), place.row, now);
      case Record::call_control:
        return control_row(call(place.event), now);
      case Record::amd:
        return amd_row(call(place.event), now);
      case Record::recording:
        return recording_charge_row(call(place.event), now);
      case Record::messaging:
        return messaging_row(message(place.event), now);
    }
    return json::Value();
  };
  return odd_types ? with_odd_types(make()) : make();
}

json::Value World::recording(const Call& call, std::string_view base_url) const {
  const auto link = [&](std::string_view format) {
    return fmt::format("{}/recordings/{}.{}?X-Amz-Expires=600&X-Amz-Signature=fake", base_url,
                       recording_id(call), format);
  };
  return json::object({{"record_type", "recording"},
                       {"id", recording_id(call)},
                       {"call_leg_id", leg_id(call, call.charged_leg())},
                       {"call_session_id", session_id(call)},
                       {"call_control_id", control_id(call)},
                       {"conference_id", ""},
                       {"connection_id", connection_id},
                       {"channels", "dual"},
                       {"source", "call"},
                       {"status", "completed"},
                       {"duration_millis", call.seconds * 1000 + call.index % 1000},
                       {"recording_started_at", precise(*call.answered)},
                       {"recording_ended_at", precise(call.end)},
                       {"created_at", precise(call.end + seconds(15))},
                       {"updated_at", precise(call.end + seconds(15))},
                       {"from", call.cli()},
                       {"to", call.cld()},
                       {"initiated_by", "Trunking"},
                       {"download_urls", json::object({{"mp3", link("mp3")}, {"wav", link("wav")}})}});
}

json::Value World::message_body(const Message& message, Instant now) const {
  const bool is_settled = now >= message.settled_at;
  const std::string status = message.status == "received"    ? "webhook_delivered"
                             : !is_settled                   ? "sent"
                             : message.status == "delivered" ? "delivered"
                             : message.status == "failed"    ? "delivery_failed"
                                                             : "delivery_unconfirmed";
  const json::Value cost =
      now >= message.cost_at
          ? json::object({{"amount", amount_text(message_cost(message), message.index)}, {"currency", "USD"}})
          : json::Value();
  return json::object(
      {{"record_type", "message"},
       {"id", message_id(message)},
       {"direction", message.is_outbound ? "outbound" : "inbound"},
       {"type", "SMS"},
       {"messaging_profile_id", profile_id},
       {"from", json::object({{"carrier", "Telnyx"}, {"line_type", ""}, {"phone_number", message.from}})},
       {"to", json::array({json::object({{"carrier", "TELSTRA"},
                                         {"line_type", "Wireless"},
                                         {"phone_number", message.to},
                                         {"status", status}})})},
       {"cc", json::Array()},
       {"text", message.text},
       {"media", json::Array()},
       {"encoding", "UCS-2"},
       {"parts", message.parts},
       {"tags", json::Array()},
       {"cost", cost},
       {"received_at", precise(message.created)},
       {"sent_at", precise(message.created + seconds(1))},
       {"completed_at", is_settled ? json::Value(precise(message.created + seconds(5))) : json::Value()},
       {"errors", json::Array()},
       {"valid_until", nullptr},
       {"webhook_url", "https://hooks.example.com/telnyx/sms"}});
}

}  // namespace trunkline::fakes::telnyx
