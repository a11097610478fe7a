// Retell as the warehouse sees it: its feeds, its commands and its webhooks (contracts/retell.md;
// contracts/warehouse.md, sections 3, 4, 6 and 11).
//
// Options of the account: `recordings` = "all" (also the multi-channel and scrubbed ones).
#pragma once

#include <memory>

#include "warehouse/http/context.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::retell {

using warehouse::ClientContext;

// Error: invalid_argument, when there is no key.
Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context);

}  // namespace trunkline::warehouse::retell
