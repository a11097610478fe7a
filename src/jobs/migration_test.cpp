#include "db/migration.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "jobs/jobs_testing.hpp"
#include "migrations.hpp"

using namespace trunkline;
using namespace trunkline::jobs;

namespace {

const db::Statement insert_old_job{"test.jobs_insert_old", R"sql(
  INSERT INTO jobs (account_id, id, kind, payload, order_key, priority, run_at, parked, attempts, fence, created_at)
  VALUES ($1, $2, 'note', $3, $4, 1, $5, $6, 2, 7, 0))sql"};

}  // namespace

TEST_SUITE("jobs [db]") {
  TEST_CASE("open jobs outlive the migration that sorts the table by their orders") {
    runtime::run_to_completion([] {
      db::TestDatabase database;
      ManualClock clock{*parse_instant("2026-03-02T09:15:04Z")};
      SeededRandom random{7};
      IdSource ids{clock, random};
      const AccountId account{ids.next()};
      const auto all = all_migrations();
      const auto sorting = std::ranges::find(all, "jobs_in_order", &db::Migration::name);
      REQUIRE(db::Migrator(*database, clock, {all.begin(), sorting}).up());
      std::int64_t run_at = 0;
      const auto insert = [&](std::string_view payload, std::optional<std::string_view> order_key,
                              bool parked) {
        REQUIRE(database->execute(db::Scope::operations(), insert_old_job,
                                  {account, ids.next(), payload, order_key, ++run_at, parked}));
      };
      insert("first", "a", false);
      insert("second", "a", false);
      insert("alone", std::nullopt, false);
      insert("parked", std::nullopt, true);
      REQUIRE(db::Migrator(*database, clock, all).up());

      Queue queue{*database, clock};
      CHECK(queue.list({})->size() == 4);
      CHECK(queue.list({.parked_only = true})->front().job.payload == "parked");
      const auto claimed = queue.claim(ids.next(), 10);
      REQUIRE(claimed);
      std::string came;
      for (const Job& job : *claimed) {
        came += job.payload + job.order_key + " ";
        CHECK(job.attempts == 2);
        CHECK(job.fence == 8);
      }
      CHECK(came == "firsta seconda alone ");
    });
  }
}
