#include "jobs/jobs_testing.hpp"

#include <stdexcept>

#include "migrations.hpp"
#include "runtime/runtime_testing.hpp"

namespace trunkline::jobs {

void migrate(db::Database& database, const Clock& clock) {
  const auto migrated = db::Migrator(database, clock, all_migrations()).up();
  if (!migrated) throw std::runtime_error(migrated.error().describe());
}

TestJobs::TestJobs() {
  migrate(*database, clock);
  if (const auto joined = node.join(); !joined) throw std::runtime_error(joined.error().describe());
}

void TestJobs::enqueue(NewJob job) {
  const auto done = database->transact(
      db::Scope::operations(), [&](db::Transaction& transaction) { queue.enqueue(transaction, job); });
  if (!done) throw std::runtime_error(done.error().describe());
}

// The second look from now began after everything that was written before.
void TestJobs::settle() {
  const std::size_t enough = runner.looks() + 2;
  const bool is_settled = runtime::eventually([&] {
    runner.wake();
    return runner.looks() >= enough && runner.is_idle();
  });
  if (!is_settled) throw std::runtime_error("the jobs do not come to rest");
}

void TestJobs::advance(Duration by) {
  clock.advance(by);
  if (const auto renewed = node.renew(); !renewed) throw std::runtime_error(renewed.error().describe());
  settle();
}

void with_jobs(const std::function<void(TestJobs&)>& body) {
  runtime::run_to_completion([&] {
    TestJobs jobs;
    body(jobs);
    jobs.runner.stop(runtime::test_patience);
  });
}

}  // namespace trunkline::jobs
