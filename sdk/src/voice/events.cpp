#include "trunkline/voice/events.hpp"

#include <array>
#include <utility>

#include "core/refusal.hpp"
#include "voice/wire.hpp"

namespace trunkline::inline v1::voice {
namespace {

constexpr std::array<std::pair<std::string_view, EventKind>, 6> event_names{
    {{"call.queued", EventKind::queued},
     {"call.started", EventKind::started},
     {"call.transcript_update", EventKind::transcript_update},
     {"call.completed", EventKind::completed},
     {"call.failed", EventKind::failed},
     {"call.cancelled", EventKind::cancelled}}};

EventKind kind_of(std::string_view event) {
  for (const auto& [name, kind] : event_names) {
    if (name == event) return kind;
  }
  return EventKind::unknown;
}

}  // namespace

Event parse_event(std::string_view raw_body) {
  using detail::text;
  using detail::timestamp;
  auto value = detail::parse_json(raw_body);
  if (!value || !value->is_object()) throw_failure(detail::refusal("the event is not a JSON object"));
  Event event{.name = text(*value, "event"), .call_id = text(*value, "call_id")};
  if (event.name.empty() || event.call_id.empty()) {
    throw_failure(detail::refusal("the event has no event or no call_id"));
  }
  event.kind = kind_of(event.name);
  event.call_session_id = text(*value, "call_session_id");
  event.status = parse_call_status(text(*value, "status"));
  event.timestamp = timestamp(*value, "timestamp");
  event.transcript = wire::read_transcript(*value);
  event.sequence = detail::optional_integer(*value, "sequence");
  event.metadata = detail::object(*value, "metadata");
  event.started_at = timestamp(*value, "started_at");
  event.ended_at = timestamp(*value, "ended_at");
  event.duration_seconds = detail::optional_integer(*value, "duration_seconds");
  event.ended_reason = text(*value, "ended_reason");
  event.summary = detail::optional_text(*value, "summary");
  event.raw = std::move(*value);
  return event;
}

}  // namespace trunkline::inline v1::voice
