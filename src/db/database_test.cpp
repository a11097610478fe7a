#include <doctest/doctest.h>

#include "db/db_testing.hpp"
#include "db/dialect.hpp"
#include "db/migration.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/semaphore.hpp"

using namespace trunkline;
using db::Parameter;
using db::Scope;
using db::Statement;
using db::Transaction;

namespace {

constexpr std::string_view schema = R"sql(
  CREATE TABLE notes (
    account_id uuid NOT NULL,
    id bigint NOT NULL,
    body text,
    raw bytea,
    flag boolean NOT NULL DEFAULT false,
    PRIMARY KEY (account_id, id),
    CHECK (id >= 0)
  );
)sql";

const Statement insert_note{
    "test.insert", "INSERT INTO notes (account_id, id, body, raw, flag) VALUES ($1, $2, $3, $4, $5)"};
const Statement find_note{
    "test.find", "SELECT account_id, id, body, raw, flag FROM notes WHERE account_id = $1 AND id = $2"};
const Statement count_notes{"test.count", "SELECT count(*) FROM notes WHERE account_id = $1",
                            db::Reach::scan};
const Statement count_all{"test.count_all", "SELECT count(*) FROM notes"};
const Statement rename_note{"test.rename", "UPDATE notes SET body = $3 WHERE account_id = $1 AND id = $2"};
const Statement swapped{"test.swapped", "SELECT id FROM notes WHERE id = $2 AND account_id = $1"};
const Statement locked{"test.locked", "SELECT body FROM notes WHERE account_id = $1 AND id = $2 FOR UPDATE"};
const Statement insert_line{"test.insert_line", "INSERT INTO lines (number, body) VALUES ($1, $2)"};
const Statement copy_lines{"test.copy_lines", "COPY lines (number, body) FROM STDIN"};
const Statement read_lines{"test.read_lines", "SELECT number, body FROM lines ORDER BY number"};
const Statement broken{"test.broken", "SELECT nothing FROM nowhere"};

Uuid account(std::uint8_t number) {
  Uuid::Bytes bytes{};
  bytes.back() = number;
  return Uuid(bytes);
}

const AccountId alice{account(1)};
const AccountId bob{account(2)};

void with_notes(const std::function<void(db::TestDatabase&)>& body) {
  db::with_database([&](db::TestDatabase& database) {
    const auto created = database->run_script(schema, false);
    REQUIRE_MESSAGE(created.has_value(), (created ? "" : created.error().describe()));
    body(database);
  });
}

Result<std::int64_t> add(db::Database& database, AccountId owner, int id, std::string_view body) {
  return database.execute(Scope::tenant(owner), insert_note, {owner, id, body, nullptr, false});
}

std::int64_t count(db::Database& database, AccountId owner) {
  return database.query(Scope::tenant(owner), count_notes, {owner})->front().integer(0);
}

}  // namespace

