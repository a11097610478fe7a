// Zadarma's feeds, one page at a time (contracts/warehouse.md, sections 4 and 11).
#include <algorithm>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "warehouse/zadarma/client_impl.hpp"

namespace trunkline::warehouse::zadarma {
namespace {

constexpr std::int64_t statistics_rows = 1000;  // a page
constexpr std::size_t recordings_a_page = 20;   // requests
constexpr std::size_t fingerprint_digits = 16;

// Where a listing by `skip` goes on, with a fingerprint of the page before: a server that does not heed
// `skip` would send the same page for ever.
struct SkipCursor {
  std::int64_t skip = 0;
  std::string fingerprint = {};

  static Result<SkipCursor> parse(std::string_view text) {
    if (text.empty()) return SkipCursor{};
    const auto parts = split_once(text, ':');
    const auto skip = parts ? parse_integer(parts->first) : std::nullopt;
    if (!skip || *skip < 0)
      return fail(trunkline::error_codes::invalid_argument, "The cursor is not one of this feed.");
    return SkipCursor{.skip = *skip, .fingerprint = std::string(parts->second)};
  }
  std::string text() const { return fmt::format("{}:{}", skip, fingerprint); }
};

std::string fingerprint_of(const json::Value* rows) {
  return hex_encode(crypto::sha256(rows == nullptr ? std::string() : json::write(*rows)))
      .substr(0, fingerprint_digits);
}

std::int64_t position_in(std::string_view cursor) {
  return std::max<std::int64_t>(0, parse_integer(cursor).value_or(0));
}

Page whole_page(std::string_view why) {
  Page page;
  page.said.end = why;
  return page;
}

struct ConfigStep {
  std::string_view path;
  std::string_view list;  // "" when the answer itself is the resource
  std::string_view kind;
  std::string_view id_key;
};
constexpr std::array<ConfigStep, 5> config_steps{{
    {"/v1/pbx/internal/", "numbers", "pbx_internal", ""},
    {"/v1/pbx/ivr/", "ivrs", "pbx_ivr", "menu_id"},
    {"/v1/pbx/callinfo/", "", "pbx_callinfo", ""},
    {"/v1/pbx/webhooks/", "", "pbx_webhooks", ""},
    {"/v1/sip/redirection/", "info", "sip_redirection", "sip_id"},
}};

}  // namespace

// A window that is too long is silently cut: what the answer says it is about decides.
Result<void> Client::check_echo(const Answer& answer, const std::string& start,
                                const std::string& end) const {
  for (const auto& [key, asked] : {std::pair("start", start), std::pair("end", end)}) {
    const auto echoed = filled_text_of(answer.value.find(key));
    if (echoed && *echoed != asked) {
      return fail(error_codes::provider_inconsistent,
                  fmt::format("Zadarma answered for another window: /{} is {}, {} was asked for.", key,
                              *echoed, asked));
    }
  }
  return {};
}

Result<std::int64_t> Client::read_statistics(const PageRequest& request, Answer& answer, Page& page) const {
  const Reading with = reading(request.own_numbers);
  std::map<std::string, std::size_t> pbx_calls;  // where in the page
  return each_row(answer, "stats", [&](json::Value& row) -> Result<void> {
    if (request.feed.name == "pbx") {
      Result<std::string> id = pbx_call_of(row, with);
      if (!id) return fail(id.error());
      const auto [place, is_new] = pbx_calls.emplace(*id, page.rows.calls.size());
      if (is_new) page.rows.calls.push_back({.external_call_id = *id});
      page.rows.calls[place->second].parts.push_back(stored(row));
      if (auto recording = recording_of_leg(row, with)) page.rows.recordings.push_back(std::move(*recording));
      return {};
    }
    Result<CallRow> call =
        request.feed.name == "incoming" ? incoming_call(row, with) : statistics_call(row, with);
    if (!call) return fail(call.error());
    page.rows.calls.push_back(std::move(*call));
    return {};
  });
}

Result<Page> Client::fetch_statistics(const PageRequest& request, Watch& watch) {
  const Result<SkipCursor> cursor = SkipCursor::parse(request.cursor);
  if (!cursor) return fail(cursor.error());
  const Window window = zone_.widened(request.window);
  const std::string start = zone_.write(window.begin);
  const std::string end = zone_.write(window.end);
  Parameters parameters{{"start", start},
                        {"end", end},
                        {"skip", std::to_string(cursor->skip)},
                        {"limit", std::to_string(statistics_rows)}};
  std::string path = "/v1/statistics/";
  if (request.feed.name == "pbx") {
    path += "pbx/";
    parameters["version"] = "2";
  }
  if (request.feed.name == "incoming") path += "incoming-calls/";
  Result<Answer> answer = get(path, std::move(parameters), watch);
  if (!answer) return fail(answer.error());
  if (const Result<void> echo = check_echo(*answer, start, end); !echo) return fail(echo.error());
  const std::string fingerprint = fingerprint_of(answer->value.find("stats"));
  Page page;
  const Result<std::int64_t> rows = read_statistics(request, *answer, page);
  if (!rows) return fail(rows.error());
  if (*rows > 0 && cursor->skip > 0 && fingerprint == cursor->fingerprint) {
    return fail(error_codes::provider_inconsistent,
                fmt::format("Zadarma sent the same page again at skip {}.", cursor->skip));
  }
  page.said.rows = *rows;
  page.said.page = cursor->skip / statistics_rows + 1;
  if (answer->value.find("start") != nullptr && answer->value.find("end") != nullptr)
    page.said.echoed = window;
  if (*rows < statistics_rows) {
    page.said.end = "short page";
  } else {
    page.next_cursor = SkipCursor{.skip = cursor->skip + *rows, .fingerprint = fingerprint}.text();
  }
  return page;
}

Result<Page> Client::fetch_widgets(const PageRequest& request, Watch& watch) {
  const std::string start = zone_.write(request.window.begin);
  const std::string end = zone_.write(request.window.end);
  Result<Answer> answer = get("/v1/statistics/callback_widget/", {{"start", start}, {"end", end}}, watch);
  if (!answer) return fail(answer.error());
  if (const Result<void> echo = check_echo(*answer, start, end); !echo) return fail(echo.error());
  Page page = whole_page("whole answer");
  const Result<std::int64_t> rows = each_row(*answer, "stats", [&](json::Value& row) -> Result<void> {
    Result<ResourceRow> session = resource(row, "widget_session", "id", "");
    if (!session) return fail(session.error());
    page.rows.resources.push_back(std::move(*session));
    return {};
  });
  if (!rows) return fail(rows.error());
  page.said.rows = *rows;
  page.said.echoed = request.window;
  return page;
}

// Files that are not there (yet) are left out: the warehouse asks again.
Result<Page> Client::fetch_recordings(const PageRequest& request, Watch& watch) {
  const auto first = static_cast<std::size_t>(position_in(request.cursor));
  const std::size_t end = std::min(request.wanted.size(), first + recordings_a_page);
  Page page;
  for (std::size_t at = first; at < end; ++at) {
    Result<RecordingRow> row = fetch_recording(request.wanted[at], watch);
    const bool is_missing = !row && (row.error().code() == error_codes::provider_gone ||
                                     row.error().code() == error_codes::provider_refused);
    if (is_missing) continue;
    if (!row) return fail(row.error());
    page.rows.recordings.push_back(std::move(*row));
  }
  page.said.rows = static_cast<std::int64_t>(page.rows.recordings.size());
  page.said.total = static_cast<std::int64_t>(request.wanted.size());
  if (end < request.wanted.size()) {
    page.next_cursor = std::to_string(end);
  } else {
    page.said.end = "all asked for";
  }
  return page;
}

Result<Page> Client::fetch_numbers(Watch& watch) {
  Result<Answer> answer = get("/v1/direct_numbers/", {}, watch);
  if (!answer) return fail(answer.error());
  Page page = whole_page("whole answer");
  const Result<std::int64_t> rows = each_row(*answer, "info", [&](json::Value& row) -> Result<void> {
    Result<PhoneNumberRow> number = phone_number(row, reading());
    if (!number) return fail(number.error());
    Result<std::optional<BillingRow>> item = rental(row, reading());
    if (!item) return fail(item.error());
    page.rows.phone_numbers.push_back(std::move(*number));
    if (*item) page.rows.billing.push_back(std::move(**item));
    return {};
  });
  if (!rows) return fail(rows.error());
  page.said.rows = *rows;
  return page;
}

Result<Page> Client::fetch_sip(Watch& watch) {
  Result<Answer> answer = get("/v1/sip/", {}, watch);
  if (!answer) return fail(answer.error());
  Page page = whole_page("whole answer");
  const Result<std::int64_t> rows = each_row(*answer, "sips", [&](json::Value& row) -> Result<void> {
    Result<ResourceRow> sip = resource(row, "sip", "id", "display_name");
    if (!sip) return fail(sip.error());
    page.rows.resources.push_back(std::move(*sip));
    return {};
  });
  if (!rows) return fail(rows.error());
  page.said.rows = *rows;
  return page;
}

// The configuration is spread over several paths: a page each.
Result<Page> Client::fetch_pbx_config(const PageRequest& request, Watch& watch) {
  const auto step_number =
      std::min<std::size_t>(static_cast<std::size_t>(position_in(request.cursor)), config_steps.size() - 1);
  const ConfigStep& step = config_steps[step_number];
  Result<Answer> answer = get(std::string(step.path), {}, watch);
  if (!answer) return fail(answer.error());
  Page page;
  if (step.list.empty()) {
    json::Value row = answer->value;
    if (answer->is_repaired) note_repairs(row);
    row.as_object()->remove("status");
    page.rows.resources.push_back(
        {.kind = std::string(step.kind), .external_id = "account", .data = stored(row)});
    page.said.rows = 1;
  } else if (step.id_key.empty()) {
    const json::Value* numbers = answer->value.find(step.list);
    if (numbers == nullptr || numbers->as_array() == nullptr)
      return fail(malformed_at(fmt::format("/{}", step.list), "must be a list"));
    for (const json::Value& number : *numbers->as_array()) {
      const std::string id = text_of(&number).value_or("");
      page.rows.resources.push_back(
          {.kind = std::string(step.kind), .external_id = id, .data = json::object({{"number", id}})});
    }
    page.said.rows = static_cast<std::int64_t>(numbers->as_array()->size());
  } else {
    const Result<std::int64_t> rows = each_row(*answer, step.list, [&](json::Value& row) -> Result<void> {
      Result<ResourceRow> part = resource(row, step.kind, step.id_key, "title");
      if (!part) return fail(part.error());
      part->status = filled_text_of(row.find("status"));
      page.rows.resources.push_back(std::move(*part));
      return {};
    });
    if (!rows) return fail(rows.error());
    page.said.rows = *rows;
  }
  page.said.page = static_cast<std::int64_t>(step_number) + 1;
  page.said.pages = static_cast<std::int64_t>(config_steps.size());
  if (step_number + 1 < config_steps.size()) {
    page.next_cursor = std::to_string(step_number + 1);
  } else {
    page.said.end = "last of the settings";
  }
  return page;
}

Result<Page> Client::fetch_balance(Watch& watch) {
  const Result<Answer> answer = get("/v1/info/balance/", {}, watch);
  if (!answer) return fail(answer.error());
  Result<BalanceRow> row = balance(answer->value);
  if (!row) return fail(row.error());
  Page page = whole_page("whole answer");
  page.rows.balances.push_back(std::move(*row));
  page.said.rows = 1;
  return page;
}

Result<Page> Client::fetch_plan(Watch& watch) {
  const Result<Answer> answer = get("/v1/tariff/", {}, watch);
  if (!answer) return fail(answer.error());
  const json::Value* info = answer->value.find("info");
  if (info == nullptr || info->as_object() == nullptr)
    return fail(malformed_at("/info", "must be an object"));
  Result<std::optional<BillingRow>> item = plan(*info, zone_.day(exchange_.now()));
  if (!item) return fail(item.error());
  Page page = whole_page("whole answer");
  if (*item) page.rows.billing.push_back(std::move(**item));
  page.said.rows = 1;
  return page;
}

// The numbers of the option `prices`, one a page.
Result<Page> Client::fetch_prices(const PageRequest& request, Watch& watch) {
  const auto listed = account_.options.find("prices");
  const std::string text = listed == account_.options.end() ? "" : listed->second;
  const std::vector<std::string_view> numbers = split(text, ',');
  const auto at = static_cast<std::size_t>(position_in(request.cursor));
  Page page;
  if (at < numbers.size() && !trim(numbers[at]).empty()) {
    const std::string number(trim(numbers[at]));
    Result<Answer> answer = get("/v1/info/price/", {{"number", number}}, watch);
    if (!answer) return fail(answer.error());
    const json::Value* info = answer->value.find("info");
    page.rows.resources.push_back({.kind = "price",
                                   .external_id = number,
                                   .data = info == nullptr ? json::Value(json::Object()) : stored(*info)});
    page.said.rows = 1;
  }
  if (at + 1 < numbers.size()) {
    page.next_cursor = std::to_string(at + 1);
  } else {
    page.said.end = "last of the configured numbers";
  }
  return page;
}

}  // namespace trunkline::warehouse::zadarma
