// What the providers' records become before they are stored: one struct a table of the schema `telco`, in one
// vocabulary, with exact money and UTC times (contracts/warehouse.md, sections 5 and 6). A field without a
// value means that the provider did not say; nothing is guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.hpp"
#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::warehouse {

enum class Direction : std::uint8_t { inbound, outbound, internal };

enum class CallStatus : std::uint8_t {
  completed,
  no_answer,
  busy,
  canceled,
  failed,
  voicemail,
  in_progress,
  unknown,
};

// How much a version of a record knows. A version with a higher rank wins where two disagree; one with a
// lower rank only fills what is empty. So the order in which versions arrive does not matter. Within a rank
// the later version wins, by `Revision::at`.
enum class Standing : std::uint8_t {
  live_event,   // a webhook while the call runs
  ended_event,  // a webhook after its end
  event_final,  // the provider's last webhook about it
  record,       // the provider's record, read by the sync
  detail,       // the full object, read one by one
};

struct Revision {
  Standing standing = Standing::record;
  // When the provider says this version arose (an event's time, an `updated_at`); nothing when it does not.
  std::optional<Instant> at = {};
};

// What a provider said of a call, as the JSON text that is stored. A window's rows wait for others before
// they are written, by the thousand, and a tree of each would take four times the room.
class RawData {
 public:
  RawData() = default;
  // Null is nothing.
  template <std::convertible_to<json::Value> Said>
  RawData(const Said& said) : RawData(write(said)) {}

  const std::optional<std::string>& text() const { return text_; }

  friend bool operator==(const RawData&, const RawData&) = default;

 private:
  explicit RawData(std::optional<std::string> text) : text_(std::move(text)) {}
  static std::optional<std::string> write(const json::Value& said);

  std::optional<std::string> text_;
};

struct CallRow {
  std::string external_call_id;  // never empty
  std::optional<std::string> session_id = {};
  std::optional<std::string> from_number = {};
  std::optional<std::string> to_number = {};
  std::optional<Direction> direction = {};
  std::optional<Instant> started_at = {};
  std::optional<Instant> answered_at = {};
  std::optional<Instant> ended_at = {};
  std::optional<std::int64_t> duration_seconds = {};
  std::optional<std::int64_t> billable_seconds = {};
  CallStatus status = CallStatus::unknown;
  std::optional<std::string> disposition = {};
  std::optional<std::string> hangup_cause = {};
  std::optional<Decimal> cost = {};
  std::optional<std::string> currency = {};
  std::optional<std::string> retell_agent_id = {};
  std::optional<std::string> retell_agent_name = {};
  std::optional<std::string> transcript = {};
  std::optional<std::string> sentiment = {};
  bool has_recording = false;
  // An answered outbound call that a machine took (contracts/warehouse.md, section 5).
  std::optional<std::string> answered_by = {};
  // The direction as the provider's network sees it; decides which leg of a session is the primary one.
  std::optional<Direction> leg_direction = {};
  // Nothing more will come: no cost, no analysis, no transcript is to be waited for.
  bool is_settled = false;
  // Instead of the fields above but the id: the parts of a call that comes in parts. The store adds them to
  // those it has (by the part's key, Feed::part_key) and asks Provider::fold for the whole.
  json::Array parts = {};
  RawData raw_data = {};  // an object, without secrets
  Revision revision = {};
  std::optional<std::int64_t> source_hash = {};  // of the record's text (KnownRows)
};

// A component of what a call cost (trunk, call_control, recording, amd, tts, transfer_leg …).
struct ChargeRow {
  std::string external_charge_id;  // unique in the provider's account
  std::optional<std::string> external_call_id = {};
  std::optional<std::string> session_id = {};
  std::string component;
  std::optional<Decimal> amount = {};
  std::optional<std::string> currency = {};
  std::optional<Decimal> quantity = {};
  std::optional<Instant> charged_at = {};
  bool is_in_call_cost = false;  // already part of the call's own cost
  json::Value raw_data = {};
};