TEST_SUITE("database [db]") {
  TEST_CASE("what is written comes back, of every column type, with NULL and with bytes of any value") {
    with_notes([](db::TestDatabase& database) {
      const std::string awkward("a\0b\xff", 4);
      REQUIRE(database->execute(Scope::tenant(alice), insert_note,
                                {alice, std::int64_t{1} << 62, "Zoë 👍", db::Blob{awkward}, true}));
      REQUIRE(database->execute(Scope::tenant(alice), insert_note, {alice, 2, nullptr, db::Blob{""}, false}));

      const auto first = database->query(Scope::tenant(alice), find_note, {alice, std::int64_t{1} << 62});
      REQUIRE(first->size() == 1);
      CHECK(first->front().id<AccountId>(0) == alice);
      CHECK(first->front().integer(1) == std::int64_t{1} << 62);
      CHECK(first->front().text(2) == "Zoë 👍");
      CHECK(first->front().text(3) == awkward);
      CHECK(first->front().boolean(4));

      const auto second = database->query(Scope::tenant(alice), find_note, {alice, 2});
      CHECK(second->front().is_null(2));
      CHECK_FALSE(second->front().is_null(3));
      CHECK(second->front().text(3).empty());
      CHECK_FALSE(second->front().boolean(4));
    });
  }

  TEST_CASE("parameters go by their number, not by where they first appear") {
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 7, "seven"));
      CHECK(database->query(Scope::tenant(alice), swapped, {alice, 7})->size() == 1);
    });
  }

  TEST_CASE("rows that are copied in are there with the others of their transaction, or none of them is") {
    if (db::testing_postgres()) {
      with_notes([](db::TestDatabase& database) {
        REQUIRE(database->run_script("CREATE TABLE lines (number bigint PRIMARY KEY, body text)", false));
        const auto copied = [&](std::string_view lines) {
          return database->transact(Scope::operations(), [&](Transaction& transaction) {
            transaction.execute(insert_line, {100, "before"});
            transaction.copy_in(copy_lines, lines);
            transaction.execute(insert_line, {101, "after"});
          });
        };
        CHECK(copied("1\ta\\tb\n1\tthe same key\n").error().code() == db::error_codes::duplicate);
        CHECK(copied("no number\ta\n").error().code() == db::error_codes::defect);
        CHECK(database->query(Scope::operations(), read_lines, {})->empty());
        REQUIRE(copied("1\ta\\tb\n2\t\\N\n3\t" + std::string(300'000, 'x') + "\n"));
        const auto lines = database->query(Scope::operations(), read_lines, {});
        REQUIRE(lines->size() == 5);
        CHECK((*lines)[0].text(1) == "a\tb");
        CHECK((*lines)[1].is_null(1));
        CHECK((*lines)[2].text(1).size() == 300'000);
        // What failed before the copy is what is told.
        const auto after_failure = database->transact(Scope::operations(), [&](Transaction& transaction) {
          transaction.execute(insert_line, {100, "again"});
          transaction.copy_in(copy_lines, "9\ta\n");
        });
        CHECK(after_failure.error().code() == db::error_codes::duplicate);
      });
    }
  }

  TEST_CASE("a transaction whose body returns an error leaves nothing behind") {
    with_notes([](db::TestDatabase& database) {
      const auto outcome =
          database->transact(Scope::tenant(alice), [](Transaction& transaction) -> Result<int> {
            transaction.execute(insert_note, {alice, 1, "one", nullptr, false});
            return fail(trunkline::error_codes::invalid_argument, "no");
          });
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().code() == trunkline::error_codes::invalid_argument);
      CHECK(count(*database, alice) == 0);
    });
  }

  TEST_CASE("a statement that fails undoes the whole transaction and is reported as a value") {
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 1, "one"));
      bool after = false;
      const auto outcome = database->transact(Scope::tenant(alice), [&](Transaction& transaction) {
        transaction.after_commit([&] { after = true; });
        transaction.execute(insert_note, {alice, 2, "two", nullptr, false});
        transaction.execute(insert_note, {alice, 1, "again", nullptr, false});
      });
      REQUIRE_FALSE(outcome);
      CHECK(outcome.error().code() == db::error_codes::duplicate);
      CHECK_FALSE(after);
      CHECK(count(*database, alice) == 1);
    });
  }

  TEST_CASE("a check constraint and a wrong statement have codes of their own") {
    with_notes([](db::TestDatabase& database) {
      const auto negative = add(*database, alice, -1, "minus one");
      REQUIRE_FALSE(negative);
      CHECK(negative.error().code() == db::error_codes::check_failed);
      const auto wrong = database->query(Scope::operations(), broken, {});
      REQUIRE_FALSE(wrong);
      CHECK(wrong.error().code() == db::error_codes::defect);
      const auto wrong_again = database->query(Scope::operations(), broken, {});
      CHECK_FALSE(wrong_again);
      const auto after = add(*database, alice, 1, "still works");
      CHECK_MESSAGE(after.has_value(), (after ? "" : after.error().describe()));
    });
  }

  TEST_CASE("an exception of the body rolls back and reaches the caller") {
    with_notes([](db::TestDatabase& database) {
      CHECK_THROWS_AS((void)database->transact(Scope::tenant(alice),
                                               [](Transaction& transaction) {
                                                 transaction.execute(insert_note,
                                                                     {alice, 1, "one", nullptr, false});
                                                 throw std::out_of_range("defect");
                                               }),
                      std::out_of_range);
      CHECK(count(*database, alice) == 0);
    });
  }

  TEST_CASE("a transaction reads its own writes, counts its changes and runs its tasks after the commit") {
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 1, "one"));
      std::string order;
      const auto renamed = database->transact(Scope::tenant(alice), [&](Transaction& transaction) {
        transaction.after_commit([&] { order += "after "; });
        const std::int64_t changed = transaction.execute_counted(rename_note, {alice, 1, "uno"});
        CHECK(transaction.query(locked, {alice, 1}).front().text(0) == "uno");
        CHECK(transaction.execute_counted(rename_note, {alice, 99, "?"}) == 0);
        order += "body ";
        return changed;
      });
      CHECK(*renamed == 1);
      CHECK(order == "body after ");
    });
  }

  TEST_CASE("rows that a transaction does not wait for are there before its tasks run") {
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 1, "one"));
      std::string read;
      std::string seen_by_task;
      const auto ran = database->transact(Scope::tenant(alice), [&](Transaction& transaction) {
        read.clear();
        transaction.query_later(locked, {alice, 1},
                                [&](const db::Rows& rows) { read += rows.front().text(0); });
        transaction.execute(rename_note, {alice, 1, "uno"});
        transaction.query_later(locked, {alice, 1},
                                [&](const db::Rows& rows) { read += rows.front().text(0); });
        transaction.query_later(locked, {alice, 99},
                                [&](const db::Rows& rows) { read += rows.empty() ? "-" : "?"; });
        transaction.after_commit([&] { seen_by_task = read; });
      });
      REQUIRE(ran);
      CHECK(seen_by_task == "oneuno-");
    });
  }

  TEST_CASE("a thousand transactions at once all commit, and those that fail take no neighbour with them") {
    with_notes([](db::TestDatabase& database) {
      constexpr int writers = 1000;
      int succeeded = 0;
      runtime::Semaphore done(0);
      for (int i = 0; i < writers; ++i) {
        runtime::EventLoop::current()->spawn("writer", [&, i] {
          // Every tenth one collides with its neighbour's key.
          const int id = i % 10 == 9 ? i - 1 : i;
          if (add(*database, alice, id, "note")) ++succeeded;
          done.release();
        });
      }
      for (int i = 0; i < writers; ++i) done.acquire();
      CHECK(succeeded == writers * 9 / 10);
      CHECK(count(*database, alice) == succeeded);
    });
  }

  TEST_CASE("one that fails after it has written is undone alone, and its neighbours' tasks run once") {
    with_notes([](db::TestDatabase& database) {
      constexpr int writers = 300;
      int succeeded = 0;
      int tasks = 0;
      runtime::Semaphore done(0);
      for (int i = 0; i < writers; ++i) {
        runtime::EventLoop::current()->spawn("writer", [&, i] {
          const auto outcome =
              database->transact(Scope::tenant(alice), [&](Transaction& transaction) -> Result<void> {
                transaction.after_commit([&] { ++tasks; });
                transaction.execute(insert_note, {alice, i, "note", nullptr, false});
                if (i % 50 == 49) return fail(trunkline::error_codes::invalid_argument, "no");
                // What fails in the database itself, after a change.
                if (i % 50 == 24) transaction.execute(insert_note, {alice, i, "again", nullptr, false});
                return {};
              });
          if (outcome) ++succeeded;
          done.release();
        });
      }
      for (int i = 0; i < writers; ++i) done.acquire();
      CHECK(succeeded == writers * 48 / 50);
      CHECK(tasks == succeeded);
      CHECK(count(*database, alice) == succeeded);
    });
  }

  TEST_CASE("what was committed is there after the program starts again") {
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 1, "one"));
      database.reopen();
      CHECK(count(*database, alice) == 1);
    });
  }

  TEST_CASE(
      "row-level security hides the other tenants' rows from a statement that forgot the account (C1)") {
    if (!db::testing_postgres()) return;  // SQLite has no row-level security; the statement lint covers it
    with_notes([](db::TestDatabase& database) {
      REQUIRE(add(*database, alice, 1, "alice's"));
      REQUIRE(add(*database, bob, 1, "bob's"));
      const auto seen = [&](Scope scope) {
        return database->query(scope, count_all, {})->front().integer(0);
      };
      CHECK(seen(Scope::tenant(alice)) == 1);
      CHECK(seen(Scope::tenant(AccountId(account(9)))) == 0);
      CHECK(seen(Scope::operations()) == 2);
      const auto foreign =
          database->execute(Scope::tenant(alice), insert_note, {bob, 5, "forged", nullptr, false});
      CHECK_FALSE(foreign);
    });
  }

  TEST_CASE("a write whose request has run out of time is not done") {
    with_notes([](db::TestDatabase& database) {
      const runtime::DeadlineScope deadline(Duration(-1));
      const auto late = add(*database, alice, 1, "late");
      REQUIRE_FALSE(late);
      CHECK(late.error().kind() == ErrorKind::unavailable);
    });
  }
}

