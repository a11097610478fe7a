// What the web console and people at a terminal use: log in and get a token.
#pragma once

#include "net/rate_limit.hpp"
#include "net/router.hpp"
#include "tenancy/users.hpp"

namespace trunkline::doors::console {

inline constexpr std::string_view prefix = "/api/console/v1";

struct Context {
  tenancy::Users& users;
  const Clock& clock;
};

class Door {
 public:
  explicit Door(Context context);
  void add_to(net::Router& router);

 private:
  Result<net::Response> log_in(net::Request& request);

  Context context_;
  net::RateLimiter per_address_;
  net::RateLimiter per_email_;
};

}  // namespace trunkline::doors::console
