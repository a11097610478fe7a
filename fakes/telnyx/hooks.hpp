// The webhooks of the simulated calls and messages (contracts/telnyx.md, section 10).
#pragma once

#include "base/crypto/sign.hpp"
#include "fakes/provider/server.hpp"
#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes::telnyx {

// About the calls and messages that began in the window, in the order in which things happened to each,
// signed at `now`.
std::vector<SignedHook> hooks_between(const World& world, const crypto::SigningKey& key, Instant from,
                                      Instant to, Instant now);

}  // namespace trunkline::fakes::telnyx
