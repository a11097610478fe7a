// Telnyx's webhook signatures: Ed25519 over the time, a bar and the raw body (contracts/telnyx.md, section
// 10).
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::telnyx {

// `public_key` is Base64 of 32 bytes. The timestamp is digits only and at most 300 s away from `now`, both
// ways, 300 included. Fails with webhook_forged. Pure.
Result<void> verify_webhook(std::string_view public_key, std::string_view timestamp,
                            std::string_view signature, std::string_view body, Instant now);

// By the headers of a delivery and the time it arrived.
Result<void> verify_webhook(std::string_view public_key, const WebhookDelivery& delivery);

}  // namespace trunkline::warehouse::telnyx
