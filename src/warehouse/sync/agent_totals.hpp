// The totals of an agent's calls beside the agent (contracts/warehouse.md, section 2, no. 18):
// telco.retell_agents has them for readers of the older schema; the view agent_summary is where they come
// from.
#pragma once

#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::sync {

// Brings total_calls, total_minutes and avg_duration_seconds of an account's agents up to date, over all
// calls that the warehouse has of them; how many agents' totals were others. Suspends.
Result<std::int64_t> fill_agent_totals(const store::Store& store, const store::Owner& owner);

}  // namespace trunkline::warehouse::sync
