#include "warehouse/retell/client.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "net/retry.hpp"
#include "warehouse/http/exchange.hpp"
#include "warehouse/retell/commands.hpp"
#include "warehouse/retell/webhook.hpp"

namespace trunkline::warehouse::retell {
namespace {

constexpr std::string_view own_base_url = "https://api.retellai.com";
constexpr std::int64_t calls_a_page = 1000;
constexpr std::int64_t items_a_page = 50;
constexpr Duration list_calls_deadline = minutes(5);  // the vendor's own clients wait as long

std::vector<Feed> feeds_of(const ProviderAccount& account) {
  const auto listing = [](std::string name, SyncType type, std::vector<std::string> kinds) {
    return Feed{.name = std::move(name),
                .type = type,
                .scope = FeedScope::listing,
                .resource_kinds = std::move(kinds)};
  };
  Feed numbers = listing("phone_numbers", SyncType::phone_numbers, {"number_webhook"});
  numbers.lists_phone_numbers = true;
  const Feed calls{.name = "calls",
                   .type = SyncType::calls,
                   .order = FeedOrder::ascending,
                   .overlap = hours(24),
                   .window_max = days(30),
                   .wants_call_detail = true};
  std::vector<Feed> on;
  for (const Feed& feed :
       {numbers, listing("agents", SyncType::agents, {"agent", "agent_webhook"}),
        listing("llms", SyncType::agents, {"llm"}), listing("voices", SyncType::agents, {"voice"}),
        listing("concurrency", SyncType::agents, {"concurrency"}), calls}) {
    if (!account.feeds_off.contains(feed.name)) on.push_back(feed);
  }
  return on;
}

std::optional<Duration> asked_wait(const net::Headers& headers, Instant now) {
  return net::asked_delay(headers, now);
}

std::optional<std::string> error_in(const json::Value& body) {
  if (filled_text_of(body.find("status")) != "error") return std::nullopt;
  return filled_text_of(body.find("message")).value_or("no reason given");
}

// Where a list goes on: how many pages there were, and the provider's key.
struct KeyCursor {
  std::int64_t page = 1;
  std::string key = {};

  static KeyCursor parse(std::string_view text) {
    KeyCursor cursor;
    if (const auto parts = split_once(text, ':')) {
      cursor.page = parse_integer(parts->first).value_or(cursor.page);
      cursor.key = parts->second;
    }
    return cursor;
  }
  std::string next(std::string_view key_given) const { return fmt::format("{}:{}", page + 1, key_given); }
};

// What an answer says about more pages: these lists state no totals, so that only a page that says it is the
// last one proves the end. A key that comes again would lead in a circle.
Result<void> read_paging(const json::Value& answer, const KeyCursor& cursor, Page& page) {
  page.said.page = cursor.page;
  page.said.total = integer_of(answer.find("total"));
  const auto has_more = boolean_of(answer.find("has_more"));
  if (!has_more) return fail(malformed_at("/has_more", "must be true or false"));
  const auto key = filled_text_of(answer.find("pagination_key"));
  if (!*has_more) {
    page.said.end = "has_more false";
    return {};
  }
  if (!key) return fail(error_codes::provider_inconsistent, "Retell says that there is more, but not where.");
  if (*key == cursor.key || page.said.rows == 0)
    return fail(error_codes::provider_inconsistent, "Retell's list leads in a circle.");
  page.next_cursor = cursor.next(*key);
  return {};
}

}  // namespace

class Client final : public Provider {
 public:
  Client(ProviderAccount account, ClientContext context)
      : account_(std::move(account)),
        base_url_(account_.base_url.empty() ? own_base_url : account_.base_url),
        feeds_(feeds_of(account_)),
        exchange_(std::move(context), AnswerRules{.provider = "Retell",
                                                  .asked_wait = asked_wait,
                                                  .error_in = error_in,
                                                  .gone_statuses = {404, 422}}) {
    while (base_url_.ends_with('/')) base_url_.pop_back();
  }

  const ProviderAccount& account() const override { return account_; }
  std::span<const Feed> feeds() const override { return feeds_; }

  Result<Page> fetch(const PageRequest& request, Watch& watch) override {
    const std::string& name = request.feed.name;
    if (name == "calls") return fetch_calls(request, watch);
    if (name == "agents") return fetch_agents(request, watch);
    if (name == "phone_numbers") return fetch_numbers(request, watch);
    if (name == "llms") return fetch_llms(request, watch);
    if (name == "voices") return fetch_voices(watch);
    if (name == "concurrency") return fetch_concurrency(watch);
    return fail(error_codes::not_offered, fmt::format("Retell has no feed '{}'.", name));
  }

