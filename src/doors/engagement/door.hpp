// The engagement API, /customers (contracts/engagement-api.md): the four calls of its published client, and
// new ones to read, to write many at once, and to merge.
#pragma once

#include <mutex>

#include "engagement/batch.hpp"
#include "engagement/erasure.hpp"
#include "engagement/merges.hpp"
#include "engagement/timeline.hpp"
#include "net/rate_limit.hpp"
#include "net/router.hpp"
#include "tenancy/authenticator.hpp"

namespace trunkline::doors::engagement {

namespace domain = ::trunkline::engagement;

inline constexpr std::string_view prefix = "/customers";

// The published client waits by itself so as to make 300 requests a minute, and can still make 600 within
// one; a key has double room (contracts/engagement-api.md, section 7). One a process, for all its loops.
class KeyRate {
 public:
  explicit KeyRate(std::int64_t requests_per_minute);
  net::RateVerdict take(std::string_view key, Instant now);

 private:
  std::mutex mutex_;
  net::RateLimiter limiter_;
};

struct Limits {
  std::uint64_t reads_burst = 20'000;  // an API key, on the new paths
  double reads_per_second = 2'000;
  std::uint64_t writes_burst = 20'000;
  double writes_per_second = 1'000;
  std::uint64_t failures_burst = 300;  // an address that shows no valid key
  double failures_per_second = 5;
};

struct Context {
  tenancy::Authenticator& authenticator;
  db::Database& database;
  domain::Contacts& contacts;
  domain::Actions& actions;
  domain::Batches& batches;
  domain::Merges& merges;
  domain::Erasure& erasure;
  KeyRate& rate;
  const Clock& clock;
};

struct Caller {
  tenancy::Principal principal;
  net::Request& request;

  const tenancy::TenantScope& scope() const { return principal.scope; }
  domain::Asking asking() const {
    return {.credential = principal.credential.uuid(),
            .received_at = request.received_at,
            .connection = request.connection};
  }
  // The Idempotency-Key; "" for none.
  Result<std::string> key() const;
};

using Handler = std::function<Result<net::Response>(Caller&)>;

// One a loop. The router keeps references to it.
class Door {
 public:
  Door(Context context, Limits limits);
  void add_to(net::Router& router);

 private:
  void add(net::Router& router, net::Route route, Handler handler);
  Result<net::Response> answer(net::Request& request, const net::Route& route, const Handler& handler);
  Result<tenancy::Principal> identify(const net::Request& request, net::Access access);
  Result<void> admit(const tenancy::Principal& principal, const net::Route& route);

  void add_published_routes(net::Router& router);
  void add_read_routes(net::Router& router);
  void add_story_routes(net::Router& router);
  void add_batch_routes(net::Router& router);
  void add_merge_routes(net::Router& router);

  Result<net::Response> add_customer(Caller& caller);
  Result<net::Response> put_customer(Caller& caller);
  Result<net::Response> record_action(Caller& caller);
  Result<net::Response> delete_customer(Caller& caller);
  Result<net::Response> list_customers(Caller& caller);
  Result<net::Response> read_timeline(Caller& caller);
  Result<net::Response> count_actions(Caller& caller);
  Result<net::Response> take_batch(Caller& caller);
  Result<net::Response> merge_customer(Caller& caller);

  Context context_;
  net::RateLimiter reads_;
  net::RateLimiter writes_;
  net::RateLimiter failures_;
};

// The body as an object; refuses another Content-Type than JSON, and what is none.
Result<json::Value> read_body(const net::Request& request, std::size_t bytes_max = net::limits::body_bytes);
// `limit`: 1 to 200, 50 unless given.
Result<std::int64_t> page_limit(const net::Request& request);

}  // namespace trunkline::doors::engagement
