// Erases the person from the warehouse's copy of one of Trunkline's own calls (reliability-security C17).
// What carriers themselves report of the call is the operator's and comes from them again.
#pragma once

#include "base/time.hpp"
#include "db/database.hpp"

namespace trunkline::warehouse::sync {

// The call must have been erased at home before. `call` is its public id. Costs and times stay. Fails, to be
// tried again shortly, while own calls are being read, since that run may hold what the call was. Suspends.
Result<void> forget_own_call(db::Database& telco, std::string_view call, Instant now);

}  // namespace trunkline::warehouse::sync