  Result<RowSet> fetch_call(std::string_view external_call_id, Watch& watch) override {
    Result<Answer> answer =
        get(fmt::format("/v2/get-call/{}", percent_encode(external_call_id)), watch, true);
    if (!answer) return fail(answer.error());
    if (answer->is_repaired) note_repairs(answer->value);
    RowSet rows;
    const Result<void> added = add_call(answer->value, reading(), {.standing = Standing::detail}, rows);
    if (!added) return fail(added.error());
    return rows;
  }

  Result<RecordingRow> fetch_recording(const WantedRecording& wanted, Watch& watch) override {
    const Result<RowSet> rows = fetch_call(wanted.external_call_id, watch);
    if (!rows) return fail(rows.error());
    for (const RecordingRow& row : rows->recordings) {
      if (row.external_recording_id == wanted.external_recording_id) return row;
    }
    return fail(error_codes::provider_gone, "The call has no recording.");
  }

  Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery) const override {
    const Secret& key = account_.secret.empty() ? account_.key : account_.secret;
    return retell::read_webhook(delivery, key, reading());
  }

  Result<std::string> check(Watch& watch) override {
    const Result<Answer> answer = get("/get-api-key-info", watch);
    if (!answer) return fail(answer.error());
    return fmt::format(
        "The key works; it belongs to {}.",
        filled_text_of(answer->value.find("org_name")).value_or("an organisation without a name"));
  }

  std::vector<OnDemandCommand> commands() const override { return all_commands(); }

  Result<json::Value> run(std::string_view command, const std::map<std::string, std::string>& arguments,
                          Watch& watch) override {
    const std::vector<OnDemandCommand> known = all_commands();
    const auto described = std::ranges::find(known, command, &OnDemandCommand::name);
    if (described == known.end()) return Provider::run(command, arguments, watch);
    if (!described->instead.empty()) return fail(error_codes::not_offered, described->instead);
    for (const std::string& name : described->arguments) {
      if (!arguments.contains(name))
        return fail(trunkline::error_codes::invalid_argument, fmt::format("{} needs '{}'.", command, name));
    }
    const CommandRequest& request = *request_of(command);
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
    Result<Answer> answer = request.method == net::Method::get
                                ? get(path, watch)
                                : post(path, std::move(body), watch, !described->costs_money);
    if (!answer) return fail(answer.error());
    return std::move(answer->value);
  }

 private:
  Reading reading() const {
    const auto wanted = account_.options.find("recordings");
    return {.default_region = account_.default_region,
            .all_recordings = wanted != account_.options.end() && wanted->second == "all"};
  }

  Order order(net::Method method, std::string_view path) const {
    Order order{.method = method, .url = base_url_ + std::string(path)};
    order.headers.add("Authorization", fmt::format("Bearer {}", account_.key.reveal()));
    return order;
  }

  Result<Answer> get(std::string_view path, Watch& watch, bool is_single = false) {
    Order request = order(net::Method::get, path);
    request.is_single = is_single;
    return exchange_.send(request, watch);
  }

  // Lists are posted and read all the same.
  Result<Answer> post(std::string_view path, const json::Value& body, Watch& watch, bool is_read = true) {
    Order request = order(net::Method::post, path);
    request.headers.add("Content-Type", "application/json");
    request.body = json::write(body);
    request.is_read = is_read;
    request.deadline = list_calls_deadline;
    return exchange_.send(request, watch);
  }

  static std::string listed(std::string_view path, const KeyCursor& cursor) {
    std::string text = fmt::format("{}?limit={}", path, items_a_page);
    if (!cursor.key.empty()) text += "&pagination_key=" + percent_encode(cursor.key);
    return text;
  }

  Result<Page> fetch_calls(const PageRequest& request, Watch& watch) {
    const KeyCursor cursor = KeyCursor::parse(request.cursor);
    const auto ms = [](Instant instant) { return to_microseconds(instant) / 1000; };
    const json::Value range =
        json::object({{"type", "range"},
                      {"op", "bt"},
                      {"value", json::array({ms(request.window.begin), ms(request.window.end)})}});
    json::Object body{{"filter_criteria", json::object({{"start_timestamp", range}})},
                      {"sort_order", "ascending"},
                      {"limit", calls_a_page}};
    if (!cursor.key.empty()) body.set("pagination_key", cursor.key);
    Result<Answer> answer = post("/v3/list-calls", std::move(body), watch);
    if (!answer) return fail(answer.error());
    Page page;
    const Result<std::int64_t> rows = each_row(*answer, "items", [&](json::Value& row) {
      return add_call(row, reading(), {.standing = Standing::record}, page.rows);
    });
    if (!rows) return fail(rows.error());
    page.said.rows = *rows;
    if (const Result<void> paging = read_paging(answer->value, cursor, page); !paging)
      return fail(paging.error());
    return page;
  }

