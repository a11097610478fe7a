#include "warehouse/telnyx/webhook.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::size_t body_bytes_max = 1024UL * 1024;

// What all call events have.
CallRow call_of(RowReader& payload, Instant occurred_at, const Reading& reading) {
  CallRow call;
  call.external_call_id = payload.required("call_leg_id");
  call.session_id = payload.text("call_session_id");
  call.from_number = number_in(payload.text("from"), reading);
  call.to_number = number_in(payload.text("to"), reading);
  call.started_at = payload.iso_time("start_time");
  call.status = CallStatus::in_progress;
  call.revision = {.standing = Standing::live_event, .at = occurred_at};
  call.raw_data = stored(payload.row());
  return call;
}

// A call that was cleared normally was answered; whether it was is not in the event.
bool was_answered(std::string_view hangup_cause, const json::Value& payload) {
  const json::Value* quality = payload.find("call_quality_stats");
  return hangup_cause == "normal_clearing" || hangup_cause == "time_limit" ||
         (quality != nullptr && !quality->is_null());
}

void end_call(CallRow& call, RowReader& payload, Instant occurred_at) {
  call.ended_at = occurred_at;
  call.hangup_cause = payload.text("hangup_cause");
  call.disposition = call.hangup_cause;
  const std::string cause = call.hangup_cause.value_or("");
  call.status = telnyx_hangup_status(was_answered(cause, payload.row()), cause);
  call.revision.standing = Standing::ended_event;
}

// Only the part that is the leg's own cost: the others have records of their own, which would count them
// again.
Result<void> add_cost(CallRow& call, const json::Value& payload) {
  call.revision.standing = Standing::event_final;
  const json::Value* parts = payload.find("cost_parts");
  if (parts == nullptr || parts->as_array() == nullptr) return {};
  for (const json::Value& part : *parts->as_array()) {
    if (filled_text_of(part.find("call_part")) != "sip-trunking") continue;
    RowReader reader(part);
    call.cost = reader.amount("cost");
    call.currency = reader.currency("currency");
    call.billable_seconds = reader.integer("billed_duration_secs");
    return reader.result();
  }
  return {};
}

Result<void> add_call(WebhookEvent& event, const json::Value& payload, Instant occurred_at,
                      const Reading& reading) {
  RowReader reader(payload);
  CallRow call = call_of(reader, occurred_at, reading);
  if (event.event_type == "call.initiated") {
    const std::string word = reader.text("direction").value_or("");
    if (word == "incoming") call.direction = Direction::inbound;
    if (word == "outgoing") call.direction = Direction::outbound;
  }
  if (event.event_type == "call.answered") call.answered_at = occurred_at;
  if (event.event_type == "call.hangup") end_call(call, reader, occurred_at);
  if (event.event_type == "call.machine.detection.ended") call.answered_by = reader.text("result");
  if (event.event_type == "call.cost") {
    if (filled_text_of(payload.find("status")) != "success") return reader.result();
    if (const Result<void> added = add_cost(call, payload); !added) return added;
    call.status = CallStatus::unknown;
  }
  if (const Result<void> read = reader.result(); !read) return read;
  event.rows.calls.push_back(std::move(call));
  return {};
}

// Without an id nothing can be stored under it; the list of recordings brings it.
Result<void> add_recording(WebhookEvent& event, const json::Value& payload, Instant occurred_at) {
  RowReader reader(payload);
  const auto id = reader.text("recording_id");
  if (!id) return reader.result();
  RecordingRow recording;
  recording.external_recording_id = *id;
  recording.external_call_id = reader.text("call_leg_id");
  recording.session_id = reader.text("call_session_id");
  const json::Value* links = payload.find("recording_urls");
  for (const std::string_view format : {"mp3", "wav"}) {
    const auto link = links == nullptr ? std::nullopt : filled_text_of(links->find(format));
    if (!link || recording.recording_url) continue;
    recording.recording_url = link;
    recording.recording_url_expires_at = occurred_at + minutes(10);
    recording.format = std::string(format);
  }
  recording.revision = {.standing = Standing::event_final, .at = occurred_at};
  recording.raw_data = stored(payload);
  if (const Result<void> read = reader.result(); !read) return read;
  event.rows.recordings.push_back(std::move(recording));
  return {};
}

Result<void> add_message(WebhookEvent& event, const json::Value& payload, Instant occurred_at,
                         const Reading& reading) {
  Result<MessageRow> row = message(payload, reading);
  if (!row) return fail(row.error());
  const bool is_final = event.event_type == "message.finalized" || event.event_type == "message.received";
  row->revision = {.standing = is_final ? Standing::event_final : Standing::live_event, .at = occurred_at};
  event.rows.messages.push_back(std::move(*row));
  return {};
}

}  // namespace

Result<WebhookEvent> read_event(const json::Value& data, const Reading& reading) {
  RowReader reader(data);
  WebhookEvent event;
  event.event_key = reader.required("id");
  event.event_type = reader.required("event_type");
  event.occurred_at = reader.iso_time("occurred_at");
  const json::Value* payload = data.find("payload");
  if (const Result<void> read = reader.result(); !read) return fail(read.error());
  if (payload == nullptr || payload->as_object() == nullptr) return event;
  const Instant at = event.occurred_at.value_or(Instant());
  Result<void> added;
  if (event.event_type == "call.recording.saved") {
    added = add_recording(event, *payload, at);
  } else if (event.event_type.starts_with("message.")) {
    added = add_message(event, *payload, at, reading);
  } else if (event.event_type.starts_with("call.") && !event.event_type.starts_with("call.recording.")) {
    added = add_call(event, *payload, at, reading);
  }
  if (!added) return fail(malformed_at("/data/payload", added.error().message()));
  return event;
}

Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, std::string_view public_key,
                                  const Reading& reading) {
  if (const Result<void> genuine = verify_webhook(public_key, delivery); !genuine)
    return fail(genuine.error());
  Result<PageText> page = read_page_text(delivery.body, body_bytes_max);
  if (!page)
    return fail(Error(error_codes::provider_malformed, page.error().message()).caused_by(page.error()));
  json::Object* body = page->value.as_object();
  json::Value* data = body == nullptr ? nullptr : body->find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return fail(malformed_at("/data", "must be an object"));
  if (page->is_repaired) note_repairs(*data);
  return read_event(*data, reading);
}

}  // namespace trunkline::warehouse::telnyx
