#include "warehouse/telnyx/mapping.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

std::optional<Direction> direction_in(RowReader& reader, std::string_view key) {
  const auto word = reader.text(key);
  if (!word) return std::nullopt;
  const std::string lower = ascii_lower(*word);
  if (lower == "inbound" || lower == "incoming") return Direction::inbound;
  if (lower == "outbound" || lower == "outgoing") return Direction::outbound;
  return std::nullopt;
}

// Links are signed anew for each answer: in raw data they stand without the signature, so that a row that did
// not change does not look changed.
void cut_links(json::Value& raw) {
  for (const std::string_view key : {"download_urls", "recording_urls", "public_recording_urls"}) {
    json::Object* row = raw.as_object();
    json::Value* links = row == nullptr ? nullptr : row->find(key);
    if (links == nullptr || links->as_object() == nullptr) continue;
    for (const std::string_view format : {"mp3", "wav"}) {
      json::Value* link = links->as_object()->find(format);
      if (link != nullptr && link->as_text() != nullptr) *link = url_without_query(*link->as_text());
    }
  }
}

std::string_view message_status(std::string_view word) {
  if (word == "delivered" || word == "received") return word;
  if (word == "webhook_delivered") return "received";
  if (word == "dlr_unconfirmed" || word == "dlr_timeout" || word == "delivery_unconfirmed") return "sent";
  if (word == "failed" || word == "gw_reject" || word == "gw_timeout" || word == "sending_failed" ||
      word == "delivery_failed" || word == "expired")
    return "failed";
  return word;
}

bool is_settled_status(std::string_view status, std::string_view word) {
  return status == "delivered" || status == "received" || status == "failed" || word == "dlr_timeout" ||
         word == "delivery_unconfirmed";
}

// Only a call that was answered can still be charged.
bool is_settled(const CallRow& call) {
  return call.cost || (call.status != CallStatus::completed && call.status != CallStatus::unknown);
}

}  // namespace

std::optional<std::string> number_in(const std::optional<std::string>& text, const Reading& reading) {
  return text ? normalise_number(*text, reading.default_region) : std::nullopt;
}

Result<CallRow> call_record(json::Value row, const Reading& reading) {
  RowReader reader(row);
  CallRow call;
  call.external_call_id = reader.required("id");
  call.session_id = reader.text("telnyx_session_id");
  call.from_number = number_in(reader.text("cli"), reading);
  call.to_number = number_in(reader.text("cld"), reading);
  call.direction = direction_in(reader, "direction");
  if (!call.direction)
    call.direction = direction_by_own_numbers(reading.own_numbers, call.from_number, call.to_number);
  call.leg_direction = direction_in(reader, "leg_direction");
  call.started_at = reader.iso_time("started_at");
  call.answered_at = reader.iso_time("answered_at");
  call.ended_at = reader.iso_time("finished_at");
  call.duration_seconds = reader.integer("call_sec");
  call.billable_seconds = reader.integer("billed_sec");
  call.status = telnyx_record_status(row);
  call.hangup_cause = reader.text("hangup_cause");
  call.disposition = reader.text("hangup_details");
  if (!call.disposition) call.disposition = call.hangup_cause;
  call.cost = reader.amount("cost");
  call.currency = reader.currency("currency");
  call.is_settled = is_settled(call);
  call.raw_data = stored(std::move(row));
  return reader.finish(std::move(call));
}

Result<ChargeRow> charge_record(const json::Value& row, std::string_view component) {
  RowReader reader(row);
  ChargeRow charge;
  const auto leg = reader.text(row.find("telnyx_leg_id") != nullptr ? "telnyx_leg_id" : "call_leg_id");
  const auto session =
      reader.text(row.find("telnyx_session_id") != nullptr ? "telnyx_session_id" : "call_session_id");
  // Kinds share ids: a call-control record has that of its leg.
  std::optional<std::string> id = reader.text("id");
  if (!id) id = leg;
  if (!id) reader.fail_at("id", "is missing");
  charge.external_charge_id = fmt::format("{}:{}", component, id.value_or(""));
  charge.external_call_id = leg;
  charge.session_id = session;
  charge.component = component;
  charge.amount = reader.amount("cost");
  charge.currency = reader.currency("currency");
  if (const auto billed = reader.integer("billed_sec")) charge.quantity = Decimal(*billed);
  for (const std::string_view key : {"started_at", "start_time", "invoked_at", "joined_at", "created_at"}) {
    if (!charge.charged_at) charge.charged_at = reader.iso_time(key);
  }
  charge.raw_data = stored(row);
  return reader.finish(std::move(charge));
}

