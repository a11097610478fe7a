#include "fakes/retell/fake_retell.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/encoding.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "fakes/provider/quota.hpp"
#include "fakes/retell/filter.hpp"
#include "fakes/retell/hooks.hpp"
#include "fakes/retell/reference.hpp"

namespace trunkline::fakes {
namespace {

Reply error(int status, std::string_view message) {
  return {.status = status,
          .headers = {},
          .body = json::write(json::object({{"status", "error"}, {"message", message}}))};
}
Reply ok(const json::Value& value) {
  return {.body = json::write(value)};
}

std::int64_t integer_in(const json::Value& body, std::string_view name, std::int64_t otherwise) {
  const json::Value* member = body.find(name);
  return member == nullptr ? otherwise : member->as_integer().value_or(otherwise);
}
std::string text_in(const json::Value& body, std::string_view name) {
  const json::Value* member = body.find(name);
  return member == nullptr || member->as_text() == nullptr ? "" : *member->as_text();
}

// Positions in a list as opaque keys.
std::string key_of(std::int64_t position) {
  return base64url_encode(fmt::format("{{\"k\":{}}}", position));
}
std::optional<std::int64_t> position_of(std::string_view key) {
  const auto text = base64url_decode(key);
  if (!text) return std::nullopt;
  const Result<json::Value> value = json::parse(*text);
  const json::Value* member = value ? value->find("k") : nullptr;
  return member == nullptr ? std::nullopt : member->as_integer();
}

}  // namespace

struct FakeRetell::State {
  explicit State(FakeRetellOptions fake_options)
      : options(std::move(fake_options)),
        world(options.world),
        quota(options.quota, options.quota_window),
        server(options.port, options.clock, rules()) {}

  ProviderRules rules() {
    return {.answer = [this](const net::Request& request,
                             const FaultHits& hits) { return answer(request, hits); },
            .truth = [this](std::string_view name, Instant from, Instant to, std::int64_t offset,
                            std::int64_t limit) { return truth(name, from, to, offset, limit); },
            .webhooks =
                [this](Instant from, Instant to) {
                  return retell::hooks_between(world, options.api_key, from, to, server.now());
                }};
  }

  Reply answer(const net::Request& request, const FaultHits& hits) {
    const Instant now = server.now();
    if (!quota.take(now).admitted || hits.has(FaultKind::rate_limited))
      return error(429, "Account rate limited, please throttle your requests.");
    if (hits.has(FaultKind::server_error)) return error(500, "An unexpected server error occurred.");
    if (request.headers.find("Authorization") != "Bearer " + options.api_key)
      return error(401, "API key is missing or invalid.");
    const bool is_post = request.method == net::Method::post;
    if (!is_post && request.method != net::Method::get)
      return error(404, "The requested resource was not found.");
    const Result<json::Value> body = json::parse(is_post && !request.body.empty() ? request.body : "{}");
    if (!body) return error(400, "Invalid request format, please check API reference.");
    return route(request, *body, hits, now);
  }

  Reply route(const net::Request& request, const json::Value& body, const FaultHits& hits, Instant now) {
    const std::string_view path = request.path();
    const bool is_post = request.method == net::Method::post;
    if (is_post && path == "/v3/list-calls") return list_calls(body, hits, now);
    if (is_post && path == "/v2/list-calls") return list_calls_of_old(body, now);
    if (is_post && path == "/v2/create-phone-call") return create_call(body);
    constexpr std::string_view get_call = "/v2/get-call/";
    if (!is_post && path.starts_with(get_call)) {
      const auto found = world.find(path.substr(get_call.size()));
      if (!found || found->start > now) return error(422, "Cannot find requested asset under given api key.");
      return ok(world.object(*found, now, true));
    }
    if (is_post == (path == "/v2/list-agents")) {
      if (const auto list = retell::reference_list(path)) return list_page(request, *list, hits);
      if (const auto object = retell::reference_object(path)) return ok(*object);
    }
    return error(404, "The requested resource was not found.");
  }

  static Reply list_page(const net::Request& request, const json::Array& list, const FaultHits& hits) {
    const auto number = [&](std::string_view name, std::int64_t otherwise) {
      const auto text = request.query_parameter(name);
      std::int64_t value = otherwise;
      if (text) std::from_chars(text->data(), text->data() + text->size(), value);
      return value;
    };
    const std::string key = request.query_parameter("pagination_key").value_or("");
    const std::int64_t first = key.empty() ? 0 : position_of(key).value_or(-1);
    if (first < 0) return error(400, "Invalid request format, please check API reference.");
    const std::int64_t limit = std::clamp<std::int64_t>(number("limit", 50), 1, 1000);
    const auto total = static_cast<std::int64_t>(list.size());
    json::Array items;
    for (std::int64_t at = first; at < std::min(total, first + limit); ++at)
      items.push_back(list[static_cast<std::size_t>(at)]);
    return ok(page_of(std::move(items), first + limit < total, key_of(first + limit), hits, key));
  }

  static json::Value page_of(json::Array items, bool has_more, const std::string& next_key,
                             const FaultHits& hits, const std::string& own_key) {
    const bool loops = hits.has(FaultKind::cursor_loop);
    json::Object page{{"items", std::move(items)}, {"has_more", has_more || loops}};
    if (loops) {
      page.set("pagination_key", own_key.empty() ? key_of(0) : own_key);
    } else if (has_more) {
      page.set("pagination_key", next_key);
    }
    return page;
  }