TEST_SUITE("migrations [db]") {
  TEST_CASE("each migration runs once, in order, and is remembered") {
    db::with_database([](db::TestDatabase& database) {
      const ManualClock clock(*parse_instant("2026-03-02T09:15:04Z"));
      const std::vector<db::Migration> first{{1, "notes", schema}};
      const std::vector<db::Migration> both{{1, "notes", schema},
                                            {2, "more", "ALTER TABLE notes ADD COLUMN more text"}};

      CHECK(db::Migrator(*database, clock, first).plan()->find("CREATE TABLE notes") != std::string::npos);
      CHECK(db::Migrator(*database, clock, first).up()->size() == 1);
      CHECK(db::Migrator(*database, clock, both).up()->size() == 1);
      CHECK(db::Migrator(*database, clock, both).up()->empty());
      const auto status = db::Migrator(*database, clock, both).status();
      CHECK(status->at(0).applied_at == clock.now());
      CHECK(status->at(1).applied_at == clock.now());
    });
  }

  TEST_CASE("a migration that fails half-way leaves nothing, and can be run again once mended") {
    db::with_database([](db::TestDatabase& database) {
      const SystemClock clock;
      const std::vector<db::Migration> bad{
          {1, "bad", "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE a (id bigint)"}};
      const auto failed = db::Migrator(*database, clock, bad).up();
      REQUIRE_FALSE(failed);
      CHECK(failed.error().message().find("Migration 1 (bad) failed") != std::string::npos);
      const std::vector<db::Migration> good{{1, "bad", "CREATE TABLE a (id bigint PRIMARY KEY)"}};
      CHECK(db::Migrator(*database, clock, good).up()->size() == 1);
    });
  }

  TEST_CASE("of several pending migrations those before the one that fails have run") {
    db::with_database([](db::TestDatabase& database) {
      const SystemClock clock;
      const std::vector<db::Migration> half{{1, "good", "CREATE TABLE a (id bigint PRIMARY KEY)"},
                                            {2, "bad", "CREATE TABLE a (id bigint)"},
                                            {3, "never", "CREATE TABLE c (id bigint PRIMARY KEY)"}};
      const auto failed = db::Migrator(*database, clock, half).up();
      REQUIRE_FALSE(failed);
      CHECK(failed.error().message().find("Migration 2 (bad) failed") != std::string::npos);
      const auto status = db::Migrator(*database, clock, half).status();
      CHECK(status->at(0).applied_at.has_value());
      CHECK_FALSE(status->at(1).applied_at.has_value());
      CHECK_FALSE(status->at(2).applied_at.has_value());
    });
  }

  TEST_CASE("a database that is newer than the program, or from another build, is refused") {
    db::with_database([](db::TestDatabase& database) {
      const SystemClock clock;
      const std::vector<db::Migration> original{{1, "one", "CREATE TABLE a (id bigint PRIMARY KEY)"}};
      REQUIRE(db::Migrator(*database, clock, original).up());
      const auto unknown = db::Migrator(*database, clock, {}).status();
      CHECK(unknown.error().code() == db::error_codes::schema_mismatch);
      const std::vector<db::Migration> edited{{1, "one", "CREATE TABLE a (id bigint PRIMARY KEY, b text)"}};
      CHECK(db::Migrator(*database, clock, edited).status().error().code() ==
            db::error_codes::schema_mismatch);
    });
  }
}

