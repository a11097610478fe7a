// A call: what was asked for and how it went.
#pragma once

#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "billing/price.hpp"
#include "calls/lifecycle.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::calls {

inline constexpr std::int64_t default_max_duration_seconds = 299;
inline constexpr std::int64_t longest_duration_seconds = 3600;

// What a customer asks for (contracts/voice-api.md, section 3.1). "" means absent.
struct CallRequest {
  PhoneNumber to;
  std::string task;
  std::string instructions;
  std::string country;
  std::string locale;
  std::string voice;
  std::string agent_name;
  std::string caller_name;
  std::string metadata;  // JSON object as text
  std::string tools;     // JSON array as text
  std::string webhook_url;
  std::string tool_webhook_url;
  std::string end_user_id;
  std::int64_t max_duration_seconds = default_max_duration_seconds;
};

struct Call {
  CallId id;
  ProjectId project;
  Instant created_at{};
  CallRequest request;
  billing::PinnedPrice price;

  Lifecycle state;
  std::string carrier;
  std::string from_number;
  std::string provider_call_id;
  std::optional<Instant> dial_requested_at = {};
  std::optional<std::string> summary = {};
  std::string fallbacks;
  std::int64_t entries = 0;
  std::int64_t event_sequence = 0;
  std::optional<Instant> event_at = {};
  std::optional<Instant> event_received_at = {};
  std::optional<Instant> deadline_at = {};  // when to end it ourselves if the carrier has not

  std::int64_t duration_seconds() const {
    return calls::duration_seconds(state, request.max_duration_seconds);
  }
};

// The session that a call belongs to; one for each call today, under a name of its own.
struct SessionTag {
  static constexpr std::string_view prefix = "cs_";
};
inline std::string session_of(CallId call) {
  return with_prefix(SessionTag::prefix, call.uuid());
}

enum class EntryKind : std::uint8_t { agent, user, keys, silence, tool };

std::string_view to_text(EntryKind kind);
std::optional<EntryKind> parse_entry_kind(std::string_view text);

struct Entry {
  std::int64_t sequence = 0;
  EntryKind kind = EntryKind::agent;
  std::string text;  // words, keys, or a tool use's correlation id
  Instant at{};
  bool hangs_up = false;  // the agent's last words

  bool is_spoken() const { return kind == EntryKind::agent || kind == EntryKind::user; }
};

struct ToolUse {
  Uuid id;
  std::string name;
  std::string arguments;              // JSON
  std::optional<std::string> result;  // JSON
  std::string error;
  Instant requested_at{};
  std::optional<Instant> finished_at = {};
};

namespace error_codes {
inline constexpr ErrorCode call_not_found{"call_not_found", ErrorKind::not_found};
inline constexpr ErrorCode idempotency_conflict{"idempotency_conflict", ErrorKind::conflict};
inline constexpr ErrorCode unsupported_country{"unsupported_country", ErrorKind::invalid};
inline constexpr ErrorCode no_number_for_country{"no_number_for_country", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline::calls
