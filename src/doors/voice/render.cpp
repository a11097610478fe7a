#include "doors/voice/render.hpp"

#include "base/text.hpp"
#include "billing/price.hpp"

namespace trunkline::doors::voice {
namespace {

// What an ended call cost; null for one that was not connected or still runs.
void member_cost(json::Writer& writer, const calls::Call& call) {
  writer.key("cost");
  if (!call.state.started_at || !call.state.ended_at) {
    writer.value(nullptr);
    return;
  }
  const std::int64_t minutes = billing::billed_minutes(call.duration_seconds());
  const Money amount = billing::price_of(call.price, minutes);
  writer.begin_object()
      .member("billed_minutes", minutes)
      .member("amount", amount.amount.to_text(amount.currency.minor_digits()))
      .member("currency", amount.currency.code())
      .end_object();
}

json::Value text_schema(std::string_view description, bool nullable = false) {
  json::Object schema{{"description", description}};
  if (nullable) {
    schema.set("type", json::array({"string", "null"}));
  } else {
    schema.set("type", "string");
  }
  return schema;
}

}  // namespace

void write_call(json::Writer& writer, const calls::Call& call, const calls::Transcript* transcript) {
  const calls::CallRequest& request = call.request;
  writer.begin_object()
      .member("id", call.id.text())
      .member("status", calls::to_text(call.state.status))
      .member("call_session_id", calls::session_of(call.id))
      .member("to", request.to.text())
      .member("from", call.from_number)
      .member("task", request.task);
  writer.member("instructions", unless_empty(request.instructions));
  writer.member("country", unless_empty(request.country));
  writer.member("locale", unless_empty(request.locale));
  writer.member("voice", unless_empty(request.voice));
  writer.member("agent_name", unless_empty(request.agent_name));
  writer.member("caller_name", unless_empty(request.caller_name));
  writer.member("end_user_id", unless_empty(request.end_user_id));
  writer.member("max_duration_seconds", request.max_duration_seconds);
  writer.key("metadata").raw(request.metadata.empty() ? "{}" : std::string_view(request.metadata));
  writer.member("created_at", call.created_at);
  writer.member("ringing_at", call.state.ringing_at);
  writer.member("started_at", call.state.started_at);
  writer.member("ended_at", call.state.ended_at);
  writer.key("duration_seconds");
  if (call.state.started_at && call.state.ended_at) {
    writer.value(call.duration_seconds());
  } else {
    writer.value(nullptr);
  }
  const bool answered = call.state.started_at.has_value();
  writer.key("answered_by")
      .value(answered ? std::optional(carriers::to_text(call.state.answered_by)) : std::nullopt);
  const bool ended = call.state.reason != calls::EndedReason::none;
  writer.key("ended_reason").value(ended ? std::optional(calls::to_text(call.state.reason)) : std::nullopt);
  writer.key("ended_by").value(ended ? std::optional(calls::fault_of(call.state.reason)) : std::nullopt);
  member_cost(writer, call);
  writer.member("summary", call.summary);
  writer.key("fallbacks").begin_array();
  for (const std::string_view line : split(call.fallbacks, '\n')) {
    if (!line.empty()) writer.value(line);
  }
  writer.end_array();
  if (transcript != nullptr) {
    writer.key("transcript");
    write_transcript(writer, *transcript);
  }
  writer.end_object();
}

void write_transcript(json::Writer& writer, const calls::Transcript& transcript) {
  writer.begin_array();
  for (const calls::Transcript::Line line : transcript) {
    writer.begin_object()
        .member("role", line.role)
        .member("text", line.text)
        .member("timestamp", line.at)
        .end_object();
  }
  writer.end_array();
}

std::string call_body(const calls::CallDetail& detail) {
  std::string body;
  body.reserve(2048);
  json::Writer writer(body);
  write_call(writer, detail.call, &detail.transcript);
  return body;
}

std::string placed_body(const calls::Call& call) {
  std::string body;
  json::Writer(body)
      .begin_object()
      .member("id", call.id.text())
      .member("status", calls::to_text(calls::Status::queued))
      .member("call_session_id", calls::session_of(call.id))
      .member("created_at", call.created_at)
      .end_object();
  return body;
}

void write_tool(json::Writer& writer, const calls::RegisteredTool& tool) {
  const calls::ToolDefinition& definition = tool.definition;
  writer.begin_object()
      .member("id", tool.id.text())
      .member("name", definition.name)
      .member("description", definition.description)
      .member("input_schema", definition.input_schema)
      .key("output_schema");
  if (definition.output_schema.is_null()) {
    writer.raw("{}");
  } else {
    writer.value(definition.output_schema);
  }
  writer.member("timeout_ms", definition.timeout_ms).key("project_id");
  if (tool.project.is_nil()) {
    writer.value(nullptr);
  } else {
    writer.value(tool.project.text());
  }
  writer.member("created_at", tool.created_at).end_object();
}

json::Value call_schema(bool with_transcript) {
  json::Object properties{
      {"id", text_schema("The call's id, call_…")},
      {"status", json::object({{"type", "string"},
                               {"enum", json::array({"queued", "ringing", "in_progress", "completed",
                                                     "failed", "cancelled"})}})},
      {"call_session_id", text_schema("cs_…")},
      {"to", text_schema("E.164")},
      {"from", text_schema("The number shown to the callee, E.164")},
      {"task", text_schema("What the call is to achieve")},
      {"metadata", json::object({{"type", "object"}})},
      {"created_at", text_schema("RFC 3339, UTC")},
      {"started_at", text_schema("When it connected; null if it did not", true)},
      {"ended_at", text_schema("RFC 3339, UTC", true)},
      {"duration_seconds", json::object({{"type", json::array({"integer", "null"})}})},
      {"ended_reason", text_schema("Why it ended", true)},
      {"ended_by",
       text_schema("On whose side the reason lies: caller, callee, customer, provider, platform", true)},
      {"cost", json::object({{"type", json::array({"object", "null"})}})},
      {"summary", text_schema("How it went; comes shortly after the end", true)}};
  if (with_transcript) {
    properties.set(
        "transcript",
        json::object({{"type", "array"},
                      {"items", json::object({{"type", "object"},
                                              {"properties",
                                               json::object({{"role", text_schema("agent or user")},
                                                             {"text", text_schema("The words")},
                                                             {"timestamp", text_schema("RFC 3339")}})}})}}));
  }
  return json::object({{"type", "object"}, {"title", "Call"}, {"properties", std::move(properties)}});
}

json::Value placed_schema() {
  return json::object({{"type", "object"},
                       {"title", "PlacedCall"},
                       {"properties", json::object({{"id", text_schema("call_…")},
                                                    {"status", text_schema("queued")},
                                                    {"call_session_id", text_schema("cs_…")},
                                                    {"created_at", text_schema("RFC 3339, UTC")}})}});
}

json::Value tool_schema() {
  return json::object({{"type", "object"},
                       {"title", "Tool"},
                       {"properties", json::object({{"id", text_schema("tool_…")},
                                                    {"name", text_schema("What the agent calls it")},
                                                    {"description", text_schema("When to use it")},
                                                    {"input_schema", json::object({{"type", "object"}})},
                                                    {"output_schema", json::object({{"type", "object"}})},
                                                    {"timeout_ms", json::object({{"type", "integer"}})},
                                                    {"created_at", text_schema("RFC 3339, UTC")}})}});
}

json::Value error_schema() {
  const json::Value members = json::object({{"error_code", json::object({{"type", "integer"}})},
                                            {"message", text_schema("What went wrong and how to mend it")},
                                            {"details", json::object({{"type", "object"}})}});
  return json::object(
      {{"type", "object"},
       {"title", "Error"},
       {"required", json::array({"detail"})},
       {"properties",
        json::object({{"detail", json::object({{"type", "object"}, {"properties", members}})}})}});
}

}  // namespace trunkline::doors::voice
