// A simulated year of one Telnyx account (contracts/telnyx.md): what happened, when each kind of detail
// record shows it, and what a warehouse must make of it. Nothing is stored but the options.
//
// Of four calls two go out and one comes in, with two legs each; the fourth is missed, with one leg. Of eight
// calls one is a programmable call (a call-control record, a recording and its charge), another one had its
// answering machine looked for. Every fourth call has a message beside it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fakes/provider/series.hpp"
#include "fakes/provider/truth.hpp"

namespace trunkline::fakes::telnyx {

struct WorldOptions {
  std::uint64_t seed = 1;
  Instant begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
  Duration period = days(365);
  std::int64_t calls = 2000;
  Duration late = minutes(10);  // the most that a record, and then its cost, come late
};

struct Call {
  std::int64_t index = 0;
  bool is_outbound = true;
  int legs = 2;
  std::string own;     // E.164
  std::string remote;  // E.164
  Instant start{};
  std::optional<Instant> answered = {};
  Instant end{};
  std::int64_t seconds = 0;         // from the answer
  std::int64_t billed_seconds = 0;  // of the leg that is charged
  std::string hangup_cause;         // "NORMAL_CLEARING"
  std::string hangup_details;
  int hangup_code = 16;
  std::string sip_failure;
  std::string status;  // as the warehouse has it
  Decimal rate;        // a minute
  Instant rows_at{};   // from then on there are records
  Instant cost_at{};

  const std::string& cli() const { return is_outbound ? own : remote; }
  const std::string& cld() const { return is_outbound ? remote : own; }
  bool is_programmable() const { return index % 8 == 0; }  // and recorded
  bool has_machine_detection() const { return index % 8 == 2; }
  // The one that the public network sees; it carries the cost.
  int charged_leg() const { return legs - 1; }
};

struct Message {
  std::int64_t index = 0;
  bool is_outbound = true;
  std::string from;
  std::string to;
  Instant created{};
  std::string status;  // the provider's word, in the end
  std::int64_t parts = 1;
  Decimal rate;
  Instant settled_at{};
  Instant cost_at{};
  std::string text;
};

// A number and when the account had it.
struct OwnNumber {
  std::string number;
  Instant bought_at{};
  std::optional<Instant> given_back_at = {};
};

// What a number costs a month, as bills list it.
struct NumberService {
  std::string_view name;
  std::string_view cost;
};
inline constexpr std::array<NumberService, 2> number_services{{{"Local DIDs", "1.00"}, {"CNAM", "0.10"}}};
Decimal number_price();

enum class Record : std::uint8_t { sip_trunking, call_control, amd, recording, messaging };

class World {
 public:
  explicit World(WorldOptions options);

  const WorldOptions& options() const { return options_; }
  const Series& calls() const { return calls_; }
  const Series& messages() const { return messages_; }
  Call call(std::int64_t index) const;
  Message message(std::int64_t index) const;

  // Ids carry the number of the thing they name.
  std::string leg_id(const Call& call, int leg) const;
  std::string session_id(const Call& call) const;
  std::string recording_id(const Call& call) const;
  std::string amd_id(const Call& call) const;
  std::string message_id(const Message& message) const;
  std::string control_id(const Call& call) const;
  // The number in an id that was made here; nothing for others.
  std::optional<std::int64_t> number_in(std::string_view id) const;

  FeedRows rows(Record record, Instant from, Instant to, Instant now) const;
  // Of the list of recordings, by created_at.
  FeedRows recordings(Instant from, Instant to, Instant now) const;
  // When the record began, by which windows are asked for.
  Instant time_of(Record record, const RowPattern::Place& place) const;
  json::Value row(Record record, const RowPattern::Place& place, Instant now, bool odd_types) const;
  json::Value recording(const Call& call, std::string_view base_url) const;
  json::Value message_body(const Message& message, Instant now) const;

  std::vector<OwnNumber> all_numbers() const;
  std::vector<OwnNumber> own_numbers(Instant now) const;
  Decimal balance(Instant now) const;

  // The truth.
  void each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const;
  void each_charge(Instant from, Instant to, const std::function<void(const TrueCharge&)>& take) const;
  void each_recording(Instant from, Instant to, const std::function<void(const TrueRecording&)>& take) const;
  void each_message(Instant from, Instant to, const std::function<void(const TrueMessage&)>& take) const;
  void each_rental(Instant until, const std::function<void(const TrueRental&)>& take) const;

 private:
  std::string id(std::uint64_t salt, std::int64_t number) const;
  json::Value sip_row(const Call& call, int leg, Instant now) const;
  json::Value control_row(const Call& call, Instant now) const;
  json::Value amd_row(const Call& call, Instant now) const;
  json::Value recording_charge_row(const Call& call, Instant now) const;
  json::Value messaging_row(const Message& message, Instant now) const;

  WorldOptions options_;
  Series calls_;
  Series messages_;
};

Decimal leg_cost(const Call& call, int leg);
Decimal control_cost(const Call& call);
Decimal amd_cost();
Decimal recording_cost(const Call& call);
Decimal message_cost(const Message& message);

// "0.0780"; every fifth amount in scientific notation, "7.8E-2", as live answers have it.
std::string amount_text(const Decimal& amount, std::int64_t index);
// "2026-06-01T02:05:00Z"
std::string iso(Instant instant);

}  // namespace trunkline::fakes::telnyx
