// When each kind of run is due (contracts/warehouse.md, section 3). Pure.
#pragma once

#include "warehouse/normalise.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::sync {

// Calls and messages every 15 minutes, recordings and balances every hour, the rest once a day at 02:00.
Duration interval_of(SyncType type);

// Whether a run is due now. `last_start` is when the last one began. Accounts are spread by a jitter of up to
// a minute that is always the same for an account and a kind. Daily kinds are due at 02:00 of the zone.
bool is_due(SyncType type, std::optional<Instant> last_start, Instant now, const TimeZone& zone,
            std::string_view account_key);

}  // namespace trunkline::warehouse::sync
