#include "warehouse/telnyx/client.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "warehouse/telnyx/client_impl.hpp"
#include "warehouse/telnyx/commands.hpp"
#include "warehouse/telnyx/webhook.hpp"

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::string_view own_base_url = "https://api.telnyx.com/v2";
constexpr std::string_view records_path = "/detail_records";
constexpr std::string_view own_report_path = "/legacy/reporting/batch_detail_records/voice";
constexpr std::size_t records_a_minute = 40;  // contracts/telnyx.md, section 3

std::int64_t quota_window_ms(const ProviderAccount& account) {
  const auto found = account.options.find("quota_window_ms");
  constexpr std::int64_t usual = 60'000;
  return found == account.options.end() ? usual : parse_integer(found->second).value_or(usual);
}

constexpr std::int64_t wait_seconds_max = 86'400;

// Seconds from now.
std::optional<Duration> asked_wait(const net::Headers& headers, Instant) {
  for (const char* name : {"x-ratelimit-reset", "retry-after"}) {
    const auto text = headers.find(name);
    const std::int64_t wait = text ? parse_integer(*text).value_or(-1) : -1;
    if (wait >= 0) return seconds(std::min(wait, wait_seconds_max) + 1);
  }
  return std::nullopt;
}

std::optional<std::string> error_in(const json::Value& body) {
  const json::Value* errors = body.find("errors");
  // A message has a list of delivery errors of that name inside `data`, not here.
  if (errors == nullptr || errors->as_array() == nullptr || errors->as_array()->empty()) return std::nullopt;
  const json::Value& first = errors->as_array()->front();
  for (const std::string_view key : {"detail", "title", "code"}) {
    if (const auto text = filled_text_of(first.find(key))) return text;
  }
  return "no reason given";
}

}  // namespace

Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context) {
  if (account.key.empty())
    return fail(trunkline::error_codes::invalid_argument,
                "Telnyx needs an API key (from the portal, \"API Keys\").");
  return std::make_unique<Client>(std::move(account), std::move(context));
}

Client::Client(ProviderAccount account, ClientContext context)
    : account_(std::move(account)),
      base_url_(account_.base_url.empty() ? own_base_url : account_.base_url),
      feeds_(feeds_of(account_)),
      exchange_(std::move(context),
                AnswerRules{.provider = "Telnyx", .asked_wait = asked_wait, .error_in = error_in}),
      records_budget_(records_a_minute, milliseconds(quota_window_ms(account_))) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

Order Client::order(net::Method method, std::string_view path, const Parameters& parameters) const {
  Order order{.method = method, .url = base_url_ + std::string(path)};
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    order.url += separator + percent_encode(name) + '=' + percent_encode(value);
    separator = '&';
  }
  order.headers.add("Authorization", fmt::format("Bearer {}", account_.key.reveal()));
  return order;
}

Result<Answer> Client::get(std::string_view path, const Parameters& parameters, Watch& watch, bool is_single,
                           const KnownRows* known) {
  Order request = order(net::Method::get, path, parameters);
  request.known = known;
  request.is_single = is_single;
  if (path == records_path) request.budget = &records_budget_;
  return exchange_.send(request, watch);
}

// What is posted starts something: it is never sent twice.
Result<Answer> Client::post(std::string_view path, const json::Value& body, Watch& watch) {
  Order request = order(net::Method::post, path, {});
  request.headers.add("Content-Type", "application/json");
  request.body = json::write(body);
  request.is_read = false;
  return exchange_.send(request, watch);
}

Result<RowSet> Client::fetch_message(std::string_view external_message_id, Watch& watch) {
  Result<Answer> answer =
      get(fmt::format("/messages/{}", percent_encode(external_message_id)), {}, watch, true);
  if (!answer) return fail(answer.error());
  json::Object* body = answer->value.as_object();
  json::Value* data = body == nullptr ? nullptr : body->find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return fail(malformed_at("/data", "must be an object"));
  if (answer->is_repaired) note_repairs(*data);
  Result<MessageRow> row = message(*data, reading());
  if (!row) return fail(row.error());
  RowSet rows;
  rows.messages.push_back(std::move(*row));
  return rows;
}

