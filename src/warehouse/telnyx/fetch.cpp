// Telnyx's feeds, one page at a time (contracts/warehouse.md, section 4; contracts/telnyx.md, sections 2, 6,
// 9).

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "warehouse/telnyx/client_impl.hpp"
#include "warehouse/telnyx/csv.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::int64_t detail_records_rows = 50;  // a page, the most there is
constexpr std::int64_t other_rows = 250;
constexpr int report_looks_max = 40;
constexpr Duration report_pause = seconds(15);

Result<std::int64_t> page_in(std::string_view cursor) {
  if (cursor.empty()) return 1;
  const auto page = parse_integer(cursor);
  if (!page || *page < 1)
    return fail(trunkline::error_codes::invalid_argument, "The cursor is not one of this feed.");
  return *page;
}

std::string text_of_second(Instant instant) {
  return format_rfc3339(instant).substr(0, 19) + "Z";
}

std::string day_text(Instant instant) {
  return format_rfc3339(instant).substr(0, 10);
}

// What the answer says about its place among the pages. The provider's own page size counts, not ours.
Result<void> read_meta(const Answer& answer, std::int64_t asked_page, Page& page) {
  const json::Value* meta = answer.value.find("meta");
  if (meta == nullptr || meta->as_object() == nullptr)
    return fail(malformed_at("/meta", "must be an object"));
  page.said.page = integer_of(meta->find("page_number"));
  page.said.pages = integer_of(meta->find("total_pages"));
  page.said.total = integer_of(meta->find("total_results"));
  if (page.said.page && *page.said.page != asked_page) {
    return fail(error_codes::provider_inconsistent,
                fmt::format("Telnyx sent page {}, {} was asked for.", *page.said.page, asked_page));
  }
  if (page.said.rows == 0) {
    page.said.end = "empty page";
  } else if (!page.said.pages || asked_page >= *page.said.pages) {
    page.said.end = fmt::format("page {} of {}", asked_page, page.said.pages.value_or(asked_page));
  } else {
    page.next_cursor = std::to_string(asked_page + 1);
  }
  return {};
}

}  // namespace

Result<Page> Client::fetch(const PageRequest& request, Watch& watch) {
  const FeedSource* source = source_of(request.feed.name);
  if (source == nullptr)
    return fail(error_codes::not_offered, fmt::format("Telnyx has no feed '{}'.", request.feed.name));
  switch (source->rows) {
    case Rows::balance:
      return fetch_balance(watch);
    case Rows::charges_summary:
    case Rows::charges_breakdown:
      return fetch_month(*source, request, watch);
    case Rows::call_reports:
      return fetch_call_report(request, watch);
    default:
      return fetch_numbered(*source, request, watch);
  }
}

Parameters Client::parameters_of(const FeedSource& source, const PageRequest& request,
                                 std::int64_t page) const {
  Parameters parameters;
  if (!source.record_type.empty()) parameters.emplace_back("filter[record_type]", source.record_type);
  const bool is_window = request.feed.scope == FeedScope::window;
  // Whole seconds, widened outward: rows outside the window are welcome, a row that is missed is not.
  const std::string begin = text_of_second(std::chrono::floor<seconds>(request.window.begin));
  const std::string end = text_of_second(std::chrono::ceil<seconds>(request.window.end));
  if (is_window && source.rows == Rows::message_reports) {
    parameters.emplace_back("start_date", begin);
    parameters.emplace_back("end_date", end);
  } else if (is_window) {
    // The list of recordings knows no "less than" (contracts/telnyx.md, section 8).
    const std::string_view upper = source.rows == Rows::recordings ? "lte" : "lt";
    parameters.emplace_back(fmt::format("filter[{}][gte]", source.time_field), begin);
    parameters.emplace_back(fmt::format("filter[{}][{}]", source.time_field, upper), end);
  }
  const std::int64_t size = source.record_type.empty() ? other_rows : detail_records_rows;
  parameters.emplace_back("page[number]", std::to_string(page));
  parameters.emplace_back("page[size]", std::to_string(size));
  return parameters;
}

