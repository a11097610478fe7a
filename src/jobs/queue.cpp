#include "jobs/queue.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline::jobs {
namespace {

using db::Scope;
using db::Statement;
using db::Transaction;

const Statement insert_job{"jobs.insert", R"sql(
  INSERT INTO jobs (account_id, id, kind, payload, unique_key, order_key, group_key, priority, run_at, parked, attempts,
                    lease_node, fence, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false, 0, $10, $11, $12)
  ON CONFLICT DO NOTHING)sql"};

const Statement delete_job{"jobs.delete",
                           "DELETE FROM jobs WHERE account_id = $1 AND id = $2 AND fence = $3"};
const Statement delete_failures{"jobs.delete_failures",
                                "DELETE FROM job_failures WHERE account_id = $1 AND job_id = $2"};

// A job with an order waits until it is the first of it. The lock keeps two processes from claiming the same.
const Statement select_due{"jobs.select_due", R"sql(
  SELECT account_id, id FROM jobs
  WHERE lease_node IS NULL AND NOT parked AND priority = $1 AND run_at <= $2
    AND (order_key IS NULL OR NOT EXISTS (
      SELECT 1 FROM jobs earlier
      WHERE earlier.account_id = jobs.account_id AND earlier.order_key = jobs.order_key AND earlier.id < jobs.id))
  ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED)sql"};

const Statement lease_job{"jobs.lease", R"sql(
  UPDATE jobs SET lease_node = $3, fence = fence + 1 WHERE account_id = $1 AND id = $2 AND lease_node IS NULL
  RETURNING kind, payload, order_key, group_key, attempts, fence)sql"};

// What comes after a job in its order, and whether it may be claimed with it.
const Statement list_followers{"jobs.followers", R"sql(
  SELECT id, lease_node IS NULL AND run_at <= $4 FROM jobs
  WHERE account_id = $1 AND order_key = $2 AND id > $3 ORDER BY id LIMIT $5)sql"};

const Statement reschedule_job{"jobs.reschedule", R"sql(
  UPDATE jobs SET run_at = $4, attempts = attempts + $5, lease_node = NULL
  WHERE account_id = $1 AND id = $2 AND fence = $3)sql"};

// A parked job leaves its order, so that what comes after it is not held up for ever.
const Statement park_job{"jobs.park", R"sql(
  UPDATE jobs SET parked = true, order_key = NULL, attempts = attempts + 1, lease_node = NULL
  WHERE account_id = $1 AND id = $2 AND fence = $3)sql"};

const Statement insert_failure{"jobs.insert_failure", R"sql(
  INSERT INTO job_failures (account_id, job_id, attempt, failed_at, error) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT DO NOTHING)sql"};

const Statement list_leased{"jobs.leased",
                            "SELECT account_id, id FROM jobs WHERE lease_node = $1 AND created_at < $2",
                            db::Reach::scan};
const Statement free_leased{
    "jobs.free_leased",
    "UPDATE jobs SET lease_node = NULL WHERE account_id = $1 AND id = $2 AND lease_node = $3"};

const Statement find_predecessor{"jobs.predecessor", R"sql(
  SELECT id FROM jobs WHERE account_id = $1 AND order_key = $2 AND id < $3 ORDER BY id DESC LIMIT 1)sql"};

const Statement find_next_due{"jobs.next_due", R"sql(
  SELECT min(run_at) FROM jobs WHERE lease_node IS NULL AND NOT parked AND priority = $1)sql"};

const Statement list_jobs{"jobs.list", R"sql(
  SELECT account_id, id, kind, payload, order_key, group_key, attempts, fence, run_at, created_at, parked,
         lease_node IS NOT NULL,
         (SELECT error FROM job_failures f WHERE f.account_id = jobs.account_id AND f.job_id = jobs.id
          ORDER BY attempt DESC LIMIT 1)
  FROM jobs
  WHERE ($1 = '' OR kind = $1) AND (NOT $2 OR parked) AND ($4 OR account_id = $5)
  ORDER BY parked DESC, run_at LIMIT $3)sql",
                          db::Reach::scan};

const Statement free_job{"jobs.free", R"sql(
  UPDATE jobs SET parked = false, run_at = $3 WHERE account_id = $1 AND id = $2 AND lease_node IS NULL)sql"};

const Statement park_free_job{"jobs.park_free", R"sql(
  UPDATE jobs SET parked = true, order_key = NULL, attempts = attempts + 1
  WHERE account_id = $1 AND id = $2 AND lease_node IS NULL RETURNING attempts)sql"};

const Statement count_jobs{"jobs.depths", R"sql(
  SELECT kind, count(CASE WHEN NOT parked THEN 1 END), count(CASE WHEN parked THEN 1 END),
         min(CASE WHEN NOT parked AND lease_node IS NULL THEN run_at END)
  FROM jobs GROUP BY kind)sql",
                           db::Reach::scan};

// Enough that an order does not wait for the claimer, few enough that one long order leaves room for others.
constexpr std::size_t followers_max = 31;

