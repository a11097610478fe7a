// All doors of one loop, on one router.
#pragma once

#include <memory>

#include "app/domain.hpp"
#include "app/warehouse.hpp"
#include "doors/console/door.hpp"
#include "doors/engagement/door.hpp"
#include "doors/operations/door.hpp"
#include "doors/voice/door.hpp"
#include "doors/warehouse/door.hpp"
#include "doors/warehouse/operator_door.hpp"

namespace trunkline::app {

class Doors {
 public:
  using Readiness = std::function<std::vector<doors::operations::Check>()>;

  // Fails for settings that make no sense. Everything given must outlive the doors.
  static Result<std::unique_ptr<Doors>> make(Installation& installation, Network& network, Domain& domain,
                                             Readiness readiness);

  net::Router router;

 private:
  Doors() = default;
  std::unique_ptr<doors::voice::Door> voice_;
  std::unique_ptr<doors::engagement::Door> engagement_;
  std::unique_ptr<doors::console::Door> console_;
  std::unique_ptr<Warehouse> warehouse_;
  std::unique_ptr<doors::warehouse::Door> carrier_hooks_;
  std::unique_ptr<doors::warehouse::OperatorDoor> telco_;
};

}  // namespace trunkline::app