  // The list has names only: each agent of a page is read in full.
  Result<Page> fetch_agents(const PageRequest& request, Watch& watch) {
    const KeyCursor cursor = KeyCursor::parse(request.cursor);
    Result<Answer> answer = post(listed("/v2/list-agents", cursor), json::Object(), watch);
    if (!answer) return fail(answer.error());
    Page page;
    const Result<std::int64_t> rows = each_row(*answer, "items", [&](json::Value& row) -> Result<void> {
      RowReader reader(row);
      const std::string id = reader.required("agent_id");
      if (const Result<void> read = reader.result(); !read) return read;
      if (reader.text("channel") == "chat") {
        ++page.said.left_out;
        return {};
      }
      return add_agent(id, page, watch);
    });
    if (!rows) return fail(rows.error());
    page.said.rows = *rows;
    if (const Result<void> paging = read_paging(answer->value, cursor, page); !paging)
      return fail(paging.error());
    return page;
  }

  Result<void> add_agent(const std::string& id, Page& page, Watch& watch) {
    Result<Answer> answer = get(fmt::format("/get-agent/{}", percent_encode(id)), watch, true);
    // Deleted between the list and now.
    if (!answer && answer.error().code() == error_codes::provider_gone) {
      ++page.said.left_out;
      return {};
    }
    if (!answer) return fail(answer.error());
    if (answer->is_repaired) note_repairs(answer->value);
    Result<AgentRow> row = agent(answer->value);
    if (!row) return fail(row.error());
    Result<ResourceRow> whole = resource(answer->value, "agent", "agent_id", "agent_name");
    if (!whole) return fail(whole.error());
    page.rows.agents.push_back(std::move(*row));
    page.rows.resources.push_back(std::move(*whole));
    if (auto webhook = webhook_of(answer->value, "agent_webhook", id, "webhook_url"))
      page.rows.resources.push_back(std::move(*webhook));
    return {};
  }

  // A page of a list that is asked for by GET.
  Result<Page> fetch_list(std::string_view path, const PageRequest& request,
                          const std::function<Result<void>(const json::Value&, RowSet&)>& add, Watch& watch) {
    const KeyCursor cursor = KeyCursor::parse(request.cursor);
    Result<Answer> answer = get(listed(path, cursor), watch);
    if (!answer) return fail(answer.error());
    Page page;
    const Result<std::int64_t> rows =
        each_row(*answer, "items", [&](json::Value& row) { return add(row, page.rows); });
    if (!rows) return fail(rows.error());
    page.said.rows = *rows;
    if (const Result<void> paging = read_paging(answer->value, cursor, page); !paging)
      return fail(paging.error());
    return page;
  }

  Result<Page> fetch_numbers(const PageRequest& request, Watch& watch) {
    return fetch_list(
        "/v2/list-phone-numbers", request,
        [&](const json::Value& row, RowSet& rows) -> Result<void> {
          Result<PhoneNumberRow> number = phone_number(row, reading());
          if (!number) return fail(number.error());
          if (auto webhook = webhook_of(row, "number_webhook", number->phone_number, "inbound_webhook_url"))
            rows.resources.push_back(std::move(*webhook));
          rows.phone_numbers.push_back(std::move(*number));
          return {};
        },
        watch);
  }

  Result<Page> fetch_llms(const PageRequest& request, Watch& watch) {
    return fetch_list(
        "/v2/list-retell-llms", request,
        [](const json::Value& row, RowSet& rows) -> Result<void> {
          Result<ResourceRow> model = llm(row);
          if (!model) return fail(model.error());
          rows.resources.push_back(std::move(*model));
          return {};
        },
        watch);
  }

  // A bare list, not paged.
  Result<Page> fetch_voices(Watch& watch) {
    Result<Answer> answer = get("/list-voices", watch);
    if (!answer) return fail(answer.error());
    Page page;
    const Result<std::int64_t> rows = each_row(*answer, "", [&](json::Value& row) -> Result<void> {
      Result<ResourceRow> voice = resource(row, "voice", "voice_id", "voice_name");
      if (!voice) return fail(voice.error());
      page.rows.resources.push_back(std::move(*voice));
      return {};
    });
    if (!rows) return fail(rows.error());
    page.said = {.rows = *rows, .end = "whole answer"};
    return page;
  }

  Result<Page> fetch_concurrency(Watch& watch) {
    const Result<Answer> answer = get("/get-concurrency", watch);
    if (!answer) return fail(answer.error());
    if (answer->value.as_object() == nullptr) return fail(malformed_at("", "must be an object"));
    Page page;
    page.rows.resources.push_back(
        {.kind = "concurrency", .external_id = "account", .data = stored(answer->value)});
    page.said = {.rows = 1, .end = "whole answer"};
    return page;
  }

  ProviderAccount account_;
  std::string base_url_;
  std::vector<Feed> feeds_;
  Exchange exchange_;
};

Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context) {
  if (account.key.empty())
    return fail(trunkline::error_codes::invalid_argument, "Retell needs an API key (from the dashboard).");
  return std::make_unique<Client>(std::move(account), std::move(context));
}

}  // namespace trunkline::warehouse::retell
