// The webhooks of the simulated calls (contracts/retell.md, section 6).
#pragma once

#include "fakes/provider/server.hpp"
#include "fakes/retell/world.hpp"

namespace trunkline::fakes::retell {

// "v=1775318400000,d=…" over the raw body.
std::string sign_webhook(std::string_view key, std::string_view body, Instant now);

// About the calls that began in the window, in the order in which things happened to each, signed at `now`.
std::vector<SignedHook> hooks_between(const World& world, std::string_view key, Instant from, Instant to,
                                      Instant now);

}  // namespace trunkline::fakes::retell
