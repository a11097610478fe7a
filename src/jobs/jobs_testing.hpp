// For tests: a queue with its runner on a fresh, migrated database, and a clock that the test moves.
#pragma once

#include "db/db_testing.hpp"
#include "jobs/runner.hpp"

namespace trunkline::jobs {

// A database with all migrations done. Ends the test when that fails.
void migrate(db::Database& database, const Clock& clock);

struct TestJobs {
  TestJobs();

  db::TestDatabase database;
  ManualClock clock{*parse_instant("2026-03-02T09:15:04Z")};
  SeededRandom random{7};
  IdSource ids{clock, random};
  Metrics metrics;
  Queue queue{*database, clock};
  Node node{*database, clock, ids.next(), "test"};
  Runner runner{{*runtime::EventLoop::current(), queue, node, clock, metrics}};

  AccountId account{ids.next()};

  // Enqueues in a transaction of its own.
  void enqueue(NewJob job);
  // Lets the runner work until it holds nothing, for as long as tests are patient.
  void settle();
  // Moves the clock, keeps the lease alive and lets the runner look.
  void advance(Duration by);
};

void with_jobs(const std::function<void(TestJobs&)>& body);

}  // namespace trunkline::jobs