Result<void> Client::read_row(const FeedSource& source, const PageRequest& request, json::Value& row,
                              const MonthlyCosts& costs, RowSet& rows) const {
  const Reading with = reading(request.own_numbers);
  const auto keep = [](auto& list, auto result) -> Result<void> {
    if (!result) return fail(result.error());
    list.push_back(std::move(*result));
    return {};
  };
  switch (source.rows) {
    case Rows::calls:
      return keep(rows.calls, call_record(std::move(row), with));
    case Rows::charges:
      return keep(rows.charges, charge_record(row, source.label));
    case Rows::messages:
    case Rows::message_reports:
      return keep(rows.messages, message_record(row, with));
    case Rows::recordings:
      return keep(rows.recordings, recording(row));
    case Rows::phone_numbers:
      return keep(rows.phone_numbers, phone_number(row, costs, with));
    case Rows::invoices:
      return keep(rows.billing, invoice(row));
    default:
      return keep(rows.resources, resource(row, source.label, source.name_key));
  }
}

// The prices of numbers stand in the bills only. A key without the right to see those gets none.
Result<MonthlyCosts> Client::last_month_costs(Watch& watch) {
  const Month last = month_of(month_of(exchange_.now()).begin() - days(1));
  const Result<Answer> answer =
      get("/charges_breakdown", {{"start_date", day_text(last.begin())}, {"end_date", day_text(last.end())}},
          watch);
  if (!answer && answer.error().code() == error_codes::provider_denied) return MonthlyCosts{};
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  if (data == nullptr) return fail(malformed_at("/data", "is missing"));
  const Result<std::vector<BillingRow>> items = charges_breakdown(*data, reading());
  if (!items) return fail(items.error());
  return monthly_costs(*items);
}

Result<Page> Client::fetch_numbered(const FeedSource& source, const PageRequest& request, Watch& watch) {
  const Result<std::int64_t> number = page_in(request.cursor);
  if (!number) return fail(number.error());
  MonthlyCosts costs;
  if (source.rows == Rows::phone_numbers) {
    Result<MonthlyCosts> found = last_month_costs(watch);
    if (!found) return fail(found.error());
    costs = std::move(*found);
  }
  Result<Answer> answer =
      get(source.path, parameters_of(source, request, *number), watch, false, request.known);
  if (!answer) return fail(answer.error());
  Page page;
  const Result<std::int64_t> rows = each_row(
      *answer, "data", [&](json::Value& row) { return read_row(source, request, row, costs, page.rows); });
  if (!rows) return fail(rows.error());
  page.said.rows = *rows + static_cast<std::int64_t>(answer->known.size());
  page.known = std::move(answer->known);
  if (answer->fingerprints.size() == page.rows.calls.size()) {
    for (std::size_t i = 0; i < page.rows.calls.size(); ++i)
      page.rows.calls[i].source_hash = answer->fingerprints[i];
  }
  if (const Result<void> meta = read_meta(*answer, *number, page); !meta) return fail(meta.error());
  return page;
}

Result<Page> Client::fetch_balance(Watch& watch) {
  const Result<Answer> answer = get("/balance", {}, watch);
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return fail(malformed_at("/data", "must be an object"));
  Result<BalanceRow> row = balance(*data);
  if (!row) return fail(row.error());
  Page page;
  page.rows.balances.push_back(std::move(*row));
  page.said = {.rows = 1, .end = "whole answer"};
  return page;
}

