#include "calls/call_events.hpp"

#include "base/json/parse.hpp"

namespace trunkline::calls {
namespace {

// Leaves room for the other members under the limit of 100 kB that many receivers have.
constexpr std::size_t transcript_bytes_max = 80'000;

// In the escaped form that the default style sends, a character takes up to 12 bytes.
std::size_t size_of(const Entry& entry) {
  return 100 + entry.text.size() * 3;
}

json::Value entry_json(const Entry& entry) {
  return json::object(
      {{"role", to_text(entry.kind)}, {"text", entry.text}, {"timestamp", format_rfc3339(entry.at)}});
}

json::Value transcript_json(std::span<const Entry> entries) {
  json::Array transcript;
  for (const Entry& entry : entries) {
    if (entry.is_spoken()) transcript.push_back(entry_json(entry));
  }
  return transcript;
}

void add_metadata(json::Object& body, const Call& call) {
  if (call.request.metadata.empty()) return;
  if (auto metadata = json::parse(call.request.metadata)) body.set("metadata", std::move(*metadata));
}

json::Object common(std::string_view name, const Call& call, Instant now) {
  json::Object body{{"event", name},
                    {"call_id", call.id.text()},
                    {"call_session_id", session_of(call.id)},
                    {"status", to_text(call.state.status)},
                    {"timestamp", format_rfc3339(now)}};
  add_metadata(body, call);
  return body;
}

}  // namespace

std::string_view ended_event(Status status) {
  switch (status) {
    case Status::completed:
      return event_names::completed;
    case Status::cancelled:
      return event_names::cancelled;
    default:
      return event_names::failed;
  }
}

json::Value simple_event(std::string_view name, const Call& call, Instant now) {
  return common(name, call, now);
}

json::Value transcript_event(const Call& call, std::span<const Entry> added, Instant now) {
  json::Object body = common(event_names::transcript_update, call, now);
  body.set("sequence", added.empty() ? 0 : added.front().sequence);
  body.set("transcript", transcript_json(added));
  return body;
}

json::Value ended_event_body(const Call& call, std::span<const Entry> transcript, Instant now) {
  json::Object body = common(ended_event(call.state.status), call, now);
  body.set("ended_reason", to_text(call.state.reason));
  if (call.state.ended_at) body.set("ended_at", format_rfc3339(*call.state.ended_at));
  if (call.state.started_at) {
    body.set("started_at", format_rfc3339(*call.state.started_at));
    body.set("duration_seconds", call.duration_seconds());
  }
  if (call.summary) body.set("summary", *call.summary);
  std::size_t bytes = 0;
  std::size_t first = transcript.size();
  while (first > 0 && bytes + size_of(transcript[first - 1]) <= transcript_bytes_max)
    bytes += size_of(transcript[--first]);
  body.set("transcript", transcript_json(transcript.subspan(first)));
  if (first > 0) body.set("transcript_cut", 1);
  return body;
}

}  // namespace trunkline::calls
