/// \file
/// Events as webhooks bring them (voice API, section 9.1). Verify first: verify_standard_webhook() or
/// verify_webhook(), over the same raw body.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trunkline/voice/calls.hpp"

namespace trunkline::inline v1::voice {

/// What happened.
enum class EventKind : std::uint8_t {
  unknown,            ///< an event that this SDK does not know: ignore it, answer 2xx
  queued,             ///< call.queued
  started,            ///< call.started: it connected
  transcript_update,  ///< call.transcript_update: something was said
  completed,          ///< call.completed
  failed,             ///< call.failed
  cancelled,          ///< call.cancelled
};

/// One event.
struct Event {
  EventKind kind = EventKind::unknown;      ///< see EventKind
  std::string name = {};                    ///< "call.completed", …
  std::string call_id = {};                 ///< call_…
  std::string call_session_id = {};         ///< cs_…
  CallStatus status = CallStatus::unknown;  ///< of the call, at that moment
  std::optional<Timestamp> timestamp = {};  ///< when it happened
  /// Of call.transcript_update: only the new entries; `sequence` is the number of the first of them.
  std::vector<TranscriptEntry> transcript = {};
  std::optional<std::int64_t> sequence = {};          ///< see transcript
  Json metadata = Json::object();                     ///< what create_call() was given
  std::optional<Timestamp> started_at = {};           ///< when the call connected
  std::optional<Timestamp> ended_at = {};             ///< when it ended
  std::optional<std::int64_t> duration_seconds = {};  ///< of the connected part
  std::string ended_reason = {};                      ///< callee_hung_up, busy, max_duration, …
  std::optional<std::string> summary = {};            ///< of call.completed
  Json raw = {};                                      ///< the event as it came, unknown members too
};

/// Reads an event from the raw body. Throws ValidationError when it is not a JSON object with `event` and
/// `call_id`.
TRUNKLINE_EXPORT Event parse_event(std::string_view raw_body);

}  // namespace trunkline::inline v1::voice
