// Where carriers tell what happened: POST /api/webhooks/{telnyx,retell,zadarma} (contracts/telnyx.md, section
// 10; retell.md, section 6; zadarma.md, section 11). A second account of a provider has its name behind the
// provider's: /api/webhooks/telnyx/sales.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "net/router.hpp"
#include "warehouse/sync/events.hpp"

namespace trunkline::doors::warehouse {

struct Context {
  trunkline::warehouse::sync::Engine& engine;
  const trunkline::warehouse::store::Store& store;
  // nullptr when no such account is configured.
  std::function<trunkline::warehouse::Provider*(std::string_view provider, std::string_view account)> find;
  const Clock& clock;
};

class Door {
 public:
  explicit Door(Context context) : context_(std::move(context)) {}
  // The door must outlive the router.
  void add_to(net::Router& router);

 private:
  net::Response take(net::Request& request, std::string_view provider);
  static net::Response echo(net::Request& request);

  Context context_;
};

}  // namespace trunkline::doors::warehouse
