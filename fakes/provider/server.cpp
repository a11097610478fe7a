#include "fakes/provider/server.hpp"

#include <atomic>
#include <charconv>
#include <mutex>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "fakes/http/listener.hpp"
#include "net/client.hpp"

namespace trunkline::fakes {
namespace {

constexpr std::string_view gateway_page =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad "
    "Gateway</h1></center></body></html>\n";

// Every name is this machine: webhooks of a fake never leave it.
class LoopbackResolver final : public net::Resolver {
 public:
  Result<std::vector<net::IpAddress>> look_up(const std::string&) override {
    return std::vector{net::IpAddress(net::IpAddress::V4Bytes{127, 0, 0, 1})};
  }
};

Reply json_reply(int status, const json::Value& value) {
  return {.status = status, .headers = {}, .body = json::write(value)};
}

Reply admin_problem(int status, std::string_view what) {
  return json_reply(status, json::object({{"error", what}}));
}

std::int64_t number_in(const net::Request& request, std::string_view name, std::int64_t otherwise) {
  const auto text = request.query_parameter(name);
  std::int64_t number = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::optional<Instant> instant_in(const json::Value& body, std::string_view name) {
  const json::Value* member = body.find(name);
  if (member == nullptr || member->as_text() == nullptr) return std::nullopt;
  return parse_instant(*member->as_text());
}

constexpr Instant beginning_of_time{};
const Instant end_of_time = from_microseconds(253'402'300'799'000'000);

}  // namespace

struct ProviderServer::State {
  State(std::uint16_t port, const Clock* given_clock, ProviderRules provider_rules)
      : rules(std::move(provider_rules)),
        clock(given_clock == nullptr ? system_clock : *given_clock),
        listener(port, [this](HttpExchange& exchange) { serve(exchange); }) {}

  Instant now() const { return clock.now() + Duration(offset.load()); }

  void serve(HttpExchange& exchange) {
    const net::Request& request = exchange.request();
    if (request.path().starts_with("/_fake/")) return send(exchange, administer(request));
    count(request);
    const FaultHits hits = faults.take(request.path());
    if (const Fault* slow = hits.find(FaultKind::slow); slow != nullptr && !exchange.sleep(slow->delay))
      return;
    if (hits.has(FaultKind::hang)) return exchange.wait_for_leaving();
    if (hits.has(FaultKind::cut)) return exchange.cut();
    if (hits.has(FaultKind::bad_gateway)) return send(exchange, html(502));
    if (hits.has(FaultKind::not_json)) return send(exchange, html(200));
    Reply reply = rules.answer(request, hits);
    if (hits.has(FaultKind::truncated)) return send_half(exchange, reply);
    if (hits.has(FaultKind::malformed)) reply.body.resize(reply.body.size() * 2 / 3);
    send(exchange, reply);
  }

  static Reply html(int status) {
    return {.status = status, .headers = {}, .body = std::string(gateway_page), .content_type = "text/html"};
  }

  static net::Headers headers_of(const Reply& reply) {
    net::Headers headers{{"Content-Type", reply.content_type}};
    for (const auto& [name, value] : reply.headers) headers.add(name, value);
    return headers;
  }

  static void send(HttpExchange& exchange, const Reply& reply) {
    exchange.respond(reply.status, headers_of(reply), reply.body);
  }

  static void send_half(HttpExchange& exchange, const Reply& reply) {
    exchange.begin_stream(reply.status, headers_of(reply));
    if (!reply.body.empty())
      exchange.write_chunk(std::string_view(reply.body).substr(0, reply.body.size() / 2 + 1));
    exchange.cut();
  }

  void count(const net::Request& request) {
    const std::lock_guard lock(mutex);
    ++requests[fmt::format("{} {}", to_text(request.method), request.path())];
  }

  Reply administer(const net::Request& request) {
    const std::string_view path = request.path().substr(std::string_view("/_fake/").size());
    if (path == "requests") return list_requests();
    if (path.starts_with("truth/")) return tell_truth(request, path.substr(6));
    if (path == "faults" && request.method == net::Method::del) {
      faults.clear();
      return json_reply(200, json::Object());
    }
    const Result<json::Value> body = json::parse(request.body);
    if (!body) return admin_problem(400, body.error().message());
    if (path == "faults") return add_faults(*body);
    if (path == "clock") return move_clock(*body);
    if (path == "webhooks") return deliver_webhooks(*body);
    return admin_problem(404, "there is no such path; see fakes/provider/server.hpp");
  }

  Reply list_requests() {
    const std::lock_guard lock(mutex);
    json::Object counts;
    for (const auto& [name, number] : requests) counts.set(name, number);
    return json_reply(200, std::move(counts));
  }

  Reply tell_truth(const net::Request& request, std::string_view name) {
    const auto bound = [&](std::string_view key, Instant otherwise) {
      const auto text = request.query_parameter(key);
      return text ? parse_instant(*text).value_or(otherwise) : otherwise;
    };
    const auto truth = rules.truth(name, bound("from", beginning_of_time), bound("to", end_of_time),
                                   number_in(request, "offset", 0), number_in(request, "limit", 1000));
    return truth ? json_reply(200, *truth) : admin_problem(404, "no truth has that name");
  }

  Reply add_faults(const json::Value& body) {
    json::Array list;
    if (body.as_array() != nullptr) {
      list = *body.as_array();
    } else {
      list.push_back(body);
    }
    for (const json::Value& each : list) {
      Result<Fault> fault = parse_fault(each);
      if (!fault) return admin_problem(400, fault.error().message());
      faults.add(std::move(*fault));
    }
    return json_reply(201, json::Object());
  }

  Reply move_clock(const json::Value& body) {
    const json::Value* by = body.find("advance_seconds");
    if (by == nullptr || !by->as_integer()) return admin_problem(400, "advance_seconds must be an integer");
    offset += Duration(seconds(*by->as_integer())).count();
    return json_reply(200, json::object({{"now", format_rfc3339(now())}}));
  }

  Reply deliver_webhooks(const json::Value& body) {
    const json::Value* url = body.find("url");
    if (url == nullptr || url->as_text() == nullptr) return admin_problem(400, "url must be a text");
    std::vector<SignedHook> hooks = rules.webhooks(instant_in(body, "from").value_or(beginning_of_time),
                                                   instant_in(body, "to").value_or(now()));
    const json::Value* order = body.find("order");
    if (order != nullptr && order->as_text() != nullptr && *order->as_text() == "reversed")
      std::ranges::reverse(hooks);
    const json::Value* copies_wanted = body.find("copies");
    const std::int64_t copies = copies_wanted == nullptr
                                    ? 1
                                    : std::clamp<std::int64_t>(copies_wanted->as_integer().value_or(1), 1, 5);
    std::int64_t accepted = 0;
    for (const SignedHook& hook : hooks) {
      for (std::int64_t copy = 0; copy < copies; ++copy) accepted += post(*url->as_text(), hook) ? 1 : 0;
    }
    return json_reply(200, json::object({{"sent", static_cast<std::int64_t>(hooks.size()) * copies},
                                         {"accepted", accepted}}));
  }

  static bool post(const std::string& url, const SignedHook& hook) {
    LoopbackResolver resolver;
    net::UrlGuard guard({.allow_private = true}, resolver);
    net::Client client(*runtime::EventLoop::current(), guard);
    net::ClientRequest request;
    request.method = net::Method::post;
    request.url = url;
    request.headers = hook.headers;
    request.body = hook.body;
    const auto answer = client.send(request);
    return answer && answer->status >= 200 && answer->status < 300;
  }

  ProviderRules rules;
  SystemClock system_clock;
  const Clock& clock;
  std::atomic<std::int64_t> offset = 0;
  FaultBoard faults;
  mutable std::mutex mutex;  // never held across a wait
  std::map<std::string, std::int64_t> requests;
  HttpListener listener;  // last: it ends first
};

ProviderServer::ProviderServer(std::uint16_t port, const Clock* clock, ProviderRules rules)
    : state_(std::make_unique<State>(port, clock, std::move(rules))) {
  state_->listener.start();
}
ProviderServer::~ProviderServer() = default;

std::uint16_t ProviderServer::port() const {
  return state_->listener.port();
}
std::string ProviderServer::base_url() const {
  return fmt::format("http://127.0.0.1:{}", port());
}
Instant ProviderServer::now() const {
  return state_->now();
}
void ProviderServer::advance(Duration by) {
  state_->offset += by.count();
}
FaultBoard& ProviderServer::faults() {
  return state_->faults;
}
std::map<std::string, std::int64_t> ProviderServer::requests() const {
  const std::lock_guard lock(state_->mutex);
  return state_->requests;
}
std::int64_t ProviderServer::request_count() const {
  std::int64_t sum = 0;
  for (const auto& [name, number] : requests()) sum += number;
  return sum;
}

}  // namespace trunkline::fakes
