// Zadarma's webhooks (contracts/zadarma.md, section 11): form posts whose signature covers some of the
// fields.
#pragma once

#include "warehouse/zadarma/mapping.hpp"
#include "warehouse/zadarma/signature.hpp"

namespace trunkline::warehouse::zadarma {

// The text that an event signs; nothing for events whose signature is not documented.
std::optional<std::string> signed_text(const Parameters& fields);

// Whether the Signature header fits the form body. Pure.
bool is_genuine(const Secret& secret, const Parameters& fields, std::string_view signature);

// Checks and reads. Fails with webhook_forged, or provider_malformed when a genuine one cannot be read.
Result<WebhookEvent> read_webhook(const WebhookDelivery& delivery, const Secret& secret,
                                  const Reading& reading);

// The answer to the request by which the provider checks a URL: the text of `zd_echo`; nothing when it is not
// one.
std::optional<std::string> echo_answer(std::string_view query);

}  // namespace trunkline::warehouse::zadarma
