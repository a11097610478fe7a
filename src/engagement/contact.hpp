// The people an account deals with and what they did (contracts/engagement-api.md). A contact is called a
// customer on the wire.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/json/value.hpp"

namespace trunkline::engagement {

struct ContactTag {
  static constexpr std::string_view prefix = "cnt_";
};
struct ActionTag {
  static constexpr std::string_view prefix = "act_";
};
struct MergeTag {
  static constexpr std::string_view prefix = "mrg_";
};
struct ReceiptTag {
  static constexpr std::string_view prefix = "ers_";
};
using ContactId = Id<ContactTag>;
using ActionId = Id<ActionTag>;
using MergeId = Id<MergeTag>;
using ReceiptId = Id<ReceiptTag>;

struct Contact {
  ContactId id;
  std::string customer_id;  // the account's own name for the person
  std::string name;         // "" for none, like the next three
  std::string email;
  std::string phone;       // as it was given
  std::string phone_e164;  // "" too when `phone` cannot be read as a number
  json::Object properties;
  Instant created_at{};
  Instant updated_at{};
  std::string creation_hash;  // of the request that made it
  std::optional<ContactId> merged_into = {};

  // What the person is part of: itself unless it was merged.
  ContactId root() const { return merged_into.value_or(id); }
};

struct Action {
  ActionId id;
  ContactId contact;
  std::string name;
  std::optional<json::Value> value;
  json::Object properties;
  Instant occurred_at{};
  Instant recorded_at{};
};

// Who asks, beyond the tenant: for repeated requests and receipts.
struct Asking {
  Uuid credential = {};  // nil: the command line
  Instant received_at{};
  std::uint64_t connection = 0;  // which the request came by; 0: none
};

// A write can arrive up to three times within about 63 s (contracts/engagement-api.md, section 6).
inline constexpr Duration replay_window = minutes(10);
// An Idempotency-Key is remembered for so long.
inline constexpr Duration key_memory = days(7);

namespace error_codes {
inline constexpr ErrorCode contact_exists{"contact_exists", ErrorKind::conflict};
inline constexpr ErrorCode contact_not_found{"contact_not_found", ErrorKind::not_found};
// The person was erased: only an explicit registration brings them back.
inline constexpr ErrorCode contact_erased{"contact_erased", ErrorKind::conflict};
inline constexpr ErrorCode contact_invalid{"contact_invalid", ErrorKind::invalid};
inline constexpr ErrorCode action_invalid{"action_invalid", ErrorKind::invalid};
inline constexpr ErrorCode key_reused{"idempotency_key_reused", ErrorKind::conflict};
inline constexpr ErrorCode merge_refused{"merge_refused", ErrorKind::conflict};
inline constexpr ErrorCode merge_not_found{"merge_not_found", ErrorKind::not_found};
}  // namespace error_codes

}  // namespace trunkline::engagement
