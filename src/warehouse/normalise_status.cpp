#include <array>

#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {
namespace {

using Table = std::span<const std::pair<std::string_view, CallStatus>>;

std::optional<CallStatus> look_up(Table table, std::string_view word) {
  for (const auto& [name, status] : table) {
    if (name == word) return status;
  }
  return std::nullopt;
}

constexpr auto zadarma_words = std::to_array<std::pair<std::string_view, CallStatus>>({
    {"answered", CallStatus::completed},
    {"busy", CallStatus::busy},
    {"cancel", CallStatus::canceled},
    {"no answer", CallStatus::no_answer},
    {"call failed", CallStatus::failed},
    {"failed", CallStatus::failed},
    {"no money", CallStatus::failed},
    {"unallocated number", CallStatus::failed},
    {"no limit", CallStatus::failed},
    {"no day limit", CallStatus::failed},
    {"line limit", CallStatus::failed},
    {"no money, no limit", CallStatus::failed},
});

constexpr auto telnyx_causes = std::to_array<std::pair<std::string_view, CallStatus>>({
    {"USER_BUSY", CallStatus::busy},
    {"ORIGINATOR_CANCEL", CallStatus::canceled},
    {"NO_ANSWER", CallStatus::no_answer},
    {"NO_USER_RESPONSE", CallStatus::no_answer},
    {"ALLOTTED_TIMEOUT", CallStatus::no_answer},
});

constexpr auto telnyx_event_causes = std::to_array<std::pair<std::string_view, CallStatus>>({
    {"originator_cancel", CallStatus::canceled},
    {"timeout", CallStatus::no_answer},
    {"no_answer", CallStatus::no_answer},
    {"user_busy", CallStatus::busy},
});

std::optional<CallStatus> of_sip_status(std::int64_t code) {
  switch (code) {
    case 486:
    case 600:
      return CallStatus::busy;
    case 487:
      return CallStatus::canceled;
    case 408:
    case 480:
      return CallStatus::no_answer;
    default:
      return code >= 400 && code < 700 ? std::optional(CallStatus::failed) : std::nullopt;
  }
}

// Q.850.
CallStatus of_release_cause(std::int64_t code) {
  if (code == 17) return CallStatus::busy;
  return code == 18 || code == 19 ? CallStatus::no_answer : CallStatus::failed;
}

}  // namespace

CallStatus zadarma_status(std::string_view disposition) {
  return look_up(zadarma_words, ascii_lower(trim(disposition))).value_or(CallStatus::unknown);
}

CallStatus telnyx_record_status(const json::Value& record) {
  if (boolean_of(record.find("connected")).value_or(false) || filled_text_of(record.find("answered_at")) ||
      integer_of(record.find("call_sec")).value_or(0) > 0) {
    return CallStatus::completed;
  }
  if (const auto code = integer_of(record.find("sip_invite_failure_status"))) {
    if (const auto status = of_sip_status(*code)) return *status;
  }
  if (const auto cause = filled_text_of(record.find("hangup_cause"))) {
    return look_up(telnyx_causes, *cause).value_or(CallStatus::failed);
  }
  if (const auto code = integer_of(record.find("hangup_code"))) return of_release_cause(*code);
  return CallStatus::unknown;
}

CallStatus telnyx_hangup_status(bool answered, std::string_view hangup_cause) {
  if (answered) return CallStatus::completed;
  return look_up(telnyx_event_causes, hangup_cause).value_or(CallStatus::failed);
}

CallStatus retell_status(std::string_view call_status, std::string_view disconnection_reason,
                         bool in_voicemail) {
  if (call_status == "registered" || call_status == "ongoing") return CallStatus::in_progress;
  if (disconnection_reason == "voicemail_reached" || in_voicemail) return CallStatus::voicemail;
  if (disconnection_reason == "dial_busy" || disconnection_reason == "user_declined") return CallStatus::busy;
  if (disconnection_reason == "dial_no_answer") return CallStatus::no_answer;
  if (call_status == "ended") return CallStatus::completed;
  if (call_status == "not_connected" || call_status == "error") return CallStatus::failed;
  return CallStatus::unknown;
}

}  // namespace trunkline::warehouse
