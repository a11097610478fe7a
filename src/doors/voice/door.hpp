// The voice API, /api/b2b/v1 (contracts/voice-api.md): a thin translation between its wire format and the
// domain.
#pragma once

#include "billing/ledger.hpp"
#include "calls/calls.hpp"
#include "calls/tools.hpp"
#include "net/rate_limit.hpp"
#include "net/router.hpp"
#include "net/ssrf_guard.hpp"
#include "tenancy/authenticator.hpp"

namespace trunkline::doors::voice {

inline constexpr std::string_view prefix = "/api/b2b/v1";

struct Limits {
  std::uint64_t reads_burst = 20'000;  // an API key
  double reads_per_second = 2'000;
  std::uint64_t writes_burst = 20'000;
  double writes_per_second = 1'000;
  std::uint64_t failures_burst = 300;  // an address that shows no valid key
  double failures_per_second = 5;
};

struct Context {
  tenancy::Authenticator& authenticator;
  tenancy::Accounts& accounts;
  tenancy::Credentials& credentials;
  calls::Calls& calls;
  calls::Tools& tools;
  billing::Ledger& ledger;
  const net::UrlGuard& guard;
  const Clock& clock;
  std::vector<std::string> countries;  // that may be called; empty: all
};

// What a handler is given: who asks, and what.
struct Caller {
  tenancy::Principal principal;
  net::Request& request;

  const tenancy::TenantScope& scope() const { return principal.scope; }
};

using Handler = std::function<Result<net::Response>(Caller&)>;

// One a loop. The router keeps references to it.
class Door {
 public:
  Door(Context context, Limits limits = {});
  void add_to(net::Router& router);

 private:
  void add(net::Router& router, net::Route route, Handler handler, bool gated = true);
  Result<net::Response> answer(net::Request& request, const net::Route& route, const Handler& handler,
                               bool gated);
  Result<void> admit(const tenancy::Principal& principal, const net::Route& route);
  Result<tenancy::Principal> identify(const net::Request& request, net::Access access);

  void add_call_routes(net::Router& router);
  void add_live_routes(net::Router& router);
  void add_tool_routes(net::Router& router);
  void add_usage_routes(net::Router& router);
  void add_partner_routes(net::Router& router);

  Result<net::Response> place_call(Caller& caller);
  Result<net::Response> list_calls(Caller& caller);
  Result<net::Response> end_call(Caller& caller, bool cancel);
  Result<net::Response> register_tool(Caller& caller);
  Result<net::Response> create_api_key(Caller& caller);
  Result<net::Response> list_api_keys(Caller& caller);
  Result<net::Response> revoke_api_key(Caller& caller);
  Result<net::Response> read_usage(Caller& caller);

  Context context_;
  Limits limits_;
  net::RateLimiter reads_;
  net::RateLimiter writes_;
  net::RateLimiter failures_;
};

// The call that a path names; call_not_found for what is no id at all, too.
Result<CallId> call_in_path(const net::Request& request);

}  // namespace trunkline::doors::voice
