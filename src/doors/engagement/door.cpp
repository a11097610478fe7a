#include "doors/engagement/door.hpp"

#include <algorithm>
#include <charconv>

#include "base/json/parse.hpp"
#include "base/text.hpp"
#include "doors/engagement/errors.hpp"

namespace trunkline::doors::engagement {
namespace {

constexpr std::size_t rate_keys_max = 100'000;
constexpr std::size_t idempotency_key_bytes_max = 255;
constexpr std::int64_t page_max = 200;
constexpr std::int64_t page_default = 50;

std::unexpected<Error> too_often(const net::RateVerdict& verdict) {
  return fail(
      Error(error_codes::rate_limit_exceeded, "Too many requests; wait and try again.").after(verdict.wait));
}

// What counts against the published rate: the four published calls.
bool is_published(const net::Route& route) {
  return route.path == prefix
             ? route.method != net::Method::get
             : route.path == "/customers/actions" ||
                   (route.path == "/customers/{customer_id}" && route.method == net::Method::del);
}

}  // namespace

KeyRate::KeyRate(std::int64_t requests_per_minute)
    : limiter_(static_cast<std::uint64_t>(requests_per_minute * 2),
               static_cast<double>(requests_per_minute) / 60.0, rate_keys_max) {}

net::RateVerdict KeyRate::take(std::string_view key, Instant now) {
  const std::lock_guard lock(mutex_);
  return limiter_.take(key, now);
}

Result<std::string> Caller::key() const {
  const auto key = request.headers.find("Idempotency-Key");
  if (!key || key->empty()) return std::string();
  const bool visible = std::ranges::all_of(*key, [](char c) { return c > 0x20 && c < 0x7f; });
  if (key->size() > idempotency_key_bytes_max || !visible) {
    return fail(error_codes::bad_parameter, "Idempotency-Key: 1 to 255 visible ASCII characters.");
  }
  return std::string(*key);
}

Door::Door(Context context, Limits limits)
    : context_(context),
      reads_(limits.reads_burst, limits.reads_per_second, rate_keys_max),
      writes_(limits.writes_burst, limits.writes_per_second, rate_keys_max),
      failures_(limits.failures_burst, limits.failures_per_second, rate_keys_max) {}

void Door::add_to(net::Router& router) {
  router.add(net::Door{.name = "engagement",
                       .prefix = prefix,
                       .description = "Customers, what they did, and the calls with them, on one timeline.",
                       .render_error = render_error});
  add_published_routes(router);
  add_read_routes(router);
  add_batch_routes(router);
  add_merge_routes(router);
}

void Door::add(net::Router& router, net::Route route, Handler handler) {
  route.door = "engagement";
  const auto shared = std::make_shared<net::Route>(route);
  route.handler = [this, shared, handler = std::move(handler)](net::Request& request) {
    Result<net::Response> response = answer(request, *shared, handler);
    return response ? std::move(*response) : render_error(response.error(), request);
  };
  router.add(std::move(route));
}

Result<net::Response> Door::answer(net::Request& request, const net::Route& route, const Handler& handler) {
  Result<tenancy::Principal> principal = identify(request, route.access);
  if (!principal) return fail(std::move(principal.error()));
  if (const auto allowed = principal->check_door("engagement"); !allowed) return fail(allowed.error());
  if (const auto admitted = admit(*principal, route); !admitted) return fail(admitted.error());
  Caller caller{.principal = std::move(*principal), .request = request};
  return handler(caller);
}

Result<tenancy::Principal> Door::identify(const net::Request& request, net::Access access) {
  auto principal = context_.authenticator.authenticate(request.headers.find("Authorization"), true,
                                                       access == net::Access::either);
  if (principal || principal.error().kind() != ErrorKind::unauthenticated) return principal;
  // Guessing is slowed down by address, before and beside the answer.
  const auto verdict = failures_.take(request.remote_address, context_.clock.now());
  if (!verdict.admitted) return too_often(verdict);
  return principal;
}

Result<void> Door::admit(const tenancy::Principal& principal, const net::Route& route) {
  const std::string_view key = principal.credential.uuid().as_text();
  const Instant now = context_.clock.now();
  const auto verdict = is_published(route)                ? context_.rate.take(key, now)
                       : route.method == net::Method::get ? reads_.take(key, now)
                                                          : writes_.take(key, now);
  if (!verdict.admitted) return too_often(verdict);
  return {};
}

Result<json::Value> read_body(const net::Request& request, std::size_t bytes_max) {
  if (const auto type = request.headers.find("Content-Type")) {
    const std::string_view media = trim(type->substr(0, type->find(';')));
    if (!equal_ignoring_case(media, "application/json")) {
      return fail(error_codes::content_type, "Content-Type: must be application/json.");
    }
  }
  return json::parse(request.body, {.bytes = bytes_max});
}

Result<std::int64_t> page_limit(const net::Request& request) {
  const auto text = request.query_parameter("limit");
  if (!text || text->empty()) return page_default;
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 || limit > page_max) {
    return fail(error_codes::bad_parameter, "limit: must be a number from 1 to 200");
  }
  return limit;
}

}  // namespace trunkline::doors::engagement