// Bills are by calendar month, whatever the window: a page is a month that the window touches.
Result<Page> Client::fetch_month(const FeedSource& source, const PageRequest& request, Watch& watch) {
  const auto given =
      request.cursor.empty() ? std::optional(month_of(request.window.begin)) : parse_month(request.cursor);
  if (!given) return fail(trunkline::error_codes::invalid_argument, "The cursor is not one of this feed.");
  const std::string start = day_text(given->begin());
  const std::string end = day_text(given->end());
  const Result<Answer> answer = get(source.path, {{"start_date", start}, {"end_date", end}}, watch);
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return fail(malformed_at("/data", "must be an object"));
  if (filled_text_of(data->find("start_date")).value_or(start) != start)
    return fail(error_codes::provider_inconsistent, "Telnyx answered for another month.");
  Result<std::vector<BillingRow>> items =
      source.rows == Rows::charges_summary ? charges_summary(*data) : charges_breakdown(*data, reading());
  if (!items) return fail(items.error());
  Page page;
  page.said.rows = static_cast<std::int64_t>(items->size());
  page.said.echoed = Window{given->begin(), given->end()};
  page.rows.billing = std::move(*items);
  if (given->end() < request.window.end) {
    page.next_cursor = to_text(month_of(given->end()));
  } else {
    page.said.end = "last month of the window";
  }
  return page;
}

std::string Client::report_path() const {
  const auto prefix = account_.options.find("report_prefix");
  return (prefix == account_.options.end() ? "/legacy/reporting" : prefix->second) +
         "/batch_detail_records/voice";
}

Result<std::string> Client::order_report(const Window& window, Watch& watch) {
  const json::Value body = json::object({{"start_time", text_of_second(window.begin)},
                                         {"end_time", text_of_second(window.end)},
                                         {"call_types", json::array({1, 2})},
                                         {"record_types", json::array({1, 2, 3})},
                                         {"timezone", "UTC"},
                                         {"report_name", "trunkline"}});
  const Result<Answer> answer = post(report_path(), body, watch);
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  const auto id = data == nullptr ? std::nullopt : filled_text_of(data->find("id"));
  if (!id) return fail(malformed_at("/data/id", "is missing"));
  return *id;
}

// Looks until the report is made; its link.
Result<std::string> Client::await_report(const std::string& id, Watch& watch) {
  for (int look = 0; look < report_looks_max; ++look) {
    const Result<Answer> answer =
        get(fmt::format("{}/{}", report_path(), percent_encode(id)), {}, watch, true);
    if (!answer) return fail(answer.error());
    const json::Value* data = answer->value.find("data");
    const auto status = data == nullptr ? std::nullopt : integer_of(data->find("status"));
    if (status == 2) {
      const auto url = filled_text_of(data->find("report_url"));
      if (!url) return fail(malformed_at("/data/report_url", "is missing"));
      return *url;
    }
    if (status == 3 || status == 4)
      return fail(error_codes::provider_refused, "Telnyx could not make the report.");
    if (!exchange_.wait(report_pause, "report", watch)) break;
  }
  return fail(error_codes::provider_unavailable, "Telnyx did not finish the report in time.");
}

// The first page orders the report, so that a repeated run finds it by its id in the cursor.
Result<Page> Client::fetch_call_report(const PageRequest& request, Watch& watch) {
  Page page;
  if (request.cursor.empty()) {
    const Result<std::string> id = order_report(request.window, watch);
    if (!id) return fail(id.error());
    page.next_cursor = *id;
    return page;
  }
  const Result<std::string> url = await_report(request.cursor, watch);
  if (!url) return fail(url.error());
  const Result<std::string> text = exchange_.send_for_text({.url = *url}, watch);
  if (!text) return fail(text.error());
  const Result<json::Array> lines = read_csv(*text);
  if (!lines) return fail(lines.error());
  for (std::size_t line = 0; line < lines->size(); ++line) {
    Result<CallRow> call = report_line((*lines)[line], reading(request.own_numbers));
    if (!call) return fail(malformed_at(fmt::format("line {}", line + 2), call.error().message()));
    page.rows.calls.push_back(std::move(*call));
  }
  page.said = {.rows = static_cast<std::int64_t>(lines->size()), .end = "whole report"};
  return page;
}

}  // namespace trunkline::warehouse::telnyx
