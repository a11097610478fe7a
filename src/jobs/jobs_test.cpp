#include <map>

#include <doctest/doctest.h>

#include "jobs/jobs_testing.hpp"
#include "jobs/schedule.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::jobs;

namespace {

const db::Statement take_over{"test.jobs_take_over", "UPDATE jobs SET fence = fence + 1 WHERE id = $1"};

NewJob note(TestJobs& jobs, std::string payload, std::string order_key, Duration from_now = {}) {
  return {.account = jobs.account,
          .id = jobs.ids.next(),
          .kind = "note",
          .payload = std::move(payload),
          .order_key = std::move(order_key),
          .run_at = jobs.clock.now() + from_now};
}

}  // namespace

TEST_SUITE("jobs [db]") {
  TEST_CASE("a job runs at once after the commit, without anybody polling") {
    with_jobs([](TestJobs& jobs) {
      std::string seen;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        seen += job.payload;
        seen += job.handover.has_value() ? " from memory" : " from the database";
        return Outcome::done();
      });
      jobs.runner.start();
      REQUIRE(runtime::eventually([&] { return jobs.runner.looks() > 0; }));
      jobs.enqueue({.account = jobs.account,
                    .id = jobs.ids.next(),
                    .kind = "note",
                    .payload = "hello",
                    .handover = true});
      CHECK(runtime::eventually([&] { return jobs.queue.list({})->empty(); }));
      CHECK(seen == "hello from memory");
    });
  }

  TEST_CASE("a job of a transaction that rolls back never runs") {
    with_jobs([](TestJobs& jobs) {
      int runs = 0;
      jobs.runner.handle("note", {}, [&](const Job&) {
        ++runs;
        return Outcome::done();
      });
      jobs.runner.start();
      const auto refused =
          jobs.database->transact(db::Scope::operations(), [&](db::Transaction& transaction) -> Result<void> {
            jobs.queue.enqueue(transaction, {.account = jobs.account, .id = jobs.ids.next(), .kind = "note"});
            return fail(trunkline::error_codes::invalid_argument, "no");
          });
      CHECK_FALSE(refused);
      jobs.settle();
      CHECK(runs == 0);
    });
  }

  TEST_CASE("a job has what its maker gave along, and one that is claimed has to read it") {
    with_jobs([](TestJobs& jobs) {
      std::string seen;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        const auto* const given = std::any_cast<std::string>(&job.handover);
        seen += given == nullptr ? "read " + job.payload : *given;
        return Outcome::done();
      });
      const auto make = [&] {
        jobs.enqueue({.account = jobs.account,
                      .id = jobs.ids.next(),
                      .kind = "note",
                      .payload = "a note",
                      .handover = std::string("given, ")});
      };
      jobs.runner.start();
      make();
      jobs.settle();
      jobs.queue.set_receiver(nullptr);  // as in a process without a runner
      make();
      jobs.runner.wake();
      CHECK(runtime::eventually([&] { return seen == "given, read a note"; }));
    });
  }

  TEST_CASE("a job for later waits until its time") {
    with_jobs([](TestJobs& jobs) {
      int runs = 0;
      jobs.runner.handle("note", {}, [&](const Job&) {
        ++runs;
        return Outcome::done();
      });
      jobs.runner.start();
      jobs.enqueue({.account = jobs.account,
                    .id = jobs.ids.next(),
                    .kind = "note",
                    .run_at = jobs.clock.now() + hours(1)});
      jobs.settle();
      CHECK(runs == 0);
      jobs.advance(hours(1));
      CHECK(runs == 1);
    });
  }

  TEST_CASE("a failed try is kept with its reason and tried again when it said") {
    with_jobs([](TestJobs& jobs) {
      int runs = 0;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        ++runs;
        CHECK(job.attempts == runs - 1);
        if (runs == 3) return Outcome::done();
        return Outcome::retry(Error(trunkline::error_codes::unavailable, "not yet"),
                              jobs.clock.now() + minutes(1));
      });
      jobs.runner.start();
      jobs.enqueue({.account = jobs.account, .id = jobs.ids.next(), .kind = "note"});
      jobs.settle();
      CHECK(runs == 1);
      const auto waiting = jobs.queue.list({});
      REQUIRE(waiting->size() == 1);
      CHECK(waiting->front().job.attempts == 1);
      CHECK(waiting->front().last_error == "not yet (unavailable)");
      jobs.advance(seconds(59));
      CHECK(runs == 1);
      jobs.advance(seconds(2));
      CHECK(runs == 2);
      jobs.advance(minutes(1));
      CHECK(runs == 3);
      CHECK(jobs.queue.list({})->empty());
    });
  }

  TEST_CASE("jobs of one order run one after the other, and a failure holds up only its own order") {
    with_jobs([](TestJobs& jobs) {
      std::string ran;
      bool mended = false;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        runtime::yield();
        if (job.payload == "a1" && !mended) {
          return Outcome::retry(Error(trunkline::error_codes::unavailable, "down"),
                                jobs.clock.now() + minutes(1));
        }
        ran += job.payload + " ";
        return Outcome::done();
      });
      jobs.runner.start();
      for (const char* name : {"a1", "a2", "b1", "a3", "b2"}) {
        jobs.enqueue(note(jobs, name, {name[0]}));
      }
      jobs.settle();
      CHECK(ran == "b1 b2 ");
      mended = true;
      jobs.advance(minutes(1));
      jobs.settle();
      jobs.settle();
      CHECK(ran == "b1 b2 a1 a2 a3 ");
    });
  }

  TEST_CASE("a job made while an elder brother runs waits also for those that are still in the database") {
    with_jobs([](TestJobs& jobs) {
      std::string ran;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        if (job.payload == "1") jobs.enqueue(note(jobs, "4", "a"));
        ran += job.payload + " ";
        return Outcome::done();
      });
      // As after a restart: these were left behind, and only the first of them can be claimed.
      for (const char* name : {"1", "2", "3"}) jobs.enqueue(note(jobs, name, "a"));
      jobs.runner.start();
      for (int looks = 0; looks < 4; ++looks) jobs.settle();
      CHECK(ran == "1 2 3 4 ");
    });
  }

  TEST_CASE("only a job that stands right behind its elder brother needs no look for others") {
    with_jobs([](TestJobs& jobs) {
      const auto enqueue = [&](const char* name, Duration from_now) {
        jobs.enqueue(note(jobs, name, {name[0]}, from_now));
      };
      std::map<char, std::string> ran;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        runtime::yield();
        if (job.payload == "a1") {
          enqueue("a2", Duration(0));
          enqueue("a3", Duration(0));
        }
        if (job.payload == "b1") {
          enqueue("b2", minutes(1));
          enqueue("b3", Duration(0));
          enqueue("b4", Duration(0));
        }
        ran[job.payload[0]] += job.payload + (job.elder ? " looked " : " ");
        return Outcome::done();
      });
      jobs.runner.start();
      enqueue("a1", Duration(0));
      enqueue("b1", Duration(0));
      jobs.settle();
      CHECK(ran['a'] == "a1 a2 a3 ");
      CHECK(ran['b'] == "b1 ");
      jobs.advance(minutes(1));
      jobs.settle();
      CHECK(ran['b'] == "b1 b2 b3 b4 ");
    });
  }

  TEST_CASE("a job whose end could not be written holds up its order until it is done again") {
    with_jobs([](TestJobs& jobs) {
      std::string ran;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        if (ran.empty()) {
          jobs.enqueue(note(jobs, "2", "a"));
          CHECK(jobs.database->execute(db::Scope::operations(), take_over, {job.id}));
        }
        ran += job.payload + " ";
        return Outcome::done();
      });
      jobs.runner.start();
      jobs.enqueue(note(jobs, "1", "a"));
      jobs.settle();
      CHECK(ran == "1 ");
      jobs.advance(seconds(6));
      CHECK(jobs.runner.recover_lost() == 1);
      jobs.settle();
      CHECK(ran == "1 1 2 ");
    });
  }

  TEST_CASE("a job is claimed together with those that come next in its order, without a gap") {
    with_jobs([](TestJobs& jobs) {
      const auto enqueue = [&](const char* name, Duration from_now) {
        jobs.enqueue(note(jobs, name, {name[0]}, from_now));
      };
      for (const char* name : {"a1", "b1", "a2"}) enqueue(name, Duration(0));
      enqueue("a3", minutes(1));
      enqueue("a4", Duration(0));
      const auto claimed = jobs.queue.claim(jobs.node.id(), 10);
      REQUIRE(claimed);
      std::string names;
      for (const Job& job : *claimed) names += job.payload + " ";
      CHECK(names == "a1 a2 b1 ");
      CHECK(jobs.queue.claim(jobs.node.id(), 10)->empty());
    });
  }

  TEST_CASE("an order longer than a claim runs in order, also with jobs that are made meanwhile") {
    with_jobs([](TestJobs& jobs) {
      constexpr int left_behind = 100;
      std::vector<int> ran;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        const int number = std::stoi(job.payload);
        if (number == 0) jobs.enqueue(note(jobs, std::to_string(left_behind), "a"));
        ran.push_back(number);
        return Outcome::done();
      });
      for (int i = 0; i < left_behind; ++i) jobs.enqueue(note(jobs, std::to_string(i), "a"));
      jobs.runner.start();
      for (int looks = 0; looks < 100 && ran.size() <= left_behind; ++looks) jobs.settle();
      CHECK(ran.size() == left_behind + 1);
      CHECK(std::ranges::is_sorted(ran));
    });
  }

  TEST_CASE("a parked job no longer holds up its order, and an operator can send it off again") {
    with_jobs([](TestJobs& jobs) {
      std::string ran;
      bool poison = true;
      jobs.runner.handle("note", {}, [&](const Job& job) {
        if (job.payload == "1" && poison)
          return Outcome::park(Error(trunkline::error_codes::internal, "poison"));
        ran += job.payload;
        return Outcome::done();
      });
      jobs.runner.start();
      const Uuid first = jobs.ids.next();
      jobs.enqueue({.account = jobs.account, .id = first, .kind = "note", .payload = "1", .order_key = "k"});
      jobs.enqueue(
          {.account = jobs.account, .id = jobs.ids.next(), .kind = "note", .payload = "2", .order_key = "k"});
      jobs.settle();
      CHECK(ran == "2");
      const auto parked = jobs.queue.list({.parked_only = true});
      REQUIRE(parked->size() == 1);
      CHECK(parked->front().last_error == "poison (internal)");
      poison = false;
      REQUIRE(jobs.queue.retry_now(jobs.account, first));
      jobs.settle();
      CHECK(ran == "21");
      CHECK_FALSE(jobs.queue.retry_now(jobs.account, first));
    });
  }

  TEST_CASE("a group never has more jobs running than it may, and leaves room for the others") {
    with_jobs([](TestJobs& jobs) {
      int running_in_group = 0;
      int most_in_group = 0;
      int others = 0;
      bool released = false;
      jobs.runner.handle("note", {.running_max = 10, .per_group_max = 3}, [&](const Job& job) {
        if (job.group_key != "slow") {
          ++others;
          return Outcome::done();
        }
        most_in_group = std::max(most_in_group, ++running_in_group);
        runtime::eventually([&] { return released; });
        --running_in_group;
        return Outcome::done();
      });
      for (int i = 0; i < 20; ++i) {
        jobs.enqueue({.account = jobs.account,
                      .id = jobs.ids.next(),
                      .kind = "note",
                      .group_key = i < 15 ? "slow" : ""});
      }
      jobs.runner.start();
      CHECK(runtime::eventually([&] { return others == 5 && running_in_group == 3; }));
      released = true;
      jobs.settle();
      CHECK(most_in_group == 3);
      CHECK(jobs.queue.list({})->empty());
    });
  }

  TEST_CASE("a unique key lets one open job in") {
    with_jobs([](TestJobs& jobs) {
      for (int i = 0; i < 3; ++i) {
        jobs.enqueue({.account = jobs.account, .id = jobs.ids.next(), .kind = "note", .unique_key = "only"});
      }
      CHECK(jobs.queue.list({})->size() == 1);
    });
  }

  TEST_CASE("a process that died leaves its jobs to the next, and its late writes are refused (fencing)") {
    with_jobs([](TestJobs& jobs) {
      jobs.enqueue({.account = jobs.account, .id = jobs.ids.next(), .kind = "note"});
      const auto held = jobs.queue.claim(jobs.node.id(), 10);
      REQUIRE(held->size() == 1);
      CHECK(jobs.queue.claim(jobs.node.id(), 10)->empty());

      Node successor(*jobs.database, jobs.clock, jobs.ids.next(), "other");
      jobs.clock.advance(node_lease + seconds(1));
      REQUIRE(successor.join());
      const auto taken = jobs.queue.claim(successor.id(), 10);
      REQUIRE(taken->size() == 1);

      const auto late = jobs.queue.complete(held->front());
      REQUIRE_FALSE(late);
      CHECK(late.error().code() == jobs::error_codes::lease_lost);
      CHECK_FALSE(jobs.node.is_alive());
      CHECK(jobs.queue.complete(taken->front()));
      CHECK(jobs.queue.list({})->empty());
    });
  }

  TEST_CASE("a schedule fires once a period, whoever asks and however the clock jumps (R8)") {
    with_jobs([](TestJobs& jobs) {
      Scheduler first(*jobs.database, jobs.queue, jobs.ids, jobs.clock);
      Scheduler second(*jobs.database, jobs.queue, jobs.ids, jobs.clock);
      first.add("sweep", hours(1));
      second.add("sweep", hours(1));
      const auto open = [&] { return jobs.queue.list({.kind = "sweep"})->size(); };
      REQUIRE(first.fire_due());
      REQUIRE(second.fire_due());
      CHECK(open() == 1);
      CHECK(jobs.queue.list({})->front().job.payload == "2026-03-02T09:00:00.000Z");
      jobs.clock.advance(hours(3));
      REQUIRE(second.fire_due());
      CHECK(open() == 2);
      jobs.clock.advance(-hours(3));
      REQUIRE(first.fire_due());
      REQUIRE(second.fire_due());
      CHECK(open() == 2);
    });
  }

  TEST_CASE("a detached job stays leased until it is released") {
    with_jobs([](TestJobs& jobs) {
      std::optional<Job> held;
      jobs.runner.handle("call", {}, [&](const Job& job) {
        held = job;
        return Outcome::detached();
      });
      jobs.runner.start();
      jobs.enqueue({.account = jobs.account, .id = jobs.ids.next(), .kind = "call"});
      REQUIRE(runtime::eventually([&] { return held.has_value(); }));
      CHECK(jobs.queue.list({})->front().leased);
      jobs.runner.release(*held, Outcome::done());
      CHECK(jobs.queue.list({})->empty());
      CHECK(jobs.runner.is_idle());
    });
  }
}
