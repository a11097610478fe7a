// Runs the jobs of this process on one loop: those that its own transactions hand over, and those it claims
// from the database. Keeps order keys in order, groups within their limit, and kinds within theirs. Kinds and
// groups are queues of their own, so a slow one holds up nobody else.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <unordered_set>
#include <utility>

#include "base/metrics.hpp"
#include "jobs/node.hpp"
#include "jobs/queue.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::jobs {

using Handler = std::function<Outcome(const Job&)>;

struct KindOptions {
  std::size_t running_max = 64;    // at once, of this kind
  std::size_t per_group_max = 16;  // at once, of one group
};

struct RunnerOptions {
  std::size_t held_max = 20'000;               // leased to this process, running or waiting their turn
  Duration poll_interval = milliseconds(500);  // for jobs that other processes made
  std::size_t claim_batch = 200;
};

struct RunnerContext {
  runtime::EventLoop& loop;
  Queue& queue;
  Node& node;
  const Clock& clock;
  Metrics& metrics;
};

class Runner final : public Receiver {
 public:
  Runner(RunnerContext context, RunnerOptions options = {});
  ~Runner() override;

  // Before start(). A job whose kind nobody handles is left in the database.
  void handle(std::string kind, KindOptions options, Handler handler);

  // Begins to claim. On the loop's thread.
  void start();
  // Starts nothing more, waits until what runs has ended, at most `at_most`. Detached jobs are not waited
  // for. Suspends.
  void stop(Duration at_most);

  // Ends a job whose handler said Outcome::detached. On the loop's thread.
  void release(const Job& job, const Outcome& outcome);
  // Takes up again what a fault of the database made this process lose sight of: jobs leased to it that it
  // does not hold. How many. On the loop's thread. Suspends.
  Result<std::int64_t> recover_lost();
  // Whether the database has refused a write about a job since this was asked last: something may be lost.
  bool take_trouble() { return std::exchange(troubled_, false); }
  // Look for due jobs now: the clock was moved, or somebody else made some. On the loop's thread.
  void wake();

  std::optional<Uuid> node_with_room() const override;
  void receive(Job job) override;
  void expect(Instant due) override;

  // For tests: nothing is held; and how often it has looked for due jobs.
  bool is_idle() const { return held_ == 0; }
  std::size_t looks() const { return looks_; }

 private:
  struct Kind;
  struct Group;
  // An order of which this process holds jobs; one is under way. A list costs nothing while it is empty, as
  // nearly all are.
  struct Order {
    Uuid youngest;
    std::list<Job> waiting;
  };

  void offer(Job job);
  void make_ready(Kind& kind, Job job);
  void start_ready(Kind& kind);
  void run(Kind& kind, const Job& job);
  Outcome outcome_of(Kind& kind, const Job& job);
  void end(Kind& kind, const Job& job, const Outcome& outcome);
  bool settle(const Job& job, const Outcome& outcome);
  void end_order(const Job& job, bool is_over);
  void claim_until_stopped();
  std::size_t claim_once();
  Duration until_next_due() const;

  RunnerContext context_;
  RunnerOptions options_;
  std::unordered_map<std::string, std::unique_ptr<Kind>> kinds_;
  std::unordered_map<std::string, std::unique_ptr<Group>> groups_;
  std::unordered_map<std::string, Order> orders_;
  std::atomic<std::size_t> held_ = 0;
  std::unordered_set<Uuid> held_ids_;
  std::size_t running_ = 0;
  std::size_t detached_ = 0;
  std::atomic<bool> stopping_ = false;
  runtime::Bell bell_;
  runtime::Semaphore claimer_ended_{0};
  bool started_ = false;
  bool troubled_ = false;
  std::size_t looks_ = 0;
  Instant next_due_ = Instant::max();
  Counter done_;
  Counter retried_;
  Counter parked_;
};

}  // namespace trunkline::jobs