constexpr std::array priorities{JobPriority::live_call, JobPriority::normal, JobPriority::background};

db::Failure lease_lost(const Job& job) {
  return db::Failure(
      Error(error_codes::lease_lost,
            fmt::format("Another process has taken over the job {} {}.", job.kind, to_text(job.id))));
}

// The end of a try, written only while the lease is ours.
void write_failure(Transaction& transaction, const Job& job, const Error& error, Instant now) {
  transaction.execute(insert_failure, {job.account, job.id, job.attempts + 1, now, error.describe()});
}

}  // namespace

void Queue::enqueue(Transaction& transaction, NewJob job) {
  const Instant now = clock_.now();
  const bool due = job.run_at <= now;
  Receiver* receiver = receiver_;
  const std::optional<Uuid> node = due && receiver != nullptr ? receiver->node_with_room() : std::nullopt;
  constexpr std::int64_t first_fence = 1;
  const std::initializer_list<db::Parameter> parameters = {job.account,
                                                           job.id,
                                                           job.kind,
                                                           job.payload,
                                                           unless_empty(job.unique_key),
                                                           unless_empty(job.order_key),
                                                           unless_empty(job.group_key),
                                                           static_cast<std::int64_t>(job.priority),
                                                           std::max(job.run_at, now),
                                                           node,
                                                           first_fence,
                                                           now};
  // A job without a unique key has a fresh id: it is inserted for certain, and the count need not be waited
  // for.
  if (job.unique_key.empty()) {
    transaction.execute(insert_job, parameters);
  } else if (transaction.execute_counted(insert_job, parameters) == 0) {
    return;
  }
  if (receiver == nullptr) return;
  if (!node) {
    transaction.after_commit([receiver, at = job.run_at] { receiver->expect(at); });
    return;
  }
  const auto made = std::make_shared<Job>(Job{.account = job.account,
                                              .id = job.id,
                                              .kind = std::string(job.kind),
                                              .payload = std::move(job.payload),
                                              .order_key = std::move(job.order_key),
                                              .group_key = std::move(job.group_key),
                                              .fence = first_fence,
                                              .fresh = true,
                                              .handover = std::move(job.handover)});
  // None comes later: ids rise.
  if (!made->order_key.empty()) {
    transaction.query_later(find_predecessor, {made->account, made->order_key, made->id},
                            [made](const db::Rows& elders) {
                              if (!elders.empty()) made->elder = elders.front().uuid(0);
                            });
  }
  transaction.after_commit([receiver, made] { receiver->receive(std::move(*made)); });
}

void Queue::finish(Transaction& transaction, const Job& job) {
  if (transaction.execute_counted(delete_job, {job.account, job.id, job.fence}) != 1) throw lease_lost(job);
  if (job.attempts > 0) transaction.execute(delete_failures, {job.account, job.id});
}

// False when another process was quicker.
bool Queue::lease(Transaction& transaction, Uuid node, AccountId account, Uuid id,
                  std::vector<Job>& claimed) {
  const db::Rows leased = transaction.query(lease_job, {account, id, node});
  if (leased.empty()) return false;
  const db::Row row = leased.front();
  claimed.push_back({.account = account,
                     .id = id,
                     .kind = std::string(row.text(0)),
                     .payload = std::string(row.text(1)),
                     .order_key = row.optional_text(2).value_or(""),
                     .group_key = row.optional_text(3).value_or(""),
                     .attempts = row.integer(4),
                     .fence = row.integer(5)});
  return true;
}

// The jobs that come next in the order of the one claimed last, without a gap: they stand in line behind it.
// Otherwise each would wait in the database for a look that passes all that is due and cannot be claimed yet.
void Queue::lease_followers(Transaction& transaction, Uuid node, std::size_t at_most,
                            std::vector<Job>& claimed) {
  const Job& head = claimed.back();
  if (head.order_key.empty() || claimed.size() >= at_most) return;
  const auto room = static_cast<std::int64_t>(std::min(at_most - claimed.size(), followers_max));
  const db::Rows followers =
      transaction.query(list_followers, {head.account, head.order_key, head.id, clock_.now(), room});
  const AccountId account = head.account;
  for (const db::Row row : followers) {
    if (!row.boolean(1) || !lease(transaction, node, account, row.uuid(0), claimed)) return;
  }
}

Result<std::vector<Job>> Queue::claim(Uuid node, std::size_t at_most) {
  return database_.transact(Scope::operations(), [&](Transaction& transaction) {
    std::vector<Job> claimed;
    for (const JobPriority priority : priorities) {
      if (claimed.size() >= at_most) break;
      const auto room = static_cast<std::int64_t>(at_most - claimed.size());
      const db::Rows due =
          transaction.query(select_due, {static_cast<std::int64_t>(priority), clock_.now(), room});
      for (const db::Row key : due) {
        if (claimed.size() >= at_most) break;
        if (lease(transaction, node, key.id<AccountId>(0), key.uuid(1), claimed))
          lease_followers(transaction, node, at_most, claimed);
      }
    }
    return claimed;
  });
}

