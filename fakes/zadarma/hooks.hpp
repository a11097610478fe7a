// The webhooks of the simulated calls and messages (contracts/zadarma.md, section 11).
#pragma once

#include "fakes/provider/server.hpp"
#include "fakes/zadarma/world.hpp"

namespace trunkline::fakes::zadarma {

// About the calls that began in the window, in the order in which things happened to each.
std::vector<SignedHook> hooks_between(const World& world, std::string_view secret, Instant from, Instant to);

}  // namespace trunkline::fakes::zadarma
