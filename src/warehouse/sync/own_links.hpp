// Finds the carriers' records of Trunkline's own calls (contracts/warehouse.md, section 6.4): by the
// carrier's id of the call first, else by numbers and a start within 120 s, the nearest first.
#pragma once

#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::sync {

// Looks for the records of own calls since then that have none yet; how many were found. Suspends.
Result<std::int64_t> link_own_calls(const store::Store& store, Instant since);

}  // namespace trunkline::warehouse::sync
