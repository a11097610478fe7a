#include "warehouse/zadarma/client.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "warehouse/zadarma/client_impl.hpp"
#include "warehouse/zadarma/commands.hpp"
#include "warehouse/zadarma/webhook.hpp"

namespace trunkline::warehouse::zadarma {
namespace {

constexpr std::string_view own_base_url = "https://api.zadarma.com";
constexpr std::string_view statistics_prefix = "/v1/statistics/";
// How long a file may take to appear after its call, before it counts as never made.
constexpr Duration recording_patience = hours(48);

// The quotas of contracts/zadarma.md, section 3.
constexpr std::size_t statistics_a_minute = 3;
constexpr std::size_t requests_a_minute = 100;

std::int64_t integer_option(const ProviderAccount& account, const std::string& name, std::int64_t otherwise) {
  const auto found = account.options.find(name);
  return found == account.options.end() ? otherwise : parse_integer(found->second).value_or(otherwise);
}

std::vector<Feed> feeds_of(const ProviderAccount& account) {
  const auto calls = [](std::string name) {
    return Feed{.name = std::move(name), .overlap = hours(48), .window_max = days(29)};
  };
  const auto listing = [](std::string name, SyncType type, std::vector<std::string> kinds) {
    return Feed{.name = std::move(name),
                .type = type,
                .scope = FeedScope::listing,
                .resource_kinds = std::move(kinds)};
  };
  Feed numbers = listing("phone_numbers", SyncType::phone_numbers, {});
  numbers.lists_phone_numbers = true;
  Feed pbx = calls("pbx");
  pbx.part_key = "call_id";
  Feed widgets = calls("callback_widget");
  widgets.on_by_default = false;
  Feed prices = listing("prices", SyncType::phone_numbers, {"price"});
  prices.on_by_default = account.options.contains("prices");
  const std::vector<Feed> all{
      numbers,
      listing("sip", SyncType::phone_numbers, {"sip"}),
      listing("pbx_config", SyncType::phone_numbers,
              {"pbx_internal", "pbx_ivr", "pbx_callinfo", "pbx_webhooks", "sip_redirection"}),
      prices,
      calls("statistics"),
      pbx,
      calls("incoming"),
      widgets,
      Feed{.name = "recordings", .type = SyncType::recordings, .scope = FeedScope::wanted},
      listing("balance", SyncType::balance, {}),
      listing("tariff", SyncType::billing, {}),
  };
  std::vector<Feed> on;
  for (const Feed& feed : all) {
    const bool is_on =
        feed.on_by_default ? !account.feeds_off.contains(feed.name) : account.feeds_on.contains(feed.name);
    if (is_on) on.push_back(feed);
  }
  return on;
}

// 429 names the second at which the quota is fresh; a second more, and a minute when it does not.
std::optional<Duration> asked_wait(const net::Headers& headers, Instant now) {
  const auto reset = headers.find("X-RateLimit-Reset");
  const std::int64_t epoch = reset ? parse_integer(*reset).value_or(0) : 0;
  if (epoch <= 0 || epoch > 10'000'000'000) return minutes(1);
  return std::max(Duration(seconds(1)), from_microseconds(epoch * 1'000'000) + seconds(1) - now);
}

// A missing status is no error; the CRM paths put the text into `data`.
std::optional<std::string> error_in(const json::Value& body) {
  const json::Value* status = body.find("status");
  if (status == nullptr || status->as_text() == nullptr || *status->as_text() != "error") return std::nullopt;
  for (const std::string_view key : {"message", "data"}) {
    if (const auto text = filled_text_of(body.find(key))) return text;
  }
  return "no reason given";
}

}  // namespace

Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context) {
  if (account.key.empty() || account.secret.empty())
    return fail(trunkline::error_codes::invalid_argument,
                "Zadarma needs a key and a secret (from the cabinet, \"API\").");
  Result<TimeZone> zone = TimeZone::find(account.time_zone);
  if (!zone) return fail(zone.error());
  return std::make_unique<Client>(std::move(account), std::move(context), std::move(*zone));
}

Client::Client(ProviderAccount account, ClientContext context, TimeZone zone)
    : account_(std::move(account)),
      zone_(std::move(zone)),
      base_url_(account_.base_url.empty() ? own_base_url : account_.base_url),
      feeds_(feeds_of(account_)),
      exchange_(std::move(context),
                AnswerRules{.provider = "Zadarma", .asked_wait = asked_wait, .error_in = error_in}),
      statistics_budget_(statistics_a_minute,
                         milliseconds(integer_option(account_, "quota_window_ms", 60'000))),
      budget_(requests_a_minute, milliseconds(integer_option(account_, "quota_window_ms", 60'000))) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

Result<Answer> Client::send(net::Method method, const std::string& path, Parameters parameters, Watch& watch,
                            bool is_read, bool is_single) {
  parameters.emplace("format", "json");
  Order order{.method = method, .url = base_url_ + path};
  order.headers.add("Authorization", authorization(account_.key.reveal(), account_.secret, path, parameters));
  if (method == net::Method::get) {
    order.url += "?" + query_text(parameters);
  } else {
    order.body = query_text(parameters);
    order.headers.add("Content-Type", "application/x-www-form-urlencoded");
  }
  order.is_read = is_read;
  order.is_single = is_single;
  order.budget = path.starts_with(statistics_prefix) ? &statistics_budget_ : &budget_;
  return exchange_.send(order, watch);
}

Result<Answer> Client::get(const std::string& path, Parameters parameters, Watch& watch, bool is_single) {
  return send(net::Method::get, path, std::move(parameters), watch, true, is_single);
}

Result<Page> Client::fetch(const PageRequest& request, Watch& watch) {
  const std::string& name = request.feed.name;
  if (name == "statistics" || name == "pbx" || name == "incoming") return fetch_statistics(request, watch);
  if (name == "callback_widget") return fetch_widgets(request, watch);
  if (name == "recordings") return fetch_recordings(request, watch);
  if (name == "phone_numbers") return fetch_numbers(watch);
  if (name == "sip") return fetch_sip(watch);
  if (name == "pbx_config") return fetch_pbx_config(request, watch);
  if (name == "balance") return fetch_balance(watch);
  if (name == "tariff") return fetch_plan(watch);
  if (name == "prices") return fetch_prices(request, watch);
  return fail(error_codes::not_offered, fmt::format("Zadarma has no feed '{}'.", name));
}

CallRow Client::fold(const json::Array& parts) const {
  return pbx_call(parts, reading());
}

// By the leg's id: one leg, one file. The link's life is a local time, like all others.
Result<RecordingRow> Client::fetch_recording(const WantedRecording& wanted, Watch& watch) {
  const std::int64_t lifetime = integer_option(account_, "recording_link_seconds", 5'184'000);
  Result<Answer> answer =
      get("/v1/pbx/record/request/",
          {{"call_id", wanted.external_recording_id}, {"lifetime", std::to_string(lifetime)}}, watch, true);
  if (!answer) {
    const bool is_missing = answer.error().code() == error_codes::provider_gone ||
                            answer.error().code() == error_codes::provider_refused;
    if (!is_missing) return fail(answer.error());
    const bool is_recent = !wanted.started_at || exchange_.now() < *wanted.started_at + recording_patience;
    return fail(
        Error(is_recent ? error_codes::provider_refused : error_codes::provider_gone,
              is_recent ? "The recording is not there yet." : "There is no such recording (any more).")
            .caused_by(answer.error()));
  }
  RowReader reader(answer->value);
  RecordingRow row;
  row.external_recording_id = wanted.external_recording_id;
  if (!wanted.external_call_id.empty()) row.external_call_id = row.session_id = wanted.external_call_id;
  row.recording_url = reader.required("link");
  if (const auto till = reader.text("lifetime_till")) {
    const auto time = zone_.read(*till);
    if (!time) reader.fail_at("lifetime_till", "is no local time");
    if (time) row.recording_url_expires_at = time->instant;
  }
  row.format = "mp3";
  row.created_at = wanted.started_at;
  row.duration_seconds = wanted.duration_seconds;
  row.raw_data = json::object({{"call_id", wanted.external_recording_id}});
  return reader.finish(std::move(row));
}

Result<WebhookEvent> Client::read_webhook(const WebhookDelivery& delivery) const {
  return zadarma::read_webhook(delivery, account_.secret, reading());
}

Result<std::string> Client::check(Watch& watch) {
  const Result<Answer> answer = get("/v1/info/timezone/", {}, watch);
  if (!answer) return fail(answer.error());
  RowReader reader(answer->value);
  const auto unix_second = reader.integer("unixtime");
  const std::string local = reader.required("datetime");
  if (const Result<void> read = reader.result(); !read) return fail(read.error());
  // Read as if it were UTC, the difference to the real UTC is the account's offset today.
  const auto as_utc = TimeZone::utc().read(local);
  if (!unix_second || !as_utc) return fail(malformed_at("/datetime", "is no local time"));
  const Instant now = from_microseconds(*unix_second * 1'000'000);
  const Duration theirs = as_utc->instant - now;
  const Duration ours = zone_.offset_at(now);
  const auto hours_text = [](Duration offset) {
    return fmt::format("{:+.4g} h", static_cast<double>(offset.count()) / 3.6e9);
  };
  if (std::chrono::abs(theirs - ours) > minutes(2)) {
    return fail(
        error_codes::provider_inconsistent,
        fmt::format("The account's clock is at {}, but {} is at {}. Set time_zone to the zone that is set "
                    "in Zadarma's cabinet.",
                    hours_text(theirs), zone_.name(), hours_text(ours)));
  }
  return fmt::format("The key works; the account's clock agrees with {} ({}).", zone_.name(),
                     hours_text(ours));
}

std::vector<OnDemandCommand> Client::commands() const {
  return all_commands();
}

Result<json::Value> Client::run(std::string_view command, const std::map<std::string, std::string>& arguments,
                                Watch& watch) {
  const std::vector<OnDemandCommand> known = all_commands();
  const auto described = std::ranges::find(known, command, &OnDemandCommand::name);
  if (described == known.end()) return Provider::run(command, arguments, watch);
  if (!described->instead.empty()) return fail(error_codes::not_offered, described->instead);
  Parameters parameters(arguments.begin(), arguments.end());
  for (const std::string& name : described->arguments) {
    if (!parameters.contains(name))
      return fail(trunkline::error_codes::invalid_argument, fmt::format("{} needs '{}'.", command, name));
  }
  const CommandRequest& request = *request_of(command);
  std::string path(request.path);
  if (const std::size_t open = path.find('{'); open != std::string::npos) {
    const std::size_t close = path.find('}');
    const std::string name = path.substr(open + 1, close - open - 1);
    path.replace(open, close - open + 1, percent_encode(parameters[name]));
    parameters.erase(name);
  }
  Result<Answer> answer =
      send(request.method, path, std::move(parameters), watch, !described->costs_money, false);
  if (!answer) return fail(answer.error());
  return std::move(answer->value);
}

// There is no history of messages: what was sent is known now or never.
Result<RowSet> Client::rows_of(std::string_view command, const std::map<std::string, std::string>& arguments,
                               const json::Value& answer, Instant now,
                               const std::function<std::string()>& next_id) const {
  RowSet rows;
  if (command != "sms_send") return rows;
  const auto text = arguments.find("message");
  const auto sender = arguments.find("sender");
  Result<std::vector<MessageRow>> messages =
      sent_messages(answer, text == arguments.end() ? "" : text->second,
                    sender == arguments.end() ? "" : sender->second, now, reading(), next_id);
  if (!messages) return fail(messages.error());
  rows.messages = std::move(*messages);
  return rows;
}

}  // namespace trunkline::warehouse::zadarma