Result<MessageRow> message_record(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  MessageRow message;
  // /reports/mdrs calls it id.
  message.external_message_id = reader.required(row.find("uuid") != nullptr ? "uuid" : "id");
  message.from_number = number_in(reader.text("cli"), reading);
  message.to_number = number_in(reader.text("cld"), reading);
  message.direction = direction_in(reader, "direction");
  message.message_type = reader.text("message_type");
  if (message.message_type) message.message_type = ascii_lower(*message.message_type);
  const std::string word = ascii_lower(reader.text("status").value_or(""));
  if (!word.empty()) message.status = std::string(message_status(word));
  message.segments = reader.integer("parts");
  message.cost = reader.amount("cost");
  message.currency = reader.currency("currency");
  message.sent_at = reader.iso_time("sent_at");
  if (message.status == "delivered") message.delivered_at = reader.iso_time("completed_at");
  message.is_settled = message.cost && message.status && is_settled_status(*message.status, word);
  message.revision.at = reader.iso_time("updated_at");
  message.raw_data = stored(row);
  return reader.finish(std::move(message));
}

Result<MessageRow> message(const json::Value& data, const Reading& reading) {
  RowReader reader(data);
  MessageRow message;
  message.external_message_id = reader.required("id");
  message.direction = direction_in(reader, "direction");
  message.message_type = reader.text("type");
  if (message.message_type) message.message_type = ascii_lower(*message.message_type);
  const json::Value* from = data.find("from");
  if (from != nullptr) message.from_number = number_in(filled_text_of(from->find("phone_number")), reading);
  const json::Value* to = data.find("to");
  const json::Array* receivers = to == nullptr ? nullptr : to->as_array();
  std::string word;
  if (receivers != nullptr && !receivers->empty()) {
    message.to_number = number_in(filled_text_of(receivers->front().find("phone_number")), reading);
    word = ascii_lower(filled_text_of(receivers->front().find("status")).value_or(""));
    if (!word.empty()) message.status = std::string(message_status(word));
  }
  if (message.direction == Direction::inbound) message.status = "received";
  message.body = text_of(data.find("text"));
  const json::Value* media = data.find("media");
  if (media != nullptr && media->as_array() != nullptr && !media->as_array()->empty()) {
    json::Array urls;
    for (const json::Value& item : *media->as_array()) {
      if (const auto url = filled_text_of(item.find("url"))) urls.emplace_back(*url);
    }
    message.media_urls = std::move(urls);
  }
  message.segments = reader.integer("parts");
  const json::Value* cost = data.find("cost");
  if (cost != nullptr && cost->as_object() != nullptr) {
    RowReader amount(*cost);
    message.cost = amount.amount("amount");
    message.currency = amount.currency("currency");
    if (!amount.result()) reader.fail_at("cost", "is no amount");
  }
  message.sent_at = reader.iso_time("sent_at");
  if (!message.sent_at && message.direction == Direction::inbound)
    message.sent_at = reader.iso_time("received_at");
  if (message.status == "delivered") message.delivered_at = reader.iso_time("completed_at");
  message.is_settled = message.cost && message.status && is_settled_status(*message.status, word);
  message.revision.standing = Standing::detail;
  message.raw_data = stored(data);
  return reader.finish(std::move(message));
}

Result<RecordingRow> recording(const json::Value& row) {
  RowReader reader(row);
  RecordingRow result;
  result.external_recording_id = reader.required("id");
  result.external_call_id = reader.text("call_leg_id");
  result.session_id = reader.text("call_session_id");
  const json::Value* links = row.find("download_urls");
  for (const std::string_view format : {"mp3", "wav"}) {
    const auto link = links == nullptr ? std::nullopt : filled_text_of(links->find(format));
    if (!link) continue;
    result.recording_url = link;
    result.format = std::string(format);
    break;
  }
  if (reader.amount("duration_millis"))
    result.duration_seconds = seconds_of_milliseconds(row.find("duration_millis"));
  result.created_at = reader.iso_time("created_at");
  result.raw_data = stored(row);
  cut_links(result.raw_data);
  return reader.finish(std::move(result));
}

