#include "jobs/schedule.hpp"

namespace trunkline::jobs {
namespace {

const db::Statement insert_firing{"schedules.fire", R"sql(
  INSERT INTO schedule_firings (name, period_start, fired_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING)sql"};
const db::Statement forget_firings{"schedules.forget",
                                   "DELETE FROM schedule_firings WHERE name = $1 AND period_start < $2"};

// How long the memory of a period outlives it: longer than any clock jumps back.
constexpr Duration memory = days(7);

}  // namespace

Result<void> Scheduler::fire_due() {
  const Instant now = clock_.now();
  for (Entry& entry : entries_) {
    const Instant period_start =
        from_microseconds(to_microseconds(now) / entry.every.count() * entry.every.count());
    if (period_start == entry.fired_for) continue;
    const auto fired = database_.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
      if (transaction.execute_counted(insert_firing, {entry.kind, period_start, now}) == 0) return;
      transaction.execute(forget_firings, {entry.kind, period_start - memory});
      queue_.enqueue(transaction, {.account = AccountId(),
                                   .id = ids_.next(),
                                   .kind = entry.kind,
                                   .payload = format_rfc3339(period_start),
                                   .priority = JobPriority::background});
    });
    if (!fired) return fired;
    entry.fired_for = period_start;
  }
  return {};
}

}  // namespace trunkline::jobs
