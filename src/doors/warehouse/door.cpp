#include "doors/warehouse/door.hpp"

#include <array>

#include <fmt/core.h>

namespace trunkline::doors::warehouse {
namespace {

using trunkline::warehouse::WebhookDelivery;

constexpr std::string_view door_name = "carrier-hooks";
// A transcript with its words' times is long; nothing that a carrier sends is longer.
constexpr std::size_t body_bytes_max = 4UL << 20U;

// What the clients look at, and what tells a person where it came from.
constexpr std::array<std::string_view, 6> kept_headers{
    "content-type",       "telnyx-timestamp", "telnyx-signature-ed25519",
    "x-retell-signature", "signature",        "user-agent"};

struct Path {
  std::string_view provider;
  std::string_view path;
  std::string_view account_path;
  std::string_view operation;
  std::string_view account_operation;
};
constexpr std::array<Path, 3> paths{{{"telnyx", "/api/webhooks/telnyx", "/api/webhooks/telnyx/{account}",
                                      "takeTelnyxEvent", "takeTelnyxAccountEvent"},
                                     {"retell", "/api/webhooks/retell", "/api/webhooks/retell/{account}",
                                      "takeRetellEvent", "takeRetellAccountEvent"},
                                     {"zadarma", "/api/webhooks/zadarma", "/api/webhooks/zadarma/{account}",
                                      "takeZadarmaEvent", "takeZadarmaAccountEvent"}}};

WebhookDelivery delivery_of(const net::Request& request, Instant now) {
  WebhookDelivery delivery{.query = std::string(request.query()), .body = request.body, .received_at = now};
  for (const std::string_view name : kept_headers) {
    if (const auto value = request.headers.find(name))
      delivery.headers.emplace_back(std::string(name), std::string(*value));
  }
  return delivery;
}

}  // namespace

// Zadarma proves that a URL is ours by asking it to repeat a text (contracts/zadarma.md, section 11).
net::Response Door::echo(net::Request& request) {
  const auto text = request.query_parameter("zd_echo");
  if (!text) {
    return net::problem_response(
        Error(trunkline::error_codes::invalid_argument, "zd_echo: the query parameter is missing."),
        request.id);
  }
  return {.status = 200, .content_type = "text/plain; charset=utf-8", .body = *text};
}

net::Response Door::take(net::Request& request, std::string_view provider) {
  const std::string_view given = request.path_parameter("account");
  const std::string_view account = given.empty() ? "default" : given;
  trunkline::warehouse::Provider* const found = context_.find(provider, account);
  if (found == nullptr) {
    return net::problem_response(
        Error(trunkline::error_codes::not_found,
              fmt::format("No account '{}' of {} is configured here.", account, provider)),
        request.id);
  }
  const auto taken = trunkline::warehouse::sync::take_webhook(context_.engine, context_.store, *found,
                                                              delivery_of(request, context_.clock.now()));
  if (!taken) return net::problem_response(taken.error(), request.id);
  return net::json_response(200, taken->is_repeat ? R"({"status":"repeat"})" : R"({"status":"ok"})");
}

void Door::add_to(net::Router& router) {
  router.add(net::Door{.name = door_name,
                       .prefix = "/api/webhooks",
                       .description = "Events of carriers: verified, stored raw, then processed.",
                       .render_error = [](const Error& error, const net::Request& request) {
                         return net::problem_response(error, request.id);
                       }});
  for (const Path& each : paths) {
    for (const bool of_account : {false, true}) {
      router.add(net::Route{.method = net::Method::post,
                            .path = of_account ? each.account_path : each.path,
                            .door = door_name,
                            .operation = of_account ? each.account_operation : each.operation,
                            .summary = "Takes an event of a carrier",
                            .body_bytes_max = body_bytes_max,
                            .handler = [this, provider = each.provider](net::Request& request) {
                              return take(request, provider);
                            }});
    }
  }
  router.add(net::Route{.method = net::Method::get,
                        .path = "/api/webhooks/zadarma",
                        .door = door_name,
                        .operation = "echoForZadarma",
                        .summary = "Repeats zd_echo, by which Zadarma checks the URL",
                        .handler = [](net::Request& request) { return echo(request); }});
}

}  // namespace trunkline::doors::warehouse
