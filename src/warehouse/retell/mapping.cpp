#include "warehouse/retell/mapping.hpp"

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"

namespace trunkline::warehouse::retell {
namespace {

struct RecordingKind {
  std::string_view key;
  std::string_view suffix;
};
constexpr std::array<RecordingKind, 4> recording_kinds{{
    {"recording_url", ""},
    {"recording_multi_channel_url", ":multi"},
    {"scrubbed_recording_url", ":scrubbed"},
    {"scrubbed_recording_multi_channel_url", ":scrubbed_multi"},
}};

std::optional<std::string> number(const std::optional<std::string>& text, const Reading& reading) {
  return text ? normalise_number(*text, reading.default_region) : std::nullopt;
}

// Signed links differ in each answer: in raw data they stand without the signature, so that a call that did
// not change does not look changed.
json::Value raw_of(const json::Value& call) {
  json::Value raw = stored(call);
  for (const std::string_view key :
       {"recording_url", "recording_multi_channel_url", "scrubbed_recording_url",
        "scrubbed_recording_multi_channel_url", "public_log_url", "knowledge_base_retrieved_contents_url"}) {
    json::Value* link = raw.as_object()->find(key);
    if (link != nullptr && link->as_text() != nullptr) *link = url_without_query(*link->as_text());
  }
  return raw;
}

const json::Value* object_in(const json::Value& owner, std::string_view key) {
  const json::Value* member = owner.find(key);
  return member == nullptr || member->as_object() == nullptr ? nullptr : member;
}

// Whether anything can still come: the cost, the analysis, what the storage setting leaves of them.
bool is_settled(const CallRow& call, const json::Value& object) {
  if (!is_final(call.status) || !call.cost) return false;
  const bool keeps_little = filled_text_of(object.find("data_storage_setting")) == "basic_attributes_only";
  const bool was_connected = filled_text_of(object.find("call_status")) == "ended";
  return keeps_little || !was_connected || object_in(object, "call_analysis") != nullptr;
}

CallRow read_call(RowReader& reader, const Reading& reading) {
  const json::Value& object = reader.row();
  CallRow call;
  call.external_call_id = reader.required("call_id");
  call.session_id = call.external_call_id;
  call.from_number = number(reader.text("from_number"), reading);
  call.to_number = number(reader.text("to_number"), reading);
  if (const auto word = reader.text("direction")) call.direction = parse_direction(*word);
  call.started_at = reader.milliseconds_time("start_timestamp");
  call.ended_at = reader.milliseconds_time("end_timestamp");
  if (reader.amount("duration_ms"))
    call.duration_seconds = seconds_of_milliseconds(object.find("duration_ms"));
  call.disposition = reader.text("disconnection_reason");
  call.hangup_cause = call.disposition;
  const json::Value* analysis = object_in(object, "call_analysis");
  const bool in_voicemail = analysis != nullptr && boolean_of(analysis->find("in_voicemail")).value_or(false);
  call.status =
      retell_status(reader.text("call_status").value_or(""), call.disposition.value_or(""), in_voicemail);
  if (analysis != nullptr) {
    if (const auto word = filled_text_of(analysis->find("user_sentiment")))
      call.sentiment = ascii_lower(*word);
  }
  call.retell_agent_id = reader.text("agent_id");
  call.retell_agent_name = reader.text("agent_name");
  call.transcript = reader.text("transcript");
  call.has_recording = filled_text_of(object.find("recording_url")).has_value();
  return call;
}

Result<void> add_costs(CallRow& call, const json::Value& cost, RowSet& rows) {
  RowReader reader(cost);
  call.cost = reader.cents("combined_cost");
  if (call.cost) call.currency = "USD";
  call.billable_seconds = reader.integer("total_duration_seconds");
  const json::Value* products = cost.find("product_costs");
  if (products == nullptr || products->as_array() == nullptr) return reader.result();
  std::int64_t position = 0;
  for (const json::Value& product : *products->as_array()) {
    RowReader part(product);
    ChargeRow charge;
    const std::string name = part.required("product");
    charge.external_charge_id = fmt::format("{}:{}:{}", call.external_call_id, position++, name);
    charge.external_call_id = call.external_call_id;
    charge.session_id = call.session_id;
    const bool is_transfer = part.boolean("is_transfer_leg_cost").value_or(false);
    charge.component = is_transfer ? "transfer_leg:" + name : name;
    charge.amount = part.cents("cost");
    charge.currency = "USD";
    charge.charged_at = call.started_at;
    charge.is_in_call_cost = true;
    charge.raw_data = stored(product);
    if (const Result<void> read = part.result(); !read) {
      reader.fail_at("product_costs", read.error().message());
      break;
    }
    rows.charges.push_back(std::move(charge));
  }
  return reader.result();
}

void add_recordings(const CallRow& call, const json::Value& object, const Reading& reading, RowSet& rows) {
  for (const RecordingKind& kind : recording_kinds) {
    if (!kind.suffix.empty() && !reading.all_recordings) break;
    const auto url = filled_text_of(object.find(kind.key));
    if (!url) continue;
    RecordingRow row;
    row.external_recording_id = call.external_call_id + std::string(kind.suffix);
    row.external_call_id = call.external_call_id;
    row.session_id = call.session_id;
    row.recording_url = url;
    row.format = "wav";
    row.duration_seconds = call.duration_seconds;
    row.created_at = call.started_at;
    row.raw_data = json::object({{std::string(kind.key), url_without_query(*url)}});
    row.revision = call.revision;
    rows.recordings.push_back(std::move(row));
  }
}

std::string digest_of(const json::Value* value) {
  return value == nullptr ? "" : hex_encode(crypto::sha256(json::write(*value)));
}

}  // namespace

Result<void> add_call(const json::Value& object, const Reading& reading, Revision revision, RowSet& rows) {
  RowReader reader(object);
  CallRow call = read_call(reader, reading);
  call.revision = revision;
  if (const json::Value* cost = object_in(object, "call_cost")) {
    if (const Result<void> added = add_costs(call, *cost, rows); !added)
      reader.fail_at("call_cost", added.error().message());
  }
  if (const Result<void> read = reader.result(); !read) return read;
  call.is_settled = is_settled(call, object);
  call.raw_data = raw_of(object);
  add_recordings(call, object, reading, rows);
  rows.calls.push_back(std::move(call));
  return {};
}

Result<PhoneNumberRow> phone_number(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  PhoneNumberRow result;
  const std::string text = reader.required("phone_number");
  result.phone_number = normalise_number(text, reading.default_region).value_or(text);
  if (is_e164(result.phone_number)) result.phone_number_e164 = result.phone_number;
  result.nickname = reader.text("nickname");
  result.status = "active";
  // The inbound agent with the greatest weight, the first one among equals.
  const json::Value* agents = row.find("inbound_agents");
  std::optional<Decimal> best;
  if (agents != nullptr && agents->as_array() != nullptr) {
    for (const json::Value& each : *agents->as_array()) {
      const Decimal weight = decimal_of(each.find("weight")).value_or(Decimal(1));
      if (best && weight <= *best) continue;
      best = weight;
      result.retell_agent_id = filled_text_of(each.find("agent_id"));
    }
  }
  result.metadata = stored(row);
  return reader.finish(std::move(result));
}

Result<AgentRow> agent(const json::Value& row) {
  RowReader reader(row);
  AgentRow result;
  result.agent_id = reader.required("agent_id");
  result.agent_name = reader.text("agent_name");
  result.voice_id = reader.text("voice_id");
  const json::Value* language = row.find("language");
  if (language != nullptr && language->as_array() != nullptr) {
    std::vector<std::string> languages;
    for (const json::Value& each : *language->as_array()) languages.push_back(text_of(&each).value_or(""));
    result.language = join(languages, ",");
  } else {
    result.language = reader.text("language");
  }
  result.raw_data = stored(row);
  return reader.finish(std::move(result));
}

std::optional<ResourceRow> webhook_of(const json::Value& row, std::string_view kind, std::string_view id,
                                      std::string_view url_key) {
  const auto url = filled_text_of(row.find(url_key));
  if (!url) return std::nullopt;
  json::Object data{{"url", *url}};
  for (const std::string_view key : {"webhook_events", "webhook_timeout_ms"}) {
    if (const json::Value* setting = row.find(key)) data.set(std::string(key), *setting);
  }
  return ResourceRow{.kind = std::string(kind),
                     .external_id = std::string(id),
                     .name = url_without_query(*url),
                     .data = std::move(data)};
}

Result<ResourceRow> llm(const json::Value& row) {
  RowReader reader(row);
  ResourceRow result{.kind = "llm", .external_id = reader.required("llm_id")};
  result.name = reader.text("model");
  if (!result.name) result.name = reader.text("s2s_model");
  json::Object data;
  for (const std::string_view key :
       {"llm_id", "version", "is_published", "model", "s2s_model", "model_temperature", "start_speaker",
        "knowledge_base_ids", "last_modification_timestamp"}) {
    if (const json::Value* member = row.find(key)) data.set(std::string(key), *member);
  }
  for (const std::string_view key : {"general_prompt", "begin_message", "states", "mcps"}) {
    if (const json::Value* member = row.find(key); member != nullptr && !member->is_null())
      data.set(std::string(key) + "_sha256", digest_of(member));
  }
  json::Array tools;
  const json::Value* listed = row.find("general_tools");
  if (listed != nullptr && listed->as_array() != nullptr) {
    for (const json::Value& tool : *listed->as_array()) {
      tools.push_back(json::object({{"type", text_of(tool.find("type")).value_or("")},
                                    {"name", text_of(tool.find("name")).value_or("")},
                                    {"sha256", digest_of(&tool)}}));
    }
  }
  data.set("general_tools", std::move(tools));
  result.data = std::move(data);
  return reader.finish(std::move(result));
}

Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view id_key,
                             std::string_view name_key) {
  RowReader reader(row);
  ResourceRow result{.kind = std::string(kind), .external_id = reader.required(id_key)};
  result.name = name_key.empty() ? std::nullopt : reader.text(name_key);
  result.data = stored(row);
  return reader.finish(std::move(result));
}

}  // namespace trunkline::warehouse::retell
