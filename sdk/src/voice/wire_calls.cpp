#include <array>
#include <utility>

#include "voice/wire.hpp"

namespace trunkline::inline v1::voice {
namespace {

constexpr std::array<std::pair<CallStatus, std::string_view>, 6> status_names{
    {{CallStatus::queued, "queued"},
     {CallStatus::ringing, "ringing"},
     {CallStatus::in_progress, "in_progress"},
     {CallStatus::completed, "completed"},
     {CallStatus::failed, "failed"},
     {CallStatus::cancelled, "cancelled"}}};

void add_text(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

}  // namespace

std::string_view to_text(CallStatus status) {
  for (const auto& [each, name] : status_names) {
    if (each == status) return name;
  }
  return "unknown";
}

CallStatus parse_call_status(std::string_view text) {
  for (const auto& [status, name] : status_names) {
    if (name == text) return status;
  }
  return CallStatus::unknown;
}

namespace wire {

Json write_call_request(const CallRequest& request) {
  Json body{{"to", request.to}, {"task", request.task}};
  add_text(body, "country", request.country);
  add_text(body, "locale", request.locale);
  add_text(body, "instructions", request.instructions);
  if (request.max_duration_seconds) body["max_duration_seconds"] = *request.max_duration_seconds;
  add_text(body, "voice", request.voice);
  add_text(body, "agent_name", request.agent_name);
  add_text(body, "caller_name", request.caller_name);
  if (!request.metadata.empty()) body["metadata"] = request.metadata;
  for (const ToolDefinition& tool : request.tools) body["tools"].push_back(write_tool(tool));
  Json webhooks = Json::object();
  add_text(webhooks, "webhook_url", request.webhooks.webhook_url);
  add_text(webhooks, "tool_webhook_url", request.webhooks.tool_webhook_url);
  if (!webhooks.empty()) body["webhooks"] = std::move(webhooks);
  add_text(body, "end_user_id", request.end_user_id);
  return body;
}

std::vector<TranscriptEntry> read_transcript(const Json& owner) {
  std::vector<TranscriptEntry> transcript;
  const Json* entries = detail::find(owner, "transcript");
  if (entries == nullptr || !entries->is_array()) return transcript;
  for (const Json& entry : *entries) {
    if (!entry.is_object()) continue;
    transcript.push_back({.role = detail::text(entry, "role"),
                          .text = detail::text(entry, "text"),
                          .timestamp = detail::timestamp(entry, "timestamp"),
                          .raw = entry});
  }
  return transcript;
}

Call read_call(Json value) {
  using detail::text;
  using detail::timestamp;
  Call call{.id = text(value, "id"),
            .status = parse_call_status(text(value, "status")),
            .call_session_id = text(value, "call_session_id"),
            .to = text(value, "to"),
            .from = text(value, "from"),
            .task = text(value, "task"),
            .instructions = text(value, "instructions"),
            .country = text(value, "country"),
            .locale = text(value, "locale"),
            .voice = text(value, "voice"),
            .agent_name = text(value, "agent_name"),
            .caller_name = text(value, "caller_name"),
            .end_user_id = text(value, "end_user_id"),
            .max_duration_seconds = detail::optional_integer(value, "max_duration_seconds"),
            .metadata = detail::object(value, "metadata"),
            .created_at = timestamp(value, "created_at"),
            .ringing_at = timestamp(value, "ringing_at"),
            .started_at = timestamp(value, "started_at"),
            .ended_at = timestamp(value, "ended_at"),
            .duration_seconds = detail::optional_integer(value, "duration_seconds"),
            .answered_by = text(value, "answered_by"),
            .ended_reason = text(value, "ended_reason"),
            .ended_by = text(value, "ended_by"),
            .summary = detail::optional_text(value, "summary"),
            .transcript = read_transcript(value)};
  if (const Json* cost = detail::find(value, "cost"); cost != nullptr && cost->is_object()) {
    call.cost = CallCost{.billed_minutes = detail::integer(*cost, "billed_minutes"),
                         .amount = text(*cost, "amount"),
                         .currency = text(*cost, "currency")};
  }
  call.raw = std::move(value);
  return call;
}

PlacedCall read_placed_call(Json value) {
  PlacedCall placed{.id = detail::text(value, "id"),
                    .status = parse_call_status(detail::text(value, "status")),
                    .call_session_id = detail::text(value, "call_session_id"),
                    .created_at = detail::timestamp(value, "created_at")};
  // The vendor's own demo takes this name too (voice API, section 3.1).
  if (placed.id.empty()) placed.id = detail::text(value, "call_id");
  placed.raw = std::move(value);
  return placed;
}

CallPage read_call_page(Json value) {
  CallPage page{.total = detail::integer(value, "total"),
                .limit = detail::integer(value, "limit"),
                .offset = detail::integer(value, "offset")};
  for (Json& item : list_of(value)) page.items.push_back(read_call(std::move(item)));
  page.raw = std::move(value);
  return page;
}

}  // namespace wire
}  // namespace trunkline::inline v1::voice
