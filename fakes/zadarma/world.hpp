// A simulated year of one Zadarma account (contracts/zadarma.md): what happened, when each feed shows it, and
// what a warehouse must make of it. Nothing is stored but the options.
//
// Of twenty calls nine come in, through the PBX with one to three legs, and are in the feed of incoming calls
// too; seven go out through the PBX and are in the statistics too; three go out from a SIP account and are in
// the statistics only; one is between two extensions and in the PBX feed only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fakes/provider/series.hpp"
#include "fakes/provider/truth.hpp"
#include "fakes/zadarma/local_time.hpp"

namespace trunkline::fakes::zadarma {

struct WorldOptions {
  std::uint64_t seed = 1;
  Instant begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
  Duration period = days(365);
  std::int64_t calls = 2000;
  std::string time_zone = "Australia/Sydney";
  Duration late = minutes(10);  // the most that a row, and then its cost, come late
};

enum class CallKind : std::uint8_t { inbound, outbound_pbx, outbound_sip, internal };

struct OwnNumber {
  std::string_view digits;
  std::string_view sip;
  std::string_view currency;
  std::string_view monthly_fee;
  int days_before = 0;  // the world begins; then it was bought
};

struct Leg {
  std::string call_id;  // "1780264860.343450": text, because its zeros matter
  Instant start{};
  int extension = 0;
  std::string_view disposition;
  std::int64_t seconds = 0;
  bool is_recorded = false;
};

struct Call {
  std::int64_t index = 0;
  CallKind kind = CallKind::inbound;
  Instant start{};
  OwnNumber own;
  std::string remote;  // digits
  std::string pbx_call_id;
  std::vector<Leg> legs;  // none for outbound_sip
  std::string_view disposition;
  std::int64_t seconds = 0;
  Decimal rate;  // a minute
  Instant end{};
  Instant rows_at{};  // from then on the feeds have it
  Instant cost_at{};

  // What was charged in the end; nothing for calls that are not in the statistics.
  std::optional<Decimal> charge() const;
};

enum class Feed : std::uint8_t { statistics, incoming, pbx };

class World {
 public:
  explicit World(WorldOptions options);

  const WorldOptions& options() const { return options_; }
  const Series& series() const { return series_; }
  const LocalTime& local() const { return local_; }
  Call call(std::int64_t index) const;
  // The recorded leg with that call_id, of calls that are over.
  std::optional<std::pair<Call, std::size_t>> find_leg(std::string_view call_id) const;
  std::optional<Call> find_pbx_call(std::string_view pbx_call_id) const;

  // The rows of a feed in a window of wall times, both ends included, at a moment.
  FeedRows rows(Feed feed, std::string_view start, std::string_view end, Instant now) const;
  // One of them as JSON.
  json::Value row(Feed feed, const RowPattern::Place& place, Instant now, bool odd_types) const;

  // The truth.
  void each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const;
  // By months from the day on which a number was bought; the month's first day counts.
  void each_rental(Instant until, const std::function<void(const TrueRental&)>& take) const;
  Instant bought_at(const OwnNumber& number) const { return options_.begin - days(number.days_before); }
  void each_recording(Instant from, Instant to, const std::function<void(const TrueRecording&)>& take) const;
  // Inbound messages, which only webhooks tell: every tenth call has one an hour later.
  std::int64_t message_count() const { return series_.count() / 10; }
  TrueMessage message(std::int64_t index) const;
  Decimal balance(Instant now) const;

 private:
  void add_legs(Call& call) const;
  json::Value statistics_row(const Call& call, Instant now) const;
  json::Value incoming_row(const Call& call) const;
  json::Value pbx_row(const Call& call, const Leg& leg) const;

  WorldOptions options_;
  Series series_;
  LocalTime local_;
};

// The numbers that the account has at a moment; the last one is given back after 200 days.
std::vector<OwnNumber> own_numbers(const World& world, Instant now);

// What the server's rows become in the schema's words: "61255501234" is "+61255501234".
std::string e164_of(std::string_view digits);

}  // namespace trunkline::fakes::zadarma