Result<RecordingRow> Client::fetch_recording(const WantedRecording& wanted, Watch& watch) {
  Result<Answer> answer =
      get(fmt::format("/recordings/{}", percent_encode(wanted.external_recording_id)), {}, watch, true);
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  if (data == nullptr || data->as_object() == nullptr)
    return fail(malformed_at("/data", "must be an object"));
  Result<RecordingRow> row = recording(*data);
  if (!row) return row;
  if (!row->recording_url) return fail(error_codes::provider_refused, "The recording has no link yet.");
  // Ten minutes are what the webhook's documentation says of such links.
  row->recording_url_expires_at = exchange_.now() + minutes(10);
  if (const Result<Answer> texts =
          get("/recording_transcriptions", {{"filter[recording_id]", wanted.external_recording_id}}, watch)) {
    const json::Value* list = texts->value.find("data");
    if (list != nullptr && list->as_array() != nullptr && !list->as_array()->empty()) {
      const json::Value& first = list->as_array()->front();
      if (text_of(first.find("status")) == "completed")
        row->transcription = filled_text_of(first.find("transcription_text"));
    }
  }
  return row;
}

Result<WebhookEvent> Client::read_webhook(const WebhookDelivery& delivery) const {
  return telnyx::read_webhook(delivery, account_.public_key, reading());
}

Result<std::string> Client::check(Watch& watch) {
  const Result<Answer> answer = get("/balance", {}, watch);
  if (!answer) return fail(answer.error());
  const json::Value* data = answer->value.find("data");
  const Result<BalanceRow> row = data == nullptr ? fail(malformed_at("/data", "is missing")) : balance(*data);
  if (!row) return fail(row.error());
  return fmt::format("The key works; the balance is {} {}.", row->balance.to_text(),
                     row->currency.value_or(""));
}

std::vector<OnDemandCommand> Client::commands() const {
  return all_commands();
}

Result<json::Value> Client::run_get(std::string_view path,
                                    const std::map<std::string, std::string>& arguments, Watch& watch) {
  std::string filled(path);
  Parameters parameters;
  for (const auto& [name, value] : arguments) {
    const std::string place = "{" + name + "}";
    if (const std::size_t at = filled.find(place); at != std::string::npos) {
      filled.replace(at, place.size(), percent_encode(value));
    } else {
      parameters.emplace_back(name, value);
    }
  }
  Result<Answer> answer = get(filled, parameters, watch);
  if (!answer) return fail(answer.error());
  return std::move(answer->value);
}

// All pages, by cursor; a cursor that comes again would lead in a circle.
Result<json::Value> Client::list_active_calls(const std::string& connection, Watch& watch) {
  json::Array calls;
  std::set<std::string> seen;
  std::string after;
  while (true) {
    Parameters parameters{{"page[limit]", "250"}};
    if (!after.empty()) parameters.emplace_back("page[after]", after);
    Result<Answer> answer =
        get(fmt::format("/connections/{}/active_calls", percent_encode(connection)), parameters, watch);
    if (!answer) return fail(answer.error());
    const Result<std::int64_t> rows = each_row(*answer, "data", [&](json::Value& row) -> Result<void> {
      calls.push_back(stored(row));
      return {};
    });
    if (!rows) return fail(rows.error());
    const json::Value* meta = answer->value.find("meta");
    const json::Value* cursors = meta == nullptr ? nullptr : meta->find("cursors");
    after = cursors == nullptr ? "" : filled_text_of(cursors->find("after")).value_or("");
    if (after.empty()) return json::Value(std::move(calls));
    if (!seen.insert(after).second)
      return fail(error_codes::provider_inconsistent, "Telnyx sent the same cursor again.");
  }
}

Result<json::Value> Client::run(std::string_view command, const std::map<std::string, std::string>& arguments,
                                Watch& watch) {
  const std::vector<OnDemandCommand> known = all_commands();
  const auto described = std::ranges::find(known, command, &OnDemandCommand::name);
  if (described == known.end()) return Provider::run(command, arguments, watch);
  if (!described->instead.empty()) return fail(error_codes::not_offered, described->instead);
  for (const std::string& name : described->arguments) {
    if (!arguments.contains(name))
      return fail(trunkline::error_codes::invalid_argument, fmt::format("{} needs '{}'.", command, name));
  }
  if (command == "active_calls") return list_active_calls(arguments.at("connection_id"), watch);
  const CommandRequest& request = *request_of(command);
  if (request.method == net::Method::get) {
    std::string path(request.path);
    if (path.starts_with(own_report_path)) path.replace(0, own_report_path.size(), report_path());
    return run_get(path, arguments, watch);
  }
  std::string path(request.path);
  json::Object body;
  for (const auto& [name, value] : arguments) {
    const std::string place = "{" + name + "}";
    if (const std::size_t at = path.find(place); at != std::string::npos) {
      path.replace(at, place.size(), percent_encode(value));
    } else {
      body.set(name, value);
    }
  }
  Result<Answer> answer = post(path, std::move(body), watch);
  if (!answer) return fail(answer.error());
  return std::move(answer->value);
}

}  // namespace trunkline::warehouse::telnyx
