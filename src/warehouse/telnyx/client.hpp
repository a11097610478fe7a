// Telnyx as the warehouse sees it: its feeds, its commands and its webhooks (contracts/telnyx.md;
// contracts/warehouse.md, sections 3, 4, 6 and 11).
//
// Options of the account: `report_prefix` (of the batch reports, "/legacy/reporting"), `quota_window_ms` (for
// fakes with a faster minute).
#pragma once

#include <memory>

#include "warehouse/http/context.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::telnyx {

using warehouse::ClientContext;

// Error: invalid_argument, when there is no key.
Result<std::unique_ptr<Provider>> make_client(ProviderAccount account, ClientContext context);

}  // namespace trunkline::warehouse::telnyx
