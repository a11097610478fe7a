// A simulated year of one Retell account (contracts/retell.md): calls as they are listed and as they are read
// one by one, at any moment of their life. Nothing is stored but the options.
//
// Of ten calls five come in, three go out, one is a web call and one never connects.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fakes/provider/series.hpp"
#include "fakes/provider/truth.hpp"

namespace trunkline::fakes::retell {

struct WorldOptions {
  std::uint64_t seed = 1;
  Instant begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
  Duration period = days(365);
  std::int64_t calls = 2000;
  Duration late = minutes(10);  // the most that the analysis, and then the cost, come late
};

enum class CallKind : std::uint8_t { inbound, outbound, web, unconnected };

struct Agent {
  std::string_view id;
  std::string_view name;
};

struct Call {
  std::int64_t index = 0;
  CallKind kind = CallKind::inbound;
  std::string id;
  Agent agent;
  std::string own;
  std::string remote;
  Instant start{};
  std::int64_t duration_ms = 0;
  Instant end{};
  std::string_view reason;  // why it ended
  std::string_view status;  // as the warehouse has it
  std::string_view sentiment;
  bool keeps_everything = true;  // data_storage_setting
  Instant analysed_at{};
  Instant cost_at{};

  bool is_connected() const { return kind != CallKind::unconnected; }
  std::int64_t billed_seconds() const { return (duration_ms + 999) / 1000; }
};

struct Product {
  std::string_view name;
  Decimal cents;
};
// What the call costs, in cents, by product.
std::array<Product, 3> products_of(const Call& call);

class World {
 public:
  explicit World(WorldOptions options);

  const WorldOptions& options() const { return options_; }
  const Series& series() const { return series_; }
  Call call(std::int64_t index) const;
  std::optional<Call> find(std::string_view id) const;

  // As it stands at a moment; `in_full` with the transcript, as get-call has it.
  json::Value object(const Call& call, Instant now, bool in_full) const;

  void each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const;
  void each_charge(Instant from, Instant to, const std::function<void(const TrueCharge&)>& take) const;
  void each_recording(Instant from, Instant to, const std::function<void(const TrueRecording&)>& take) const;

 private:
  WorldOptions options_;
  Series series_;
};

std::string transcript_of(const Call& call);

}  // namespace trunkline::fakes::retell
