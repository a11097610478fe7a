// The durable queue in the database. Enqueueing is part of the caller's transaction; where a runner is at
// hand the new job is leased to it in the same insert and handed over after the commit, so that nothing has
// to be polled for.
#pragma once

#include <functional>
#include <span>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job.hpp"

namespace trunkline::jobs {

// What runs jobs in this process. A process without one (a command) leaves its jobs to the others.
class Receiver {
 public:
  virtual ~Receiver() = default;
  // Whether a job made now may be leased to this process. Any thread.
  virtual std::optional<Uuid> node_with_room() const = 0;
  // Takes a job that is leased to this process. On the loop where it was committed.
  virtual void receive(Job job) = 0;
  // There is a job for later: look again when it is due.
  virtual void expect(Instant due) = 0;
};

struct JobSummary {
  Job job;
  Instant run_at;
  Instant created_at;
  bool parked = false;
  bool leased = false;
  std::string last_error;
};

struct JobFilter {
  std::optional<AccountId> account = {};
  std::string kind = {};
  bool parked_only = false;
  std::int64_t limit = 50;
};

// How full the queue is, for the metrics.
struct QueueDepth {
  std::string kind;
  std::int64_t waiting = 0;
  std::int64_t parked = 0;
  Instant oldest_due{};
};

class Queue {
 public:
  Queue(db::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Until it is set, and after it is reset to nullptr, new jobs wait in the database.
  void set_receiver(Receiver* receiver) { receiver_ = receiver; }

  // Adds the job in the caller's transaction. With a unique key that an open job has already, nothing is
  // added.
  void enqueue(db::Transaction& transaction, NewJob job);
  // Deletes the job in the caller's transaction. Throws db::Failure with `lease_lost` when its fence is old.
  void finish(db::Transaction& transaction, const Job& job);

  // For the runner. A job that is claimed brings along those that come next in its order, behind it in the
  // answer.
  Result<std::vector<Job>> claim(Uuid node, std::size_t at_most);
  Result<void> complete(const Job& job);
  Result<void> retry_at(const Job& job, const Error& error, Instant at);
  Result<void> park(const Job& job, const Error& error);
  // Gives jobs back untouched, due at `run_at`.
  Result<void> give_back(std::span<const Job> jobs, Instant run_at);
  // Frees the jobs that are leased to the node, were made before `made_before` and are not held by it: a
  // fault of the database kept it from hearing of them, or from writing down their end. How many.
  Result<std::int64_t> free_lost(Uuid node, Instant made_before, const std::function<bool(Uuid)>& is_held);
  // Whether an earlier job of the same order is open.
  Result<bool> has_predecessor(const Job& job);
  // When the next job is due that nobody holds.
  Result<std::optional<Instant>> next_due();

  // For operators.
  Result<std::vector<JobSummary>> list(const JobFilter& filter);
  // Makes a job due now, parked or not.
  Result<void> retry_now(AccountId account, Uuid id);
  Result<void> park_now(AccountId account, Uuid id, std::string_view reason);
  Result<std::vector<QueueDepth>> depths();

 private:
  static bool lease(db::Transaction& transaction, Uuid node, AccountId account, Uuid id,
                    std::vector<Job>& claimed);
  void lease_followers(db::Transaction& transaction, Uuid node, std::size_t at_most,
                       std::vector<Job>& claimed);

  db::Database& database_;
  const Clock& clock_;
  std::atomic<Receiver*> receiver_ = nullptr;
};

}  // namespace trunkline::jobs