struct RecordingRow {
  std::string external_recording_id;
  std::optional<std::string> external_call_id = {};
  std::optional<std::string> session_id = {};
  std::optional<std::string> recording_url = {};
  std::optional<Instant> recording_url_expires_at = {};
  std::optional<std::int64_t> duration_seconds = {};
  std::optional<std::int64_t> file_size_bytes = {};
  std::optional<std::string> format = {};
  std::optional<std::string> transcription = {};
  std::optional<Decimal> transcription_confidence = {};
  std::optional<Instant> created_at = {};
  json::Value raw_data = {};
  Revision revision = {};
};

struct MessageRow {
  std::string external_message_id;
  std::optional<std::string> from_number = {};
  std::optional<std::string> to_number = {};
  std::optional<Direction> direction = {};
  std::optional<std::string> message_type = {};  // sms, mms
  std::optional<std::string> body = {};
  std::optional<json::Value> media_urls = {};
  std::optional<std::string> status = {};
  std::optional<std::int64_t> segments = {};
  std::optional<Decimal> cost = {};
  std::optional<std::string> currency = {};
  std::optional<Instant> sent_at = {};
  std::optional<Instant> delivered_at = {};
  bool is_settled = false;
  json::Value raw_data = {};
  Revision revision = {};
};

struct BalanceRow {
  Decimal balance;
  std::optional<std::string> currency = {};
  std::optional<Decimal> credit_limit = {};
  json::Value raw_data = {};
};

struct BillingRow {
  std::string item_key;  // source|period|type|subject, without the provider
  std::optional<std::string> invoice_id = {};
  std::optional<std::string> invoice_date = {};  // YYYY-MM-DD
  std::string item_type;
  std::optional<std::string> description = {};
  std::optional<Decimal> quantity = {};
  std::optional<Decimal> unit_price = {};
  std::optional<Decimal> total = {};
  std::optional<std::string> currency = {};
  std::optional<std::string> period_start = {};  // YYYY-MM-DD, inclusive
  std::optional<std::string> period_end = {};    // inclusive
  std::optional<std::string> phone_number = {};  // whose rental it is
  json::Value raw_data = {};
};

struct PhoneNumberRow {
  std::string phone_number;  // normalised
  std::optional<std::string> phone_number_e164 = {};
  std::optional<std::string> nickname = {};
  std::optional<std::string> status = {};  // active, inactive, pending, failed, released
  std::optional<std::string> city = {};
  std::optional<Decimal> monthly_cost = {};
  std::optional<std::string> currency = {};
  std::optional<std::string> retell_agent_id = {};
  std::optional<Instant> held_since = {};  // bought at
  json::Value metadata = {};
};

struct AgentRow {
  std::string agent_id;
  std::optional<std::string> agent_name = {};
  std::optional<std::string> voice_id = {};
  std::optional<std::string> language = {};
  json::Value raw_data = {};
};

// What the seed has no table for: SIP accounts, connections, profiles, models, voices …
struct ResourceRow {
  std::string kind;
  std::string external_id;
  std::optional<std::string> name = {};
  std::optional<std::string> status = {};
  json::Value data = {};
};

// What one answer of a provider holds; a feed of calls may bring charges and recordings too.
struct RowSet {
  std::vector<CallRow> calls;
  std::vector<ChargeRow> charges;
  std::vector<RecordingRow> recordings;
  std::vector<MessageRow> messages;
  std::vector<BalanceRow> balances;
  std::vector<BillingRow> billing;
  std::vector<PhoneNumberRow> phone_numbers;
  std::vector<AgentRow> agents;
  std::vector<ResourceRow> resources;

  std::size_t size() const {
    return calls.size() + charges.size() + recordings.size() + messages.size() + balances.size() +
           billing.size() + phone_numbers.size() + agents.size() + resources.size();
  }
};

std::string_view to_text(Direction direction);
std::string_view to_text(CallStatus status);
std::optional<Direction> parse_direction(std::string_view text);
std::optional<CallStatus> parse_call_status(std::string_view text);
// Everything but in_progress.
bool is_final(CallStatus status);

}  // namespace trunkline::warehouse
