#include "carriers/carrier.hpp"

namespace trunkline::carriers {

std::string_view to_text(EventKind kind) {
  switch (kind) {
    case EventKind::ringing:
      return "ringing";
    case EventKind::answered:
      return "answered";
    case EventKind::speech:
      return "speech";
    case EventKind::digits:
      return "digits";
    case EventKind::silence:
      return "silence";
    case EventKind::hung_up:
      return "hung_up";
  }
  return "";
}

std::string_view to_text(AnsweredBy answered_by) {
  switch (answered_by) {
    case AnsweredBy::unknown:
      return "unknown";
    case AnsweredBy::person:
      return "person";
    case AnsweredBy::machine:
      return "machine";
  }
  return "unknown";
}

std::string_view to_text(HangupCause cause) {
  switch (cause) {
    case HangupCause::callee_hung_up:
      return "callee_hung_up";
    case HangupCause::we_hung_up:
      return "we_hung_up";
    case HangupCause::busy:
      return "busy";
    case HangupCause::no_answer:
      return "no_answer";
    case HangupCause::not_in_service:
      return "not_in_service";
    case HangupCause::rejected:
      return "rejected";
    case HangupCause::time_limit:
      return "time_limit";
    case HangupCause::network_failure:
      return "network_failure";
  }
  return "";
}

std::optional<AnsweredBy> parse_answered_by(std::string_view text) {
  for (const auto answered_by : {AnsweredBy::unknown, AnsweredBy::person, AnsweredBy::machine}) {
    if (to_text(answered_by) == text) return answered_by;
  }
  return std::nullopt;
}

}  // namespace trunkline::carriers
