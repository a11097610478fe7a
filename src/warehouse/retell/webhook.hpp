// Retell's webhooks: the call as it stands at an event (contracts/retell.md, section 6).
#pragma once

#include "warehouse/retell/mapping.hpp"
#include "warehouse/retell/signature.hpp"

namespace trunkline::warehouse::retell {

// Checks and reads. Fails with webhook_forged, or provider_malformed when a genuine one cannot be read.
Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, const Secret& key, const Reading& reading);

}  // namespace trunkline::warehouse::retell
