#include "warehouse/telnyx/commands.hpp"

#include <algorithm>

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::array<CommandRequest, 15> requests{{
    {"call", net::Method::get, "/calls/{call_control_id}"},
    {"call_events", net::Method::get, "/call_events"},
    {"dial", net::Method::post, "/calls"},
    {"hangup", net::Method::post, "/calls/{call_control_id}/actions/hangup"},
    {"message_send", net::Method::post, "/messages"},
    {"message", net::Method::get, "/messages/{id}"},
    {"invoice", net::Method::get, "/invoices/{id}"},
    {"usage", net::Method::get, "/usage_reports"},
    {"usage_options", net::Method::get, "/usage_reports/options"},
    {"session", net::Method::get, "/session_analysis/{record_type}/{event_id}"},
    {"verifications", net::Method::get, "/verifications/by_phone_number/{phone_number}"},
    {"call_reports", net::Method::get, "/legacy/reporting/batch_detail_records/voice"},
    {"call_report_fields", net::Method::get, "/legacy/reporting/batch_detail_records/voice/fields"},
    {"ledger_report_order", net::Method::post, "/ledger_billing_group_reports"},
    {"ledger_report", net::Method::get, "/ledger_billing_group_reports/{id}"},
}};

OnDemandCommand absent(std::string name, std::string summary, std::string instead) {
  return {.name = std::move(name), .summary = std::move(summary), .instead = std::move(instead)};
}

}  // namespace

std::vector<OnDemandCommand> all_commands() {
  return {
      {.name = "active_calls", .summary = "The calls of a connection now", .arguments = {"connection_id"}},
      {.name = "call", .summary = "The state of a call", .arguments = {"call_control_id"}},
      {.name = "call_events", .summary = "The stored events of calls, of the last day or of a leg"},
      {.name = "dial",
       .summary = "Place a call",
       .arguments = {"connection_id", "to", "from"},
       .costs_money = true},
      {.name = "hangup", .summary = "End a call", .arguments = {"call_control_id"}, .costs_money = true},
      {.name = "message_send",
       .summary = "Send a message",
       .arguments = {"from", "to", "text"},
       .costs_money = true},
      {.name = "message", .summary = "A message with its text, for ten days", .arguments = {"id"}},
      {.name = "invoice", .summary = "The link to an invoice's document", .arguments = {"id"}},
      {.name = "usage",
       .summary = "Sums by day, to check ours against",
       .arguments = {"product", "dimensions", "metrics", "start_date", "end_date"}},
      {.name = "usage_options", .summary = "What usage can be asked for"},
      {.name = "session",
       .summary = "All that belongs to a call, with its whole cost",
       .arguments = {"record_type", "event_id"}},
      {.name = "verifications", .summary = "The verifications of a number", .arguments = {"phone_number"}},
      {.name = "call_reports", .summary = "The batch reports that were ordered"},
      {.name = "call_report_fields", .summary = "The columns that batch reports can have"},
      {.name = "ledger_report_order",
       .summary = "Order the report of a month by billing group",
       .arguments = {"year", "month"},
       .costs_money = true},
      {.name = "ledger_report", .summary = "Such a report", .arguments = {"id"}},
      absent("calls_list", "All calls",
             "Telnyx lists live calls by connection only: active_calls. Past calls are in the feed "
             "sip_trunking, "
             "from detail records; calls of now come by webhook."),
      absent("messages_list", "All messages",
             "Telnyx has no list of messages. The feed messages reads their records; texts come with message "
             "(ten days) and by webhook."),
      absent("reports_cdr", "/v2/reports/cdr",
             "It is gone. The feeds sip_trunking and call_control read detail records instead."),
      absent("cdr_requests", "/v2/cdr_requests",
             "It was replaced by batch reports: switch on the feed call_reports for a backfill."),
      absent(
          "billing", "/v2/billing",
          "There is no such path. The feeds invoices, charges_summary and charges_breakdown keep the bills; "
          "usage and ledger_report show the rest."),
      absent("portout_requests", "/v2/portout_requests",
             "It is /v2/portouts: the feeds portouts and portout_events."),
      absent("verify", "All verifications",
             "There is no list over all verifications. The feed verify reads their detail records; "
             "verifications "
             "shows those of one number."),
  };
}

const CommandRequest* request_of(std::string_view command) {
  const auto* const found = std::ranges::find(requests, command, &CommandRequest::name);
  return found == requests.end() ? nullptr : found;
}

}  // namespace trunkline::warehouse::telnyx
