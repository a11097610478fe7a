// What runs once in a process, on its first loop: jobs, the phone network in a box, the call engine, webhook
// deliveries, schedules.
#pragma once

#include "app/domain.hpp"
#include "app/warehouse.hpp"
#include "calls/engine.hpp"
#include "carriers/local/local_carrier.hpp"
#include "jobs/runner.hpp"
#include "jobs/schedule.hpp"
#include "webhooks/delivery.hpp"

namespace trunkline::app {

class Worker {
 public:
  // On the first loop. Commands make one too, for the carrier, and do not start it. Fails for settings that
  // make no sense.
  static Result<std::unique_ptr<Worker>> make(Installation& installation, std::string node_name);

  // Joins the nodes of the database and begins to work. Suspends.
  Result<void> start();
  // Ends what runs and gives the rest back. Suspends.
  void stop(runtime::SteadyTime until);

  bool is_alive() const { return node_->is_alive(); }
  carriers::local::LocalCarrier& carrier() { return *carrier_; }
  Network& network() { return *network_; }
  Domain& domain() { return *domain_; }
  // Takes the telecom warehouse of these accounts instead of those of the settings. Before start().
  void use_warehouse(std::unique_ptr<Warehouse> warehouse) { warehouse_ = std::move(warehouse); }
  Warehouse* warehouse() { return warehouse_.get(); }

 private:
  explicit Worker(Installation& installation) : installation_(installation) {}
  void maintain();
  Result<void> start_warehouse();
  void register_schedules();
  void publish_metrics();

  Installation& installation_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<jobs::Node> node_;
  std::unique_ptr<jobs::Runner> runner_;
  std::unique_ptr<carriers::local::LocalCarrier> carrier_;
  std::unique_ptr<Domain> domain_;
  std::unique_ptr<dialogue::Responder> responder_;
  std::unique_ptr<calls::DialogueDriver> dialogue_;
  std::unique_ptr<calls::Engine> engine_;
  std::unique_ptr<webhooks::Delivery> delivery_;
  std::unique_ptr<jobs::Scheduler> scheduler_;
  std::unique_ptr<Warehouse> warehouse_;
  bool stopping_ = false;
};

// The agent's mind, by the settings: models first, the offline script always last.
std::unique_ptr<dialogue::Responder> make_responder(Installation& installation, net::Client& client);

}  // namespace trunkline::app
