// Telnyx's webhooks: what each event says about a call, a recording or a message (contracts/telnyx.md,
// section 10).
#pragma once

#include "warehouse/telnyx/mapping.hpp"
#include "warehouse/telnyx/signature.hpp"

namespace trunkline::warehouse::telnyx {

// Checks and reads. Fails with webhook_forged, or provider_malformed when a genuine one cannot be read.
Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, std::string_view public_key,
                                  const Reading& reading);

// The rows of an event's `data`, after its signature was checked. Pure.
Result<WebhookEvent> read_event(const json::Value& data, const Reading& reading);

}  // namespace trunkline::warehouse::telnyx
