// Telnyx's rows in the warehouse's words (contracts/warehouse.md, sections 5 and 6). Pure: a row that cannot
// be read fails with provider_malformed and the pointer of the member at fault.
#pragma once

#include <set>

#include "warehouse/http/fields.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::telnyx {

struct Reading {
  std::string_view default_region;
  const std::set<std::string>* own_numbers = nullptr;
};

// In E.164; nothing when it is none.
std::optional<std::string> number_in(const std::optional<std::string>& text, const Reading& reading);

// GET /detail_records: sip-trunking and webrtc are calls; the other voice kinds are what a call cost besides.
Result<CallRow> call_record(json::Value row, const Reading& reading);
Result<ChargeRow> charge_record(const json::Value& row, std::string_view component);
Result<MessageRow> message_record(const json::Value& row, const Reading& reading);
// GET /messages/{id} and message webhooks: the text and media.
Result<MessageRow> message(const json::Value& data, const Reading& reading);
// GET /recordings.
Result<RecordingRow> recording(const json::Value& row);
// A line of the batch report of calls (contracts/telnyx.md, section 6.3), by its column names.
Result<CallRow> report_line(const json::Value& line, const Reading& reading);

Result<BalanceRow> balance(const json::Value& data);
// What a number costs each month, by the number in E.164: from charges_breakdown.
using MonthlyCosts = std::map<std::string, std::pair<Decimal, std::string>>;
Result<PhoneNumberRow> phone_number(const json::Value& row, const MonthlyCosts& costs,
                                    const Reading& reading);
Result<BillingRow> invoice(const json::Value& row);
Result<std::vector<BillingRow>> charges_summary(const json::Value& data);
Result<std::vector<BillingRow>> charges_breakdown(const json::Value& data, const Reading& reading);
MonthlyCosts monthly_costs(const std::vector<BillingRow>& breakdown);
Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view name_key);

}  // namespace trunkline::warehouse::telnyx
