// Zadarma's rows in the warehouse's words (contracts/warehouse.md, sections 5 and 6). Pure: a row that cannot
// be read fails with provider_malformed and the pointer of the member at fault.
#pragma once

#include <set>

#include "warehouse/http/fields.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::zadarma {

// What of the account the rows are read with.
struct Reading {
  const TimeZone& zone;
  std::string_view default_region;
  const std::set<std::string>* own_numbers = nullptr;
};

// GET /v1/statistics/ and /v1/statistics/incoming-calls/.
Result<CallRow> statistics_call(const json::Value& row, const Reading& reading);
Result<CallRow> incoming_call(const json::Value& row, const Reading& reading);

// GET /v1/statistics/pbx/: the id of the call that a leg belongs to, after checks that the leg can be read.
Result<std::string> pbx_call_of(const json::Value& leg, const Reading& reading);
// The whole call from its legs, in any order. Legs that cannot be read were refused by pbx_call_of.
CallRow pbx_call(const json::Array& legs, const Reading& reading);

// The recording that a leg says it has, without its link; nothing when it has none.
std::optional<RecordingRow> recording_of_leg(const json::Value& leg, const Reading& reading);

// GET /v1/direct_numbers/: the number, and its rental for the period that is paid.
Result<PhoneNumberRow> phone_number(const json::Value& row, const Reading& reading);
Result<std::optional<BillingRow>> rental(const json::Value& row, const Reading& reading);
// GET /v1/tariff/: what the plan costs; nothing when it is not active.
Result<std::optional<BillingRow>> plan(const json::Value& info, std::string_view local_day);
// GET /v1/info/balance/.
Result<BalanceRow> balance(const json::Value& answer);
Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view id_key,
                             std::string_view name_key);

// POST /v1/sms/send/: one message for each number, sent or denied. `ids` gives each its own.
Result<std::vector<MessageRow>> sent_messages(const json::Value& answer, std::string_view text,
                                              std::string_view sender, Instant now, const Reading& reading,
                                              const std::function<std::string()>& next_id);

// "61491570156 (Ann-Marie O'Neill)" has a number in it.
std::string number_in(std::string_view caller_id);

}  // namespace trunkline::warehouse::zadarma
