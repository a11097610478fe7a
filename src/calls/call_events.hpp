// What receivers are told about a call (contracts/voice-api.md, section 9.1). Only integers and texts of
// ours, so that every receiver's re-serialisation gives the same bytes; the customer's metadata goes along as
// it was sent.
#pragma once

#include <span>

#include "base/json/value.hpp"
#include "calls/call.hpp"

namespace trunkline::calls {

namespace event_names {
inline constexpr std::string_view queued = "call.queued";
inline constexpr std::string_view started = "call.started";
inline constexpr std::string_view completed = "call.completed";
inline constexpr std::string_view failed = "call.failed";
inline constexpr std::string_view cancelled = "call.cancelled";
inline constexpr std::string_view transcript_update = "call.transcript_update";
}  // namespace event_names

// The event that a terminal status has.
std::string_view ended_event(Status status);

// `now` is when the event is told: receivers can refuse old ones by it.
json::Value simple_event(std::string_view name, const Call& call, Instant now);
// New entries of the transcript; `sequence` is the first one's number and rises from event to event.
json::Value transcript_event(const Call& call, std::span<const Entry> added, Instant now);
// The end, with the whole transcript, or as much of its end as keeps the body under the limit of receivers.
json::Value ended_event_body(const Call& call, std::span<const Entry> transcript, Instant now);

}  // namespace trunkline::calls