Result<CallRow> report_line(const json::Value& line, const Reading& reading) {
  RowReader reader(line);
  CallRow call;
  call.external_call_id = reader.required("id");
  call.session_id = reader.text("session_id");
  call.from_number = number_in(reader.text("originating_number"), reading);
  call.to_number = number_in(reader.text("terminating_number"), reading);
  call.direction = direction_in(reader, "direction");
  if (!call.direction)
    call.direction = direction_by_own_numbers(reading.own_numbers, call.from_number, call.to_number);
  call.started_at = reader.iso_time("start_time");
  call.answered_at = reader.iso_time("answer_time");
  call.ended_at = reader.iso_time("end_time");
  call.duration_seconds = reader.integer("call_duration");
  call.billable_seconds = reader.integer("billable_duration");
  call.cost = reader.amount("cost");
  call.currency = reader.currency("currency");
  call.hangup_cause = reader.text("hangup_code");
  call.disposition = call.hangup_cause;
  json::Object as_record;
  if (call.answered_at) as_record.set("answered_at", *reader.text("answer_time"));
  as_record.set("call_sec", call.duration_seconds.value_or(0));
  if (call.hangup_cause) as_record.set("hangup_code", *call.hangup_cause);
  call.status = telnyx_record_status(as_record);
  call.is_settled = is_settled(call);
  call.raw_data = stored(line);
  // Thinner than a detail record: it only fills what is empty.
  call.revision.standing = Standing::event_final;
  return reader.finish(std::move(call));
}

Result<BalanceRow> balance(const json::Value& data) {
  RowReader reader(data);
  BalanceRow row;
  const auto amount = reader.amount("balance");
  if (!amount) reader.fail_at("balance", "is missing");
  row.balance = amount.value_or(Decimal());
  row.credit_limit = reader.amount("credit_limit");
  row.currency = reader.currency("currency");
  row.raw_data = stored(data);
  return reader.finish(std::move(row));
}

Result<PhoneNumberRow> phone_number(const json::Value& row, const MonthlyCosts& costs,
                                    const Reading& reading) {
  RowReader reader(row);
  PhoneNumberRow result;
  const std::string text = reader.required("phone_number");
  result.phone_number = normalise_number(text, reading.default_region).value_or(text);
  if (is_e164(result.phone_number)) result.phone_number_e164 = result.phone_number;
  const std::string status = reader.text("status").value_or("");
  if (status == "active" || status == "emergency-only") {
    result.status = "active";
  } else if (status == "deleted" || status == "ported-out") {
    result.status = "released";
  } else if (status.ends_with("-failed")) {
    result.status = "failed";
  } else if (status.ends_with("pending") || status.starts_with("requirement-")) {
    result.status = "pending";
  } else if (!status.empty()) {
    result.status = status;
  }
  if (const auto cost = costs.find(result.phone_number); cost != costs.end()) {
    result.monthly_cost = cost->second.first;
    if (!cost->second.second.empty()) result.currency = cost->second.second;
  }
  result.held_since = reader.iso_time("purchased_at");
  result.metadata = stored(row);
  return reader.finish(std::move(result));
}

Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view name_key) {
  RowReader reader(row);
  ResourceRow result;
  result.kind = kind;
  result.external_id = reader.required("id");
  result.name = name_key.empty() ? std::nullopt : reader.text(name_key);
  if (const json::Value* status = row.find("status"); status != nullptr)
    result.status = filled_text_of(status);
  for (const std::string_view key : {"active", "enabled"}) {
    if (const auto is_on = boolean_of(row.find(key))) result.status = *is_on ? "active" : "inactive";
  }
  result.data = stored(row);
  return reader.finish(std::move(result));
}

}  // namespace trunkline::warehouse::telnyx
