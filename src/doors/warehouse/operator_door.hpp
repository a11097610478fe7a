// What the operator is told of the warehouse: GET /api/telco/status, /coverage, /reports/costs and /sync-log,
// in the JSON that the commands print. Read-only. The warehouse is the operator's
// (docs/decisions/0014-the-warehouse-is-the-operators.md): no tenant's key opens this, only the operator's
// token.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "net/rate_limit.hpp"
#include "net/router.hpp"
#include "warehouse/sync/reports.hpp"

namespace trunkline::doors::warehouse {

namespace error_codes {
inline constexpr ErrorCode operator_token_unset{"operator_token_unset", ErrorKind::forbidden};
inline constexpr ErrorCode operator_token_missing{"operator_token_missing", ErrorKind::unauthenticated};
inline constexpr ErrorCode operator_token_wrong{"operator_token_wrong", ErrorKind::unauthenticated};
inline constexpr ErrorCode too_many_tries{"too_many_tries", ErrorKind::rate_limited};
}  // namespace error_codes

struct OperatorContext {
  db::Database& database;
  std::function<std::vector<trunkline::warehouse::Provider*>()> providers;
  const Clock& clock;
  Secret token;  // none: the door stays shut and says how to open it
};

class OperatorDoor {
 public:
  explicit OperatorDoor(OperatorContext context);
  // The door must outlive the router.
  void add_to(net::Router& router);

 private:
  using Answer = Result<json::Value> (OperatorDoor::*)(const net::Request& request);
  void add(net::Router& router, net::Route route, Answer answer);
  Result<void> admit(const net::Request& request);
  Result<json::Value> status(const net::Request& request);
  Result<json::Value> coverage(const net::Request& request);
  Result<json::Value> costs(const net::Request& request);
  Result<json::Value> sync_log(const net::Request& request);

  OperatorContext context_;
  net::RateLimiter failures_;
};

}  // namespace trunkline::doors::warehouse