  // The calls that the filter lets through, in ascending order, as positions of the series.
  std::vector<std::int64_t> matches(const retell::CallFilter& filter, std::int64_t from, std::int64_t to,
                                    Instant now) const {
    std::vector<std::int64_t> found;
    for (std::int64_t index = from; index < to; ++index) {
      if (filter.holds(world.object(world.call(index), now, false))) found.push_back(index);
    }
    return found;
  }

  Reply list_calls(const json::Value& body, const FaultHits& hits, Instant now) {
    const Result<retell::CallFilter> filter = retell::parse_filter(body.find("filter_criteria"));
    const std::string key = text_in(body, "pagination_key");
    const bool has_both = !key.empty() && body.find("skip") != nullptr;
    const std::int64_t limit = integer_in(body, "limit", 50);
    if (!filter || has_both || limit < 1 || limit > 1000)
      return error(400, "Invalid request format, please check API reference.");
    const std::int64_t from = world.series().first_from(filter->from);
    const std::int64_t to = world.series().first_from(std::min(filter->to, now) + milliseconds(1));
    std::vector<std::int64_t> chosen;
    if (!filter->is_only_about_time()) chosen = matches(*filter, from, to, now);
    const std::int64_t count = filter->is_only_about_time() ? std::max<std::int64_t>(0, to - from)
                                                            : static_cast<std::int64_t>(chosen.size());
    const std::int64_t visible = std::max<std::int64_t>(0, count - hits.hidden_rows);
    const bool repeats = hits.has(FaultKind::duplicates);
    const std::int64_t total = repeats ? visible + visible / 10 : visible;
    const std::int64_t first = key.empty() ? integer_in(body, "skip", 0) : position_of(key).value_or(-1);
    if (first < 0) return error(400, "Invalid request format, please check API reference.");
    const bool ascends = text_in(body, "sort_order") == "ascending";
    json::Array items;
    for (std::int64_t at = first; at < std::min(total, first + limit); ++at) {
      const std::int64_t row = repeats ? at / 11 * 10 + std::min<std::int64_t>(at % 11, 9) : at;
      const std::int64_t place = ascends ? row : visible - 1 - row;
      const std::int64_t index =
          filter->is_only_about_time() ? from + place : chosen[static_cast<std::size_t>(place)];
      items.push_back(world.object(world.call(index), now, false));
    }
    json::Value page = page_of(std::move(items), first + limit < total, key_of(first + limit), hits, key);
    const json::Value* wants_total = body.find("include_total");
    if (wants_total != nullptr && wants_total->as_bool().value_or(false)) {
      const std::int64_t lie = hits.has(FaultKind::lying_total) ? 1 + ++lies % 7 : 0;
      page.as_object()->set("total", total + lie);
    }
    return ok(page);
  }

  // Version 2: a bare array with transcripts, the newest first.
  Reply list_calls_of_old(const json::Value& body, Instant now) const {
    const std::int64_t limit = std::clamp<std::int64_t>(integer_in(body, "limit", 50), 1, 1000);
    std::int64_t index = world.series().first_from(now) - 1;
    if (const auto after = world.find(text_in(body, "pagination_key"))) index = after->index - 1;
    json::Array items;
    for (; index >= 0 && static_cast<std::int64_t>(items.size()) < limit; --index)
      items.push_back(world.object(world.call(index), now, true));
    return ok(std::move(items));
  }

  static Reply create_call(const json::Value& body) {
    const std::string from = text_in(body, "from_number");
    const std::string to = text_in(body, "to_number");
    if (!from.starts_with("+") || !to.starts_with("+"))
      return error(400, "Invalid request format, please check API reference.");
    return {.status = 201,
            .headers = {},
            .body = json::write(json::object({{"call_type", "phone_call"},
                                              {"call_id", "call_000000000000000000000000001"},
                                              {"agent_id", "agent_7f3a9c2e1b4d5f60718293a4b5"},
                                              {"agent_version", 3},
                                              {"call_status", "registered"},
                                              {"direction", "outbound"},
                                              {"from_number", from},
                                              {"to_number", to}}))};
  }

  std::optional<json::Value> truth(std::string_view name, Instant from, Instant to, std::int64_t offset,
                                   std::int64_t limit) const {
    TruthPage page(offset, limit);
    const auto take = [&page](const auto& row) { page(row); };
    if (name == "calls") {
      world.each_call(from, to, take);
    } else if (name == "charges") {
      world.each_charge(from, to, take);
    } else if (name == "recordings") {
      world.each_recording(from, to, take);
    } else {
      return std::nullopt;
    }
    return page.take();
  }

  FakeRetellOptions options;
  retell::World world;
  Quota quota;
  std::int64_t lies = 0;
  ProviderServer server;  // last: it serves from the moment it exists, and ends first
};

FakeRetell::FakeRetell(FakeRetellOptions options) : state_(std::make_unique<State>(std::move(options))) {}
FakeRetell::~FakeRetell() = default;

std::uint16_t FakeRetell::port() const {
  return state_->server.port();
}
std::string FakeRetell::base_url() const {
  return state_->server.base_url();
}
const retell::World& FakeRetell::truth() const {
  return state_->world;
}
ProviderServer& FakeRetell::server() {
  return state_->server;
}
std::vector<SignedHook> FakeRetell::webhooks(Instant from, Instant to) const {
  return retell::hooks_between(state_->world, state_->options.api_key, from, to, state_->server.now());
}

}  // namespace trunkline::fakes
