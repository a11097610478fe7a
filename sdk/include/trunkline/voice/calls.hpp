/// \file
/// Calls: what is asked for and what the server tells of them (voice API, section 3).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "trunkline/voice/tools.hpp"

namespace trunkline::inline v1::voice {

/// The status of a call (voice API, section 3.6).
enum class CallStatus : std::uint8_t {
  unknown,  ///< one that this SDK does not know; `raw` has its name
  queued,
  ringing,
  in_progress,
  completed,
  failed,
  cancelled,
};

/// "queued", … as on the wire.
TRUNKLINE_EXPORT std::string_view to_text(CallStatus status);
/// `unknown` for any other text.
TRUNKLINE_EXPORT CallStatus parse_call_status(std::string_view text);
/// Whether a call of this status has ended: completed, failed or cancelled.
constexpr bool is_terminal(CallStatus status) {
  return status >= CallStatus::completed;
}

/// Where this call's webhooks go, instead of where the account's settings say.
struct CallWebhooks {
  std::string webhook_url = {};       ///< events
  std::string tool_webhook_url = {};  ///< tool requests
};

/// A call to place. Texts that are empty are not sent.
struct CallRequest {
  std::string to = {};                                    ///< E.164, e.g. +12025550101; required
  std::string task = {};                                  ///< what the call is to achieve; required
  std::string country = {};                               ///< ISO 3166-1 alpha-2; else taken from the number
  std::string locale = {};                                ///< e.g. en-US
  std::string instructions = {};                          ///< further guidance for the agent
  std::optional<std::int64_t> max_duration_seconds = {};  ///< 1 to 3600; the server's default is 299
  std::string voice = {};                                 ///< male, female or auto
  std::string agent_name = {};                            ///< the name the agent introduces itself with
  std::string caller_name = {};                           ///< on whose behalf it calls
  Json metadata = Json::object();                         ///< your own data, comes back in events
  std::vector<ToolDefinition> tools = {};                 ///< of this call only
  CallWebhooks webhooks = {};                             ///< instead of the account's
  std::string end_user_id = {};                           ///< your own user, for marketplaces
  /// 1 to 255 visible ASCII characters. Empty: a random one is made. Store one before you call, and after a
  /// crash or a TimeoutError the same request with the same key places no second call (for 24 hours).
  std::string idempotency_key = {};
};

/// The answer to create_call().
struct PlacedCall {
  std::string id = {};                       ///< call_…
  CallStatus status = CallStatus::unknown;   ///< queued, unless it was replayed
  std::string call_session_id = {};          ///< cs_…
  std::optional<Timestamp> created_at = {};  ///< when it was queued
  /// What the call was placed with, given or made.
  std::string idempotency_key = {};
  /// True when an earlier request with this key had placed the call. That may have been an earlier try of
  /// this very create_call(), whose answer was lost.
  bool replayed = false;
  Json raw = {};  ///< the answer as it came
};

/// Something that was said.
struct TranscriptEntry {
  std::string role = {};                    ///< "agent" or "user"
  std::string text = {};                    ///< what
  std::optional<Timestamp> timestamp = {};  ///< when it began
  Json raw = {};                            ///< as it came
};

/// What a call cost.
struct CallCost {
  std::int64_t billed_minutes = 0;  ///< begun minutes, at least one
  std::string amount = {};          ///< a decimal, e.g. "0.20"
  std::string currency = {};        ///< ISO 4217
};

/// A call. Texts that the server does not tell are empty.
struct Call {
  std::string id = {};                                    ///< call_…
  CallStatus status = CallStatus::unknown;                ///< see CallStatus
  std::string call_session_id = {};                       ///< cs_…
  std::string to = {};                                    ///< E.164
  std::string from = {};                                  ///< the number shown to the callee, E.164
  std::string task = {};                                  ///< as it was placed
  std::string instructions = {};                          ///< as it was placed
  std::string country = {};                               ///< ISO 3166-1 alpha-2
  std::string locale = {};                                ///< e.g. en-US
  std::string voice = {};                                 ///< male, female or auto
  std::string agent_name = {};                            ///< as it was placed
  std::string caller_name = {};                           ///< as it was placed
  std::string end_user_id = {};                           ///< as it was placed
  std::optional<std::int64_t> max_duration_seconds = {};  ///< then it is ended
  Json metadata = Json::object();                         ///< your own data
  std::optional<Timestamp> created_at = {};               ///< when it was queued
  std::optional<Timestamp> ringing_at = {};               ///< when it first rang
  std::optional<Timestamp> started_at = {};  ///< set exactly when it connected; only then it is billed
  std::optional<Timestamp> ended_at = {};    ///< when it ended, connected or not
  std::optional<std::int64_t> duration_seconds = {};  ///< of the connected part, once it has ended
  std::string answered_by = {};                       ///< person, machine, …
  std::string ended_reason = {};                      ///< callee_hung_up, busy, max_duration, …
  std::string ended_by = {};                          ///< caller, callee, customer, provider or platform
  std::optional<CallCost> cost = {};                  ///< once a connected call has ended
  std::optional<std::string> summary = {};            ///< comes shortly after the end
  std::vector<TranscriptEntry> transcript = {};       ///< not in lists
  Json raw = {};                                      ///< the call as it came, unknown members too

  /// Whether it has ended.
  bool is_over() const { return is_terminal(status); }
};

/// Which calls to list.
struct CallFilter {
  std::optional<CallStatus> status = {};     ///< only of this status
  std::optional<Timestamp> start_date = {};  ///< created at or after
  std::optional<Timestamp> end_date = {};    ///< created before
  int limit = 50;                            ///< of a page; at most 100
  std::int64_t offset = 0;                   ///< skips so many
};

/// A page of calls, newest first.
struct CallPage {
  std::vector<Call> items = {};  ///< without their transcripts
  std::int64_t total = 0;        ///< of all that match, not of this page
  std::int64_t limit = 0;        ///< as the server took it; 0 when it does not tell
  std::int64_t offset = 0;       ///< so many were skipped
  Json raw = {};                 ///< the answer as it came
};

/// How wait_for_call() waits.
struct WaitOptions {
  std::chrono::milliseconds poll_interval{1'000};  ///< between two looks
  std::chrono::milliseconds timeout{15 * 60'000};  ///< then TimeoutError
  /// How much longer to wait for the summary of a connected call that has ended. Transcript and summary are
  /// attached a moment after the end (voice API, section 3.2). Part of `timeout`.
  std::chrono::milliseconds summary_grace{5'000};
  /// How long the server may be away before the wait fails: a temporary failure, after its own retries, ends
  /// the wait only when no look has succeeded for so long. 0: at once.
  std::chrono::milliseconds outage_grace{30'000};
};

}  // namespace trunkline::inline v1::voice
