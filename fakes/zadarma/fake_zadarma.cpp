#include "fakes/zadarma/fake_zadarma.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/crypto/compare.hpp"
#include "base/encoding.hpp"
#include "base/json/write.hpp"
#include "fakes/provider/quota.hpp"
#include "fakes/zadarma/hooks.hpp"
#include "fakes/zadarma/reference.hpp"
#include "fakes/zadarma/signature.hpp"

namespace trunkline::fakes {
namespace {

using zadarma::Parameters;

constexpr std::int64_t rows_max = 1000;
constexpr Duration window_max = days(30);

Reply error(int status, std::string_view message) {
  return {.status = status,
          .headers = {},
          .body = json::write(json::object({{"status", "error"}, {"message", message}}))};
}

Parameters parameters_of(const net::Request& request) {
  Parameters parameters;
  const bool in_query = request.method == net::Method::get;
  for (auto& [key, value] : net::parse_query(in_query ? request.query() : std::string_view(request.body)))
    parameters[key] = value;
  return parameters;
}

std::string text_in(const Parameters& parameters, const std::string& key, const std::string& otherwise = {}) {
  const auto found = parameters.find(key);
  return found == parameters.end() ? otherwise : found->second;
}

std::int64_t number_in(const Parameters& parameters, const std::string& key, std::int64_t otherwise) {
  const std::string text = text_in(parameters, key);
  std::int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

struct FakeZadarma::State {
  explicit State(FakeZadarmaOptions fake_options)
      : options(std::move(fake_options)),
        world(options.world),
        statistics_quota(options.statistics_quota, options.quota_window),
        quota(options.quota, options.quota_window),
        server(options.port, options.clock, rules()) {}

  ProviderRules rules() {
    return {
        .answer = [this](const net::Request& request,
                         const FaultHits& hits) { return answer(request, hits); },
        .truth = [this](std::string_view name, Instant from, Instant to, std::int64_t offset,
                        std::int64_t limit) { return truth(name, from, to, offset, limit); },
        .webhooks = [this](Instant from,
                           Instant to) { return zadarma::hooks_between(world, options.secret, from, to); }};
  }

  Reply answer(const net::Request& request, const FaultHits& hits) {
    const Instant now = server.now();
    const std::string_view path = request.path();
    const bool is_statistics = path.starts_with("/v1/statistics/");
    const QuotaVerdict verdict = (is_statistics ? statistics_quota : quota).take(now);
    Reply reply = !verdict.admitted || hits.has(FaultKind::rate_limited)
                      ? error(429, "You exceeded the rate limit")
                      : answer_admitted(request, hits, now);
    reply.headers.add("X-Zadarma-Method", std::string(path));
    reply.headers.add("X-RateLimit-Limit", std::to_string(verdict.limit));
    reply.headers.add("X-RateLimit-Remaining", std::to_string(verdict.remaining));
    const Instant reset = verdict.admitted && hits.has(FaultKind::rate_limited) ? now : verdict.resets_at;
    reply.headers.add("X-RateLimit-Reset",
                      std::to_string(to_microseconds(std::chrono::ceil<seconds>(reset)) / 1'000'000));
    return reply;
  }

  Reply answer_admitted(const net::Request& request, const FaultHits& hits, Instant now) {
    if (hits.has(FaultKind::server_error)) return error(500, "Internal error");
    const Parameters parameters = parameters_of(request);
    const std::string expected =
        options.key + ":" + zadarma::sign_request(options.secret, request.path(), parameters);
    const auto given = request.headers.find("Authorization");
    if (!given || !crypto::equal_in_constant_time(*given, expected)) return error(401, "Auth error");
    const std::string_view path = request.path();
    if (path == "/v1/statistics/") return statistics(zadarma::Feed::statistics, parameters, hits, now);
    if (path == "/v1/statistics/incoming-calls/")
      return statistics(zadarma::Feed::incoming, parameters, hits, now);
    if (path == "/v1/statistics/pbx/") return statistics(zadarma::Feed::pbx, parameters, hits, now);
    if (path == "/v1/statistics/callback_widget/") return callback_widget(parameters, now);
    if (path == "/v1/pbx/record/request/") return record(parameters, now);
    if (path == "/v1/speech_recognition/") return speech(parameters, now);
    if (path == "/v1/sms/send/" && request.method == net::Method::post) return send_message(parameters);
    if (path == "/v1/request/callback/") return callback(parameters, now);
    if (const auto body = zadarma::reference_body(world, path, parameters, now)) return {.body = *body};
    return error(404, "Method not found");
  }

  // A window of wall times as the provider understands it: defaults, and at most 30 days of it.
  std::pair<std::string, std::string> window_of(const Parameters& parameters, Instant now) const {
    const std::string local_now = world.local().write(now);
    std::string start = text_in(parameters, "start", local_now.substr(0, 8) + "01 00:00:00");
    std::string end = text_in(parameters, "end", local_now);
    const auto from = parse_instant(start);
    const auto to = parse_instant(end);
    if (from && to && *to - *from > window_max + seconds(1)) {
      // Wall times are written here as if they were UTC: differences are what counts.
      const zadarma::LocalTime plain("UTC");
      if (options.clamp_keeps_end) {
        start = plain.write(*to - window_max);
      } else {
        end = plain.write(*from + window_max);
      }
    }
    return {start, end};
  }

  Reply statistics(zadarma::Feed feed, const Parameters& parameters, const FaultHits& hits, Instant now) {
    const auto [start, end] = window_of(parameters, now);
    if (!world.local().earliest(start) || !world.local().earliest(end))
      return error(400, "Wrong date format");
    if (!text_in(parameters, "cost_only").empty()) return costs_only(start, end, now);
    const FeedRows rows = world.rows(feed, start, end, now);
    const bool repeats = hits.has(FaultKind::duplicates);
    const std::int64_t visible = std::max<std::int64_t>(0, rows.size() - hits.hidden_rows);
    const std::int64_t listed = repeats ? visible + visible / 10 : visible;
    const std::int64_t skip = std::max<std::int64_t>(0, number_in(parameters, "skip", 0));
    const std::int64_t limit =
        std::clamp<std::int64_t>(number_in(parameters, "limit", rows_max), 1, rows_max);
    json::Array stats;
    for (std::int64_t at = skip; at < std::min(listed, skip + limit); ++at) {
      const std::int64_t row = repeats ? at / 11 * 10 + std::min<std::int64_t>(at % 11, 9) : at;
      // What is hidden are the first rows: when they come, all others move on.
      stats.push_back(
          world.row(feed, rows.at(row + rows.size() - visible), now, hits.has(FaultKind::odd_types)));
    }
    json::Object body{{"status", "success"}, {"start", start}, {"end", end}};
    if (feed == zadarma::Feed::pbx) body.set("version", 2);
    body.set("stats", std::move(stats));
    return {.body = json::write(std::move(body))};
  }

  Reply costs_only(const std::string& start, const std::string& end, Instant now) {
    const FeedRows rows = world.rows(zadarma::Feed::statistics, start, end, now);
    std::map<std::string, std::pair<Decimal, std::int64_t>> sums;
    for (std::int64_t at = 0; at < rows.size(); ++at) {
      const zadarma::Call call = world.call(rows.at(at).event);
      auto& [cost, seconds_sum] = sums[std::string(call.own.currency)];
      if (now >= call.cost_at) cost += *call.charge();
      seconds_sum += call.seconds;
    }
    json::Array stats;
    for (const auto& [currency, sum] : sums) {
      stats.push_back(json::object({{"cost", *json::Value::number(sum.first.to_text())},
                                    {"currency", currency},
                                    {"seconds", sum.second}}));
    }
    return {.body = json::write(json::object(
                {{"status", "success"}, {"start", start}, {"end", end}, {"stats", std::move(stats)}}))};
  }

  Reply callback_widget(const Parameters& parameters, Instant now) {
    const auto [start, end] = window_of(parameters, now);
    return {.body = json::write(json::object(
                {{"status", "success"}, {"start", start}, {"end", end}, {"stats", json::Array()}}))};
  }

  Reply record(const Parameters& parameters, Instant now) {
    const std::int64_t lifetime = number_in(parameters, "lifetime", 1800);
    if (lifetime < 180 || lifetime > 5'184'000) return error(400, "Wrong lifetime");
    const std::string till = world.local().write(now + seconds(lifetime));
    const auto is_there = [&](const zadarma::Call& call, const zadarma::Leg& leg) {
      return leg.is_recorded && now >= call.end + seconds(40) && now < call.end + options.recordings_kept_for;
    };
    const auto link = [&](const zadarma::Leg& leg) {
      return fmt::format("{}/v1/pbx/record/download/{}/{}-{}.mp3", server.base_url(),
                         scatter_hex(world.options().seed, to_microseconds(now), 40, 16), leg.call_id,
                         leg.extension);
    };
    if (const std::string call_id = text_in(parameters, "call_id"); !call_id.empty()) {
      const auto found = world.find_leg(call_id);
      if (!found || !is_there(found->first, found->first.legs[found->second]))
        return error(404, "Record not found");
      return {.body = json::write(json::object({{"status", "success"},
                                                {"link", link(found->first.legs[found->second])},
                                                {"lifetime_till", till}}))};
    }
    const auto call = world.find_pbx_call(text_in(parameters, "pbx_call_id"));
    json::Array links;
    if (call) {
      for (const zadarma::Leg& leg : call->legs) {
        if (is_there(*call, leg)) links.push_back(link(leg));
      }
    }
    if (links.empty()) return error(404, "Record not found");
    return {.body = json::write(
                json::object({{"status", "success"}, {"links", std::move(links)}, {"lifetime_till", till}}))};
  }

  Reply speech(const Parameters& parameters, Instant now) {
    const auto found = world.find_leg(text_in(parameters, "call_id"));
    if (!found || !found->first.legs[found->second].is_recorded) return error(404, "Record not found");
    const bool is_ready = now >= found->first.end + minutes(5);
    json::Object body{{"status", "success"},
                      {"lang", "en-EN"},
                      {"recognitionStatus", is_ready ? "recognized" : "in progress"},
                      {"otherLangs", json::Array()}};
    if (is_ready) {
      body.set("phrases",
               json::array({json::object({{"result", "good morning reception"}, {"channel", 1}}),
                            json::object({{"result", "hola, ¿hablan español?"}, {"channel", 2}})}));
    }
    return {.body = json::write(std::move(body))};
  }

  // To numbers of London nothing can be sent: that is the partial success of section 8.
  Reply send_message(const Parameters& parameters) {
    const std::string message = text_in(parameters, "message");
    const std::string numbers = text_in(parameters, "number");
    if (message.empty() || numbers.empty()) return error(400, "Check phone's number");
    json::Array sent;
    json::Array denied;
    for (const auto& [number, unused] : net::parse_query("&" + numbers)) {
      for (std::size_t from = 0; from <= number.size();) {
        const std::size_t comma = std::min(number.find(',', from), number.size());
        const std::string each = number.substr(from, comma - from);
        from = comma + 1;
        if (each.empty()) continue;
        if (each.starts_with("44")) {
          denied.push_back(
              json::object({{"number", each}, {"message", "Destination is not a mobile number"}}));
        } else {
          sent.push_back(json::object({{"senderid", text_in(parameters, "sender", "Teamsale")},
                                       {"number", each},
                                       {"cost", *json::Value::number("0.06")}}));
        }
      }
    }
    const auto count = static_cast<std::int64_t>(sent.size());
    json::Object body{{"status", "success"},
                      {"messages", count},
                      {"cost", *json::Value::number((Decimal::from_units(6, 2) * count).to_text())},
                      {"currency", "USD"},
                      {"sms_detalization", std::move(sent)}};
    if (!denied.empty()) body.set("denied_numbers", std::move(denied));
    return {.body = json::write(std::move(body))};
  }

  Reply callback(const Parameters& parameters, Instant now) {
    if (text_in(parameters, "from").empty() || text_in(parameters, "to").empty())
      return error(400, "Check phone's number");
    return {.body = json::write(json::object({{"status", "success"},
                                              {"from", text_in(parameters, "from")},
                                              {"to", text_in(parameters, "to")},
                                              {"time", to_microseconds(now) / 1'000'000}}))};
  }

  std::optional<json::Value> truth(std::string_view name, Instant from, Instant to, std::int64_t offset,
                                   std::int64_t limit) const {
    TruthPage page(offset, limit);
    const auto take = [&page](const auto& row) { page(row); };
    if (name == "calls") {
      world.each_call(from, to, take);
    } else if (name == "recordings") {
      world.each_recording(from, to, take);
    } else if (name == "messages") {
      for (std::int64_t index = 0; index < world.message_count(); ++index) {
        const TrueMessage message = world.message(index);
        if (*message.sent_at >= from && *message.sent_at < to) take(message);
      }
    } else {
      return std::nullopt;
    }
    return page.take();
  }

  FakeZadarmaOptions options;
  zadarma::World world;
  Quota statistics_quota;
  Quota quota;
  ProviderServer server;  // last: it serves from the moment it exists, and ends first
};

FakeZadarma::FakeZadarma(FakeZadarmaOptions options) : state_(std::make_unique<State>(std::move(options))) {}
FakeZadarma::~FakeZadarma() = default;

std::uint16_t FakeZadarma::port() const {
  return state_->server.port();
}
std::string FakeZadarma::base_url() const {
  return state_->server.base_url();
}
const zadarma::World& FakeZadarma::truth() const {
  return state_->world;
}
ProviderServer& FakeZadarma::server() {
  return state_->server;
}
std::vector<SignedHook> FakeZadarma::webhooks(Instant from, Instant to) const {
  return zadarma::hooks_between(state_->world, state_->options.secret, from, to);
}

}  // namespace trunkline::fakes
