#include "app/worker.hpp"
#include "dialogue/offline_responder.hpp"

namespace trunkline::app {

std::unique_ptr<dialogue::Responder> make_responder(Installation&, net::Client&) {
  return std::make_unique<dialogue::OfflineResponder>();
}

}  // namespace trunkline::app
