#include "doors/voice/door.hpp"

#include "base/json/parse.hpp"
#include "doors/voice/errors.hpp"

namespace trunkline::doors::voice {
namespace {

constexpr std::size_t rate_keys_max = 100'000;

std::unexpected<Error> too_often(const net::RateVerdict& verdict) {
  return fail(
      Error(error_codes::rate_limit_exceeded, "Too many requests; wait and try again.").after(verdict.wait));
}

}  // namespace

Door::Door(Context context, Limits limits)
    : context_(std::move(context)),
      limits_(limits),
      reads_(limits.reads_burst, limits.reads_per_second, rate_keys_max),
      writes_(limits.writes_burst, limits.writes_per_second, rate_keys_max),
      failures_(limits.failures_burst, limits.failures_per_second, rate_keys_max) {}

void Door::add_to(net::Router& router) {
  router.add(net::Door{.name = "voice",
                       .prefix = prefix,
                       .description = "Place AI phone calls, follow them, give agents tools, read usage.",
                       .render_error = render_error});
  add_call_routes(router);
  add_live_routes(router);
  add_tool_routes(router);
  add_usage_routes(router);
  add_partner_routes(router);
}

void Door::add(net::Router& router, net::Route route, Handler handler, bool gated) {
  route.door = "voice";
  // The route's own data decide who may call it, so that the table cannot say one thing and the code do
  // another.
  const auto shared = std::make_shared<net::Route>(route);
  route.handler = [this, shared, handler = std::move(handler), gated](net::Request& request) {
    Result<net::Response> response = answer(request, *shared, handler, gated);
    return response ? std::move(*response) : render_error(response.error(), request);
  };
  router.add(std::move(route));
}

// The order of checks is the contract's: 401, 403, 429, 400, 404 (section 13, "Order of checks").
Result<net::Response> Door::answer(net::Request& request, const net::Route& route, const Handler& handler,
                                   bool gated) {
  Result<tenancy::Principal> principal = identify(request, route.access);
  if (!principal) return fail(std::move(principal.error()));
  if (const auto allowed = principal->check_door("voice"); !allowed) return fail(allowed.error());
  if (gated) {
    if (const auto open = tenancy::check(principal->subscription, context_.clock.now()); !open) {
      return fail(open.error());
    }
  }
  if (const auto admitted = admit(*principal, route); !admitted) return fail(admitted.error());
  Caller caller{.principal = std::move(*principal), .request = request};
  return handler(caller);
}

Result<tenancy::Principal> Door::identify(const net::Request& request, net::Access access) {
  const bool keys = access != net::Access::user_token;
  const bool tokens = access != net::Access::api_key;
  auto principal = context_.authenticator.authenticate(request.headers.find("Authorization"), keys, tokens);
  if (principal || principal.error().kind() != ErrorKind::unauthenticated) return principal;
  // Guessing is slowed down by address, before and beside the answer.
  const auto verdict = failures_.take(request.remote_address, context_.clock.now());
  if (!verdict.admitted) return too_often(verdict);
  return principal;
}

Result<void> Door::admit(const tenancy::Principal& principal, const net::Route& route) {
  const bool reads = route.method == net::Method::get;
  const auto verdict =
      (reads ? reads_ : writes_).take(principal.credential.uuid().as_text(), context_.clock.now());
  if (!verdict.admitted) return too_often(verdict);
  return {};
}

Result<CallId> call_in_path(const net::Request& request) {
  const std::string_view text = request.path_parameter("call_id");
  const auto id = CallId::parse(text);
  if (!id) {
    return fail(
        Error(calls::error_codes::call_not_found, "No such call").with_detail("call_id", std::string(text)));
  }
  return *id;
}

}  // namespace trunkline::doors::voice
