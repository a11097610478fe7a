// Webhooks in (rule 5 of docs/architecture.md): verify on the raw bytes, store raw under a unique key,
// answer, process. What could not be processed is taken up again by the schedule.
#pragma once

#include "warehouse/sync/engine.hpp"

namespace trunkline::warehouse::sync {

struct Intake {
  bool is_repeat = false;
  std::string event_type;
};

// Fails with webhook_forged, or when the event could not be stored: then the provider sends it again. A
// failure to process it is kept with the event and is no failure here. Suspends.
Result<Intake> take_webhook(Engine& engine, const store::Store& store, Provider& provider,
                            const WebhookDelivery& delivery);

// Processes events of this account that were stored and not processed; how many. Suspends.
Result<std::int64_t> process_pending(Engine& engine, const store::Store& store, Provider& provider,
                                     Instant now);

}  // namespace trunkline::warehouse::sync
