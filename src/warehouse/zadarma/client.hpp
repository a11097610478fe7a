// Zadarma as the warehouse sees it: its feeds, its commands and its webhooks (contracts/zadarma.md;
// contracts/warehouse.md, sections 3, 4, 6 and 11).
//
// Options of the account: `prices` (numbers whose price is kept, with commas), `recording_link_seconds`,
// `quota_window_ms` (for fakes with a faster minute).
#pragma once

#include <memory>

#include "warehouse/http/context.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::zadarma {

using warehouse::ClientContext;

// Error: invalid_argument, when the key, the secret or the time zone is missing or wrong.
Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context);

}  // namespace trunkline::warehouse::zadarma
