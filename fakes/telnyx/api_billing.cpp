// Bills, reports and what is posted (contracts/telnyx.md, sections 5, 6.3 and 9).
#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "fakes/telnyx/api.hpp"
#include "fakes/telnyx/reference.hpp"

namespace trunkline::fakes::telnyx {
namespace {

Reply data_reply(int status, json::Value data) {
  return {.status = status, .headers = {}, .body = json::write(json::object({{"data", std::move(data)}}))};
}

std::string text_in(const json::Value& body, std::string_view name) {
  const json::Value* member = body.find(name);
  return member == nullptr || member->as_text() == nullptr ? "" : *member->as_text();
}

Reply missing(std::string_view name) {
  return api_error(422, "10004", "Missing required parameter",
                   fmt::format("The '{}' parameter is required.", name));
}

}  // namespace

Reply Api::charges(std::string_view path, const Query& query) {
  const std::string start = query.text("start_date");
  const std::string end = query.text("end_date");
  const auto from = parse_instant(start);
  const auto to = parse_instant(end);
  if (!from || !to || *to <= *from || *to - *from > days(31))
    return api_error(400, "10015", "Bad Request", "The window has 1 to 31 days.");
  return data_reply(200, path == "/v2/charges_summary" ? charges_summary(world_, start, end)
                                                       : charges_breakdown(world_, start, end));
}

// A row for each day and direction, of the sip-trunking product only.
Reply Api::usage(const Query& query, Instant now) {
  const auto from = parse_instant(query.text("start_date"));
  const auto to = parse_instant(query.text("end_date"));
  if (query.text("product").empty()) return missing("product");
  if (!from || !to || *to - *from > days(31))
    return api_error(400, "10015", "Bad Request", "The window has at most 31 days.");
  struct Sum {
    std::int64_t attempted = 0, connected = 0, call_sec = 0, billed_sec = 0;
    Decimal cost;
  };
  std::map<std::pair<std::string, std::string>, Sum> sums;
  const FeedRows rows = world_.rows(Record::sip_trunking, *from, *to, now);
  for (std::int64_t at = 0; at < rows.size() && query.text("product") == "sip-trunking"; ++at) {
    const RowPattern::Place place = rows.at(at);
    const Call call = world_.call(place.event);
    Sum& sum = sums[{iso(call.start).substr(0, 10), call.is_outbound ? "outbound" : "inbound"}];
    ++sum.attempted;
    sum.connected += call.answered ? 1 : 0;
    sum.call_sec += call.seconds;
    sum.billed_sec += place.row == call.charged_leg() ? call.billed_seconds : 0;
    if (now >= call.cost_at) sum.cost += leg_cost(call, place.row);
  }
  json::Array data;
  for (const auto& [key, sum] : sums) {
    data.push_back(json::object({{"date", key.first},
                                 {"direction", key.second},
                                 {"currency", "USD"},
                                 {"product", "sip-trunking"},
                                 {"cost", *json::Value::number(sum.cost.to_text())},
                                 {"attempted", sum.attempted},
                                 {"connected", sum.connected},
                                 {"completed", sum.connected},
                                 {"call_sec", sum.call_sec},
                                 {"billed_sec", sum.billed_sec}}));
  }
  const auto total = static_cast<std::int64_t>(data.size());
  return {.body = json::write(json::object({{"data", std::move(data)},
                                            {"meta", json::object({{"page_number", 1},
                                                                   {"page_size", 5000},
                                                                   {"total_pages", 1},
                                                                   {"total_results", total}})}}))};
}

Reply Api::post(const net::Request& request, Instant now) {
  const std::string_view path = request.path();
  if (path == "/v2/legacy/reporting/batch_detail_records/voice") return create_report(request, now);
  const Result<json::Value> body = json::parse(request.body.empty() ? "{}" : request.body);
  if (!body) return api_error(400, "10015", "Bad Request", "The body is not JSON.");
  if (path == "/v2/ledger_billing_group_reports") {
    if (body->find("year") == nullptr || body->find("month") == nullptr) return missing("year");
    return ledger_report(scatter_uuid(world_.options().seed, to_microseconds(now), 62), now);
  }
  if (path == "/v2/calls") {
    for (const std::string_view name : {"connection_id", "to", "from"}) {
      if (text_in(*body, name).empty()) return missing(name);
    }
    json::Value data = live_call(world_.call(0), world_.call(0).start);
    data.as_object()->set("is_alive", false);
    return data_reply(200, std::move(data));
  }
  if (path.ends_with("/actions/hangup")) return data_reply(200, json::object({{"result", "ok"}}));
  if (path == "/v2/messages") {
    if (text_in(*body, "to").empty()) return missing("to");
    return data_reply(200, world_.message_body(world_.message(0), world_.message(0).created));
  }
  return api_error(404, "10005", "Resource not found", "The requested resource or URL could not be found.");
}

Reply Api::create_report(const net::Request& request, Instant now) {
  const Result<json::Value> body = json::parse(request.body);
  if (!body) return api_error(400, "10015", "Bad Request", "The body is not JSON.");
  const auto from = parse_instant(text_in(*body, "start_time"));
  const auto to = parse_instant(text_in(*body, "end_time"));
  if (!from || !to) return missing("start_time");
  const std::string id = scatter_uuid(world_.options().seed, static_cast<std::int64_t>(reports_.size()), 63);
  reports_[id] = {.id = id, .from = *from, .to = *to, .ordered_at = now};
  return report(id, now, "");
}

// Done after a minute.
Reply Api::report(std::string_view id, Instant now, const std::string& base_url) {
  const auto found = reports_.find(id);
  if (found == reports_.end())
    return api_error(404, "10005", "Resource not found", "The requested resource or URL could not be found.");
  const Report& report = found->second;
  const bool is_done = now >= report.ordered_at + minutes(1);
  return data_reply(
      200,
      json::object({{"record_type", "cdr_detailed_report"},
                    {"id", report.id},
                    {"start_time", iso(report.from)},
                    {"end_time", iso(report.to)},
                    {"call_types", json::array({1, 2})},
                    {"record_types", json::array({1, 2, 3})},
                    {"connections", json::Array()},
                    {"filters", json::Array()},
                    {"report_name", "backfill"},
                    {"report_url", is_done ? fmt::format("{}/downloads/{}.csv", base_url, report.id) : ""},
                    {"retry", 0},
                    {"source", "calls"},
                    {"status", is_done ? 2 : 1},
                    {"timezone", "UTC"},
                    {"created_at", iso(report.ordered_at)},
                    {"updated_at", iso(now)}}));
}

Reply Api::csv(Instant from, Instant to, Instant now) {
  std::string text =
      "id,session_id,originating_number,terminating_number,direction,start_time,answer_time,end_time,"
      "call_duration,billable_duration,cost,rate,currency,hangup_code\n";
  const FeedRows rows = world_.rows(Record::sip_trunking, from, to, now);
  for (std::int64_t at = 0; at < rows.size(); ++at) {
    const RowPattern::Place place = rows.at(at);
    const Call call = world_.call(place.event);
    const bool is_charged = place.row == call.charged_leg();
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},USD,{}\n", world_.leg_id(call, place.row),
                        world_.session_id(call), call.cli(), call.cld(),
                        call.is_outbound ? "outbound" : "inbound", iso(call.start),
                        call.answered ? iso(*call.answered) : "", iso(call.end), call.seconds,
                        is_charged ? call.billed_seconds : 0, leg_cost(call, place.row).to_text(4),
                        call.rate.to_text(4), call.hangup_code);
  }
  return {.body = std::move(text), .content_type = "text/csv"};
}

Reply Api::ledger_report(std::string_view id, Instant now) {
  return data_reply(200, json::object({{"record_type", "ledger_billing_group_report"},
                                       {"id", id},
                                       {"status", "complete"},
                                       {"report_url", "https://example.com/ledger.csv"},
                                       {"created_at", iso(now)},
                                       {"updated_at", iso(now)}}));
}

}  // namespace trunkline::fakes::telnyx
