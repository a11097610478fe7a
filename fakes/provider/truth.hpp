// What the warehouse must hold in the end, computed from the simulated world and not from what was sent.
#pragma once

#include <optional>
#include <string>

#include "base/decimal.hpp"
#include "base/json/value.hpp"
#include "base/time.hpp"

namespace trunkline::fakes {

// A row of telco.calls after everything has arrived: costs, late rows, and both views of the same call.
struct TrueCall {
  std::string external_call_id;
  std::optional<std::string> session_id = {};
  std::optional<std::string> from_number = {};
  std::optional<std::string> to_number = {};
  std::optional<std::string> direction = {};
  Instant started_at{};
  std::optional<Instant> answered_at = {};
  std::optional<Instant> ended_at = {};
  std::int64_t duration_seconds = 0;
  std::optional<std::int64_t> billable_seconds = {};
  std::string status;
  std::optional<std::string> disposition = {};
  std::optional<Decimal> cost = {};
  std::optional<std::string> currency = {};
  bool has_recording = false;
  bool is_primary = true;
  std::optional<std::string> retell_agent_id = {};
  std::optional<std::string> retell_agent_name = {};
};

struct TrueMessage {
  std::string external_message_id;
  std::string from_number;
  std::string to_number;
  std::string direction;
  std::string status;
  std::optional<Instant> sent_at = {};
  std::optional<Instant> delivered_at = {};
  std::int64_t segments = 1;
  std::optional<Decimal> cost = {};
  std::optional<std::string> currency = {};
  std::string body = {};
};

struct TrueRecording {
  std::string external_recording_id;
  std::string external_call_id;
  std::int64_t duration_seconds = 0;
};

// A component of a call's cost.
struct TrueCharge {
  std::string external_charge_id;
  std::string session_id;
  std::string component;
  Decimal amount;
  std::string currency;
};

// What a number costs in a month in which the account has it, be it for a day.
struct TrueRental {
  std::string month;  // its first day
  std::string phone_number;
  Decimal amount;
  std::string currency;
};

// In the words of the schema's columns; absent values are null.
json::Value to_json(const TrueCall& call);
json::Value to_json(const TrueMessage& message);
json::Value to_json(const TrueRecording& recording);
json::Value to_json(const TrueCharge& charge);

// A page of the truth: of the rows that it is given one after the other, the `limit` after the first
// `offset`.
class TruthPage {
 public:
  TruthPage(std::int64_t offset, std::int64_t limit) : offset_(offset), limit_(limit) {}

  template <class Row>
  void operator()(const Row& row) {
    if (seen_++ >= offset_ && static_cast<std::int64_t>(rows_.size()) < limit_) rows_.push_back(to_json(row));
  }
  // {"total": how many there were, "rows": […]}
  json::Value take() { return json::object({{"total", seen_}, {"rows", std::move(rows_)}}); }

 private:
  std::int64_t offset_;
  std::int64_t limit_;
  std::int64_t seen_ = 0;
  json::Array rows_;
};

}  // namespace trunkline::fakes
