// For whoever runs the server: is it alive, is it ready, what does it do. And the description of the API.
#pragma once

#include <functional>

#include "base/metrics.hpp"
#include "net/router.hpp"

namespace trunkline::doors::operations {

struct Check {
  std::string name;
  std::optional<Error> problem;
};

struct Context {
  Metrics& metrics;
  // What readiness depends on: the database, the schema, the node's lease. Never a provider.
  std::function<std::vector<Check>()> readiness;
  std::string version;
  std::string public_url;
  bool with_metrics = true;  // false when they have an address of their own
};

// GET /livez, /readyz, /health, /metrics, /openapi.json. The router must outlive the context.
void add_to(net::Router& router, const Context& context);

}  // namespace trunkline::doors::operations
