// The account's reference data: numbers, SIP accounts, PBX settings, prices (contracts/zadarma.md, sections
// 5, 8, 9 and 10).
#pragma once

#include <optional>

#include "fakes/zadarma/signature.hpp"
#include "fakes/zadarma/world.hpp"

namespace trunkline::fakes::zadarma {

// The body of an answer with status 200; nothing when no reference path is called so.
std::optional<std::string> reference_body(const World& world, std::string_view path,
                                          const Parameters& parameters, Instant now);

}  // namespace trunkline::fakes::zadarma
