#include "warehouse/sync/agent_totals.hpp"

#include "base/decimal.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr std::int64_t seconds_per_minute = 60;
constexpr int minute_places = 2;  // as in the schema

const db::Statement sums_of_agents{
    "agents.sums",
    "SELECT agent_id, sum(total_calls)::bigint, sum(total_seconds)::bigint FROM telco.agent_summary"
    " WHERE account = $1 GROUP BY agent_id ORDER BY agent_id",
    db::Reach::scan};
const db::Statement fill{
    "agents.fill_totals",
    "UPDATE telco.retell_agents SET total_calls = $4, total_minutes = $5::text::numeric, "
    "avg_duration_seconds = $6"
    " WHERE provider_id = $1 AND account = $2 AND agent_id = $3 AND (total_calls IS DISTINCT FROM $4"
    " OR total_minutes IS DISTINCT FROM $5::text::numeric OR avg_duration_seconds IS DISTINCT FROM $6)"};

}  // namespace

Result<std::int64_t> fill_agent_totals(const store::Store& store, const store::Owner& owner) {
  return store.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    std::int64_t changed = 0;
    for (const db::Row row : transaction.query(sums_of_agents, {owner.account})) {
      const std::int64_t calls = row.integer(1);
      const Decimal seconds(row.integer(2));
      const Decimal minutes = seconds.divide(Decimal(seconds_per_minute), minute_places);
      const Decimal average = seconds.divide(Decimal(calls), 0);
      changed += transaction.execute_counted(fill, {owner.provider_id, owner.account, row.text(0), calls,
                                                    minutes.to_text(), *average.to_int64()});
    }
    return changed;
  });
}

}  // namespace trunkline::warehouse::sync
