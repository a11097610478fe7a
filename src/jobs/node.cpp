#include "jobs/node.hpp"

#include "base/log.hpp"

namespace trunkline::jobs {
namespace {

using db::Scope;
using db::Statement;

const Statement insert_node{"nodes.insert",
                            "INSERT INTO nodes (id, name, started_at, lease_until) VALUES ($1, $2, $3, $4)"};
const Statement end_predecessors{"nodes.end_predecessors",
                                 "UPDATE nodes SET lease_until = 0 WHERE id <> $1 AND (name = $2 OR $3)"};
const Statement renew_lease{"nodes.renew", "UPDATE nodes SET lease_until = $2 WHERE id = $1"};
const Statement find_dead{"nodes.dead", "SELECT id, name FROM nodes WHERE lease_until < $1"};
const Statement free_jobs{"nodes.free_jobs", "UPDATE jobs SET lease_node = NULL WHERE lease_node = $1"};
const Statement delete_node{"nodes.delete", "DELETE FROM nodes WHERE id = $1"};

}  // namespace

Result<void> Node::join() {
  const Instant until = clock_.now() + node_lease;
  const bool alone = database_.engine() == "sqlite";
  const auto joined = database_.transact(Scope::operations(), [&](db::Transaction& transaction) {
    transaction.execute(end_predecessors, {id_, name_, alone});
    transaction.execute(insert_node, {id_, name_, clock_.now(), until});
  });
  if (!joined) return joined;
  lease_until_ = to_microseconds(until);
  const auto freed = free_jobs_of_the_dead();
  if (!freed) return fail(freed.error());
  return {};
}

Result<std::int64_t> Node::renew() {
  const Instant until = clock_.now() + node_lease;
  const auto renewed = database_.execute(Scope::operations(), renew_lease, {id_, until});
  if (!renewed) return renewed;
  if (*renewed == 0) {
    // Another process took this one for dead and freed its jobs. It goes on as a new one.
    log::warning("the node's lease was lost", {{"node", to_text(id_)}});
    const auto joined =
        database_.execute(Scope::operations(), insert_node, {id_, name_, clock_.now(), until});
    if (!joined) return joined;
  }
  lease_until_ = to_microseconds(until);
  return free_jobs_of_the_dead();
}

Result<void> Node::leave() {
  lease_until_ = 0;
  return database_.transact(Scope::operations(), [&](db::Transaction& transaction) {
    transaction.execute(free_jobs, {id_});
    transaction.execute(delete_node, {id_});
  });
}

Result<std::int64_t> Node::free_jobs_of_the_dead() {
  const auto dead = database_.query(Scope::operations(), find_dead, {clock_.now()});
  if (!dead) return fail(dead.error());
  std::int64_t freed = 0;
  for (const db::Row row : *dead) {
    const Uuid id = row.uuid(0);
    const auto jobs = database_.transact(Scope::operations(), [&](db::Transaction& transaction) {
      const std::int64_t count = transaction.execute_counted(free_jobs, {id});
      transaction.execute(delete_node, {id});
      return count;
    });
    if (!jobs) return jobs;
    log::info("took over from a node", {{"node", row.text(1)}, {"jobs", *jobs}});
    freed += *jobs;
  }
  return freed;
}

}  // namespace trunkline::jobs
