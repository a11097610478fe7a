// Retell's webhook signatures: "v=<milliseconds>,d=<HMAC-SHA256 of the raw body and the milliseconds>"
// (contracts/retell.md, section 6).
#pragma once

#include <string_view>

#include "base/secret.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::retell {

// The time in the signature is at most 300 s away from `now`, both ways, 300 included; the digest has 64
// hexadecimal digits in either case. Gives that time. Fails with webhook_forged. Pure.
Result<Instant> verify_webhook(const Secret& key, std::string_view signature, std::string_view body,
                               Instant now);

}  // namespace trunkline::warehouse::retell
