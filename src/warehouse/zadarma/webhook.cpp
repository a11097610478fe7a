#include "warehouse/zadarma/webhook.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/crypto/compare.hpp"
#include "base/crypto/hash.hpp"
#include "net/http.hpp"

namespace trunkline::warehouse::zadarma {
namespace {

constexpr std::size_t fields_max = 64;

struct SignedFields {
  std::string_view event;
  std::array<std::string_view, 3> fields;
};
constexpr std::array<SignedFields, 11> signed_fields{{
    {"NOTIFY_START", {"caller_id", "called_did", "call_start"}},
    {"NOTIFY_INTERNAL", {"caller_id", "called_did", "call_start"}},
    {"NOTIFY_ANSWER", {"caller_id", "destination", "call_start"}},
    {"NOTIFY_END", {"caller_id", "called_did", "call_start"}},
    {"NOTIFY_OUT_START", {"internal", "destination", "call_start"}},
    {"NOTIFY_OUT_END", {"internal", "destination", "call_start"}},
    {"NOTIFY_RECORD", {"pbx_call_id", "call_id_with_rec", ""}},
    {"NOTIFY_IVR", {"caller_id", "called_did", "call_start"}},
    {"SMS", {"result", "", ""}},
    {"NUMBER_LOOKUP", {"result", "", ""}},
    {"CALL_TRACKING", {"result", "", ""}},
}};

std::string field(const Parameters& fields, std::string_view name) {
  const auto found = fields.find(std::string(name));
  return found == fields.end() ? std::string() : found->second;
}

// The fields as an object, for raw_data and for reading them like any other row.
json::Value object_of(const Parameters& fields) {
  json::Object object;
  for (const auto& [name, value] : fields) object.set(name, repair_text(value).text);
  return object;
}

std::optional<std::string> normal(std::string_view text, const Reading& reading) {
  return normalise_number(text, reading.default_region, true);
}

Result<CallRow> call_of(const json::Value& row, std::string_view event, const Reading& reading) {
  RowReader reader(row);
  CallRow call;
  call.external_call_id = reader.required("pbx_call_id");
  call.session_id = call.external_call_id;
  const bool is_out = event.starts_with("NOTIFY_OUT") || call.external_call_id.starts_with("out_");
  const bool is_end = event.ends_with("_END");
  call.direction = is_out ? Direction::outbound : Direction::inbound;
  const auto from = reader.text(is_out && event != "NOTIFY_OUT_END" ? "internal" : "caller_id");
  const auto to = reader.text(is_out ? "destination" : "called_did");
  if (from) call.from_number = normal(*from, reading);
  if (to) call.to_number = normal(*to, reading);
  json::Value raw = stored(row);
  if (const auto start = reader.text("call_start")) {
    const auto time = reading.zone.read(*start);
    if (!time) reader.fail_at("call_start", "is no local time");
    if (time) {
      call.started_at = time->instant;
      mark_local_time(raw, time->kind);
    }
  }
  call.raw_data = raw;
  call.status = CallStatus::in_progress;
  call.revision.standing = Standing::live_event;
  if (is_end) {
    call.duration_seconds = reader.integer("duration");
    if (call.started_at && call.duration_seconds)
      call.ended_at = *call.started_at + seconds(*call.duration_seconds);
    call.disposition = reader.text("disposition");
    call.status = zadarma_status(call.disposition.value_or(""));
    call.hangup_cause = reader.text("status_code");
    call.has_recording = reader.boolean("is_recorded").value_or(false);
    call.revision.standing = Standing::ended_event;
  }
  return reader.finish(std::move(call));
}

Result<RecordingRow> recording_of(const json::Value& row) {
  RowReader reader(row);
  RecordingRow recording;
  recording.external_recording_id = reader.required("call_id_with_rec");
  recording.external_call_id = reader.required("pbx_call_id");
  recording.session_id = recording.external_call_id;
  recording.format = "mp3";
  recording.raw_data = stored(row);
  recording.revision.standing = Standing::ended_event;
  return reader.finish(std::move(recording));
}

// There is no id and no time: the digest of the body is the id, the arrival is the time.
Result<MessageRow> message_of(const WebhookDelivery& delivery, std::string_view result,
                              const Reading& reading) {
  const Result<PageText> page = read_page_text(result, 1024UL * 1024);
  if (!page || page->value.as_object() == nullptr) return fail(malformed_at("/result", "is no JSON object"));
  json::Value row = page->value;
  if (page->is_repaired) note_repairs(row);
  RowReader reader(row);
  MessageRow message;
  message.external_message_id = hex_encode(crypto::sha256(delivery.body));
  message.from_number = normal(reader.required("caller_id"), reading);
  message.to_number = normal(reader.required("caller_did"), reading);
  message.body = text_of(row.find("text"));
  message.direction = Direction::inbound;
  message.message_type = "sms";
  message.status = "received";
  message.sent_at = delivery.received_at;
  message.is_settled = true;
  message.raw_data = stored(row);
  message.revision.standing = Standing::event_final;
  return reader.finish(std::move(message));
}

Result<void> add_rows(WebhookEvent& event, const Parameters& fields, const WebhookDelivery& delivery,
                      const Reading& reading) {
  if (event.event_type == "SMS") {
    Result<MessageRow> message = message_of(delivery, field(fields, "result"), reading);
    if (!message) return fail(message.error());
    event.rows.messages.push_back(std::move(*message));
    return {};
  }
  if (!event.event_type.starts_with("NOTIFY_") || event.event_type == "NOTIFY_IVR") return {};
  const json::Value row = object_of(fields);
  if (event.event_type == "NOTIFY_RECORD") {
    Result<RecordingRow> recording = recording_of(row);
    if (!recording) return fail(recording.error());
    event.rows.recordings.push_back(std::move(*recording));
    return {};
  }
  // Calls between extensions have no id of their own to be stored under.
  if (field(fields, "pbx_call_id").empty()) return {};
  Result<CallRow> call = call_of(row, event.event_type, reading);
  if (!call) return fail(call.error());
  event.occurred_at = call->ended_at ? call->ended_at : call->started_at;
  call->revision.at = event.occurred_at;
  event.rows.calls.push_back(std::move(*call));
  return {};
}

}  // namespace

std::optional<std::string> signed_text(const Parameters& fields) {
  const std::string event = field(fields, "event");
  const auto* const rule = std::ranges::find(signed_fields, event, &SignedFields::event);
  if (rule == signed_fields.end()) return std::nullopt;
  std::string text;
  for (const std::string_view name : rule->fields) text += name.empty() ? std::string() : field(fields, name);
  return text;
}

bool is_genuine(const Secret& secret, const Parameters& fields, std::string_view signature) {
  const auto text = signed_text(fields);
  return text && crypto::equal_in_constant_time(signature, webhook_signature(secret, *text));
}

Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, const Secret& secret,
                                  const Reading& reading) {
  Parameters fields;
  for (auto& [name, value] : net::parse_query(delivery.body)) {
    // A field that comes twice could be signed in one form and read in the other.
    if (!fields.emplace(name, value).second || fields.size() > fields_max)
      return fail(error_codes::webhook_forged, "The webhook has a field twice, or too many fields.");
  }
  const auto signature = delivery.header("Signature");
  if (!signature || !is_genuine(secret, fields, *signature)) {
    return fail(error_codes::webhook_forged,
                "The webhook's signature does not fit. Check the API secret of the account.");
  }
  WebhookEvent event;
  event.event_type = field(fields, "event");
  if (event.event_type != "SMS") {
    event.event_key = fmt::format("{}|{}|{}", event.event_type, field(fields, "pbx_call_id"),
                                  field(fields, "call_id_with_rec"));
    if (event.event_type == "NOTIFY_INTERNAL") event.event_key += "|" + field(fields, "internal");
  }
  if (event.event_type == "NUMBER_LOOKUP" || event.event_type == "CALL_TRACKING") event.event_key.clear();
  if (const Result<void> added = add_rows(event, fields, delivery, reading); !added)
    return fail(added.error());
  return event;
}

std::optional<std::string> echo_answer(std::string_view query) {
  for (const auto& [name, value] : net::parse_query(query)) {
    if (name == "zd_echo") return value;
  }
  return std::nullopt;
}

}  // namespace trunkline::warehouse::zadarma