Result<void> Queue::complete(const Job& job) {
  return database_.transact(Scope::operations(), [&](Transaction& transaction) { finish(transaction, job); });
}

Result<void> Queue::retry_at(const Job& job, const Error& error, Instant at) {
  return database_.transact(Scope::operations(), [&](Transaction& transaction) {
    if (transaction.execute_counted(reschedule_job, {job.account, job.id, job.fence, at, 1}) != 1)
      throw lease_lost(job);
    write_failure(transaction, job, error, clock_.now());
  });
}

Result<void> Queue::park(const Job& job, const Error& error) {
  return database_.transact(Scope::operations(), [&](Transaction& transaction) {
    if (transaction.execute_counted(park_job, {job.account, job.id, job.fence}) != 1) throw lease_lost(job);
    write_failure(transaction, job, error, clock_.now());
  });
}

Result<void> Queue::give_back(std::span<const Job> jobs, Instant run_at) {
  if (jobs.empty()) return {};
  return database_.transact(Scope::operations(), [&](Transaction& transaction) {
    for (const Job& job : jobs)
      transaction.execute(reschedule_job, {job.account, job.id, job.fence, run_at, 0});
  });
}

Result<std::int64_t> Queue::free_lost(Uuid node, Instant made_before,
                                      const std::function<bool(Uuid)>& is_held) {
  const auto leased = database_.query(Scope::operations(), list_leased, {node, made_before});
  if (!leased) return fail(leased.error());
  std::vector<std::pair<AccountId, Uuid>> lost;
  for (const db::Row row : *leased) {
    if (!is_held(row.uuid(1))) lost.emplace_back(row.id<AccountId>(0), row.uuid(1));
  }
  if (lost.empty()) return 0;
  return database_.transact(Scope::operations(), [&](Transaction& transaction) {
    std::int64_t freed = 0;
    for (const auto& [account, id] : lost)
      freed += transaction.execute_counted(free_leased, {account, id, node});
    return freed;
  });
}

Result<bool> Queue::has_predecessor(const Job& job) {
  const auto found =
      database_.query(Scope::operations(), find_predecessor, {job.account, job.order_key, job.id});
  if (!found) return fail(found.error());
  return !found->empty();
}

Result<std::optional<Instant>> Queue::next_due() {
  std::optional<Instant> next;
  for (const JobPriority priority : priorities) {
    const auto found =
        database_.query(Scope::operations(), find_next_due, {static_cast<std::int64_t>(priority)});
    if (!found) return fail(found.error());
    const auto due = found->front().optional_instant(0);
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

Result<std::vector<JobSummary>> Queue::list(const JobFilter& filter) {
  const auto rows = database_.query(Scope::operations(), list_jobs,
                                    {filter.kind, filter.parked_only, filter.limit,
                                     !filter.account.has_value(), filter.account.value_or(AccountId())});
  if (!rows) return fail(rows.error());
  std::vector<JobSummary> summaries;
  for (const db::Row row : *rows) {
    summaries.push_back({.job = {.account = row.id<AccountId>(0),
                                 .id = row.uuid(1),
                                 .kind = std::string(row.text(2)),
                                 .payload = std::string(row.text(3)),
                                 .order_key = row.optional_text(4).value_or(""),
                                 .group_key = row.optional_text(5).value_or(""),
                                 .attempts = row.integer(6),
                                 .fence = row.integer(7)},
                         .run_at = row.instant(8),
                         .created_at = row.instant(9),
                         .parked = row.boolean(10),
                         .leased = row.boolean(11),
                         .last_error = row.optional_text(12).value_or("")});
  }
  return summaries;
}

Result<void> Queue::retry_now(AccountId account, Uuid id) {
  const auto changed = database_.execute(Scope::operations(), free_job, {account, id, clock_.now()});
  if (!changed) return fail(changed.error());
  if (*changed == 0)
    return fail(error_codes::job_not_found, "There is no such job that waits, or it runs right now.");
  return {};
}

Result<void> Queue::park_now(AccountId account, Uuid id, std::string_view reason) {
  return database_.transact(Scope::operations(), [&](Transaction& transaction) -> Result<void> {
    const db::Rows parked = transaction.query(park_free_job, {account, id});
    if (parked.empty())
      return fail(error_codes::job_not_found, "There is no such job that waits, or it runs right now.");
    transaction.execute(insert_failure, {account, id, parked.front().integer(0), clock_.now(), reason});
    return {};
  });
}

Result<std::vector<QueueDepth>> Queue::depths() {
  const auto rows = database_.query(Scope::operations(), count_jobs, {});
  if (!rows) return fail(rows.error());
  std::vector<QueueDepth> depths;
  for (const db::Row row : *rows) {
    depths.push_back({.kind = std::string(row.text(0)),
                      .waiting = row.integer(1),
                      .parked = row.integer(2),
                      .oldest_due = row.optional_instant(3).value_or(Instant::max())});
  }
  return depths;
}

}  // namespace trunkline::jobs