TEST_SUITE("SQL dialect") {
  TEST_CASE("a statement for SQLite has numbered parameters and no row locks, but keeps quoted text") {
    CHECK(db::statement_for_sqlite("SELECT '$1' FROM t WHERE a = $2 AND b = $1 FOR UPDATE SKIP LOCKED") ==
          "SELECT '$1' FROM t WHERE a = ?2 AND b = ?1");
  }

  TEST_CASE("a migration for SQLite has its types and clusters tables by their key") {
    CHECK(db::script_for_sqlite(
              "CREATE TABLE t (id uuid, n bigint, PRIMARY KEY (id, n)); -- bigint\nDROP TABLE bigints") ==
          "CREATE TABLE t (id blob, n integer, PRIMARY KEY (id, n)) WITHOUT ROWID;\nDROP TABLE bigints;\n");
  }

  TEST_CASE("a migration for PostgreSQL gives each tenant table its policy") {
    const std::string script =
        db::script_for_postgres("CREATE TABLE t (account_id uuid NOT NULL); CREATE TABLE u (id uuid)");
    CHECK(script.find("ALTER TABLE t FORCE ROW LEVEL SECURITY") != std::string::npos);
    CHECK(script.find("CREATE POLICY tenant ON t") != std::string::npos);
    CHECK(script.find("TABLE u ENABLE") == std::string::npos);
  }

  TEST_CASE("a script splits at semicolons outside quotes and comments") {
    CHECK(db::split_script("a; -- b; c\n'd;e'; ;\nf") == std::vector<std::string>{"a", "'d;e'", "f"});
  }
}
