// Reads every SQL statement of the program (docs/decisions/0003-one-sql-dialect.md): each is one statement
// that both engines prepare, has a name of its own, and names the account wherever it touches a tenant's
// table.
#include <algorithm>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <libpq-fe.h>
#include <pg_query.h>
#include <sqlite3.h>

#include "base/text.hpp"
#include "db/db_testing.hpp"
#include "db/dialect.hpp"
#include "db/statement.hpp"
#include "jobs/jobs_testing.hpp"
#include "migrations.hpp"

using namespace trunkline;

namespace {

// Statements for the whole installation, each with the reason why no account is named.
const std::map<std::string_view, std::string_view> for_all_accounts{
    {"jobs.select_due", "the runner looks for what is due, whosever it is"},
    {"jobs.leased", "a process looks for what it forgot, whosever it is"},
    {"jobs.next_due", "the runner sleeps until the next job of anyone"},
    {"jobs.depths", "metrics and doctor count all queues"},
    {"nodes.free_jobs", "what a dead node held goes back, whosever it is"},
    {"accounts.list", "an operator's list"},
    {"calls.overdue", "the sweep looks for silent carriers, whosever the calls are"},
    {"calls.live", "metrics count all calls"},
    {"call_idempotency.forget", "maintenance forgets old keys of all"},
    {"engagement_keys.forget", "maintenance forgets old keys of all"},
    {"owed_replies.forget", "maintenance forgets old notes of all"},
    {"doctor.latest_call", "doctor compares clocks"},
    {"doctor.endpoints", "doctor counts disabled endpoints"},
};

// Statements that read all that an account has in a table, each with the reason why that is little.
const std::map<std::string_view, std::string_view> is_read_whole{
    {"credentials.list", "an account's keys, all of them"},
    {"projects.list", "an account's projects, all of them"},
    {"tools.list", "an account's tools, all of them"},
    {"accounts.find", "the one account"},
    {"accounts.set_subscription", "the one account"},
    {"authenticator.principal", "the one account of a key"},
};

// The engines' own commands, and what only one of them has.
bool is_of_one_engine(std::string_view name) {
  return name.starts_with("sqlite.") || name.starts_with("postgres.") || name == "doctor.database_time";
}

// The warehouse unpacks whole pages in each engine's own words.
bool is_of_the_other_engine(std::string_view name) {
  return name.ends_with(db::testing_postgres() ? "_sqlite" : "_postgresql");
}

std::vector<const db::Statement*> all_statements() {
  std::vector<const db::Statement*> all;
  for (const db::Statement* each = db::Statement::first(); each != nullptr; each = each->next()) {
    const std::string_view name = each->name();
    if (!name.starts_with("test.") && !is_of_one_engine(name)) all.push_back(each);
  }
  return all;
}

std::string parse_tree(std::string_view sql) {
  const PgQueryParseResult parsed = pg_query_parse(std::string(sql).c_str());
  const std::string tree = parsed.error == nullptr ? parsed.parse_tree : "";
  const std::string error = parsed.error == nullptr ? "" : parsed.error->message;
  pg_query_free_parse_result(parsed);
  if (!error.empty()) FAIL_CHECK(error);
  return tree;
}

std::set<std::string> all_matches(const std::string& text, const char* pattern) {
  std::set<std::string> found;
  const std::regex expression(pattern);
  for (std::sregex_iterator each(text.begin(), text.end(), expression); each != std::sregex_iterator();
       ++each)
    found.insert((*each)[1]);
  return found;
}

// Our own tables. What stands in the warehouse's schema is the operator's, and names carriers' accounts.
std::set<std::string> tables_of(std::string_view sql) {
  const std::string qualified = R"re("schemaname":"\w+","relname":"\w+")re";
  return all_matches(std::regex_replace(parse_tree(sql), std::regex(qualified), ""),
                     R"re("relname":"(\w+)")re");
}

// Tables with a column account_id, from the migrations.
std::set<std::string> tenant_tables() {
  std::set<std::string> tables;
  const std::regex table(R"re(CREATE TABLE (\w+) \(([^]*?)\n\))re");
  for (const db::Migration& migration : all_migrations()) {
    const std::string sql(migration.sql);
    for (std::sregex_iterator each(sql.begin(), sql.end(), table); each != std::sregex_iterator(); ++each) {
      if ((*each)[2].str().find("account_id uuid NOT NULL") != std::string::npos) tables.insert((*each)[1]);
    }
  }
  return tables;
}

bool names_the_account(const std::string& sql) {
  static const std::regex compared(R"re(\baccount_id = \$\d)re");
  static const std::regex inserted(R"re(INSERT INTO \w+ \(\s*account_id,)re");
  return std::regex_search(sql, compared) || std::regex_search(sql, inserted);
}

std::string prepare_error_of_postgres(const std::string& url, std::string_view sql) {
  // The test's schema for the warehouse stands beside its own.
  static constexpr std::string_view mark = "search_path%3D";
  const std::string schema = url.substr(url.find(mark) + mark.size()) + "_telco";
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(
      PQprepare(connection.get(), "", db::in_schema(sql, schema).c_str(), 0, nullptr), &PQclear);
  return PQresultStatus(result.get()) == PGRES_COMMAND_OK ? "" : PQresultErrorMessage(result.get());
}

std::string prepare_error_of_sqlite(const std::string& url, std::string_view sql) {
  sqlite3* connection = nullptr;
  sqlite3_open(url.substr(std::string_view("sqlite:").size()).c_str(), &connection);
  const std::string translated = db::statement_for_sqlite(sql);
  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  std::string error;
  if (sqlite3_prepare_v2(connection, translated.c_str(), -1, &prepared, &rest) != SQLITE_OK)
    error = sqlite3_errmsg(connection);
  if (error.empty() && !trim(rest).empty()) error = "more than one statement";
  sqlite3_finalize(prepared);
  sqlite3_close(connection);
  return error;
}

// The steps of SQLite's plan that read all that an account has in a table.
std::set<std::string> whole_accounts_read(const std::string& url, std::string_view sql) {
  sqlite3* connection = nullptr;
  sqlite3_open(url.substr(std::string_view("sqlite:").size()).c_str(), &connection);
  const std::string explained = "EXPLAIN QUERY PLAN " + db::statement_for_sqlite(sql);
  sqlite3_stmt* prepared = nullptr;
  std::set<std::string> steps;
  if (sqlite3_prepare_v2(connection, explained.c_str(), -1, &prepared, nullptr) == SQLITE_OK) {
    while (sqlite3_step(prepared) == SQLITE_ROW) {
      const std::string step(reinterpret_cast<const char*>(sqlite3_column_text(prepared, 3)));
      if (step.ends_with("(account_id=?)")) steps.insert(step);
    }
  }
  sqlite3_finalize(prepared);
  sqlite3_close(connection);
  return steps;
}

std::string prepare_error(db::TestDatabase& database, const db::Statement& statement) {
  return db::testing_postgres() ? prepare_error_of_postgres(database.url(), statement.sql())
                                : prepare_error_of_sqlite(database.url(), statement.sql());
}

}  // namespace

TEST_SUITE("SQL statements [db]") {
  TEST_CASE("each has a name of its own") {
    std::set<std::string_view> names;
    for (const db::Statement* each : all_statements()) {
      CAPTURE(each->name());
      CHECK(names.insert(each->name()).second);
    }
    CHECK(names.size() > 80);
  }

  TEST_CASE("each is prepared by this engine on the migrated schema") {
    db::with_database([](db::TestDatabase& database) {
      const SystemClock clock;
      jobs::migrate(*database, clock);
      for (const db::Statement* each : all_statements()) {
        if (is_of_the_other_engine(each->name())) continue;
        CAPTURE(each->name());
        CHECK(prepare_error(database, *each) == "");
      }
    });
  }

  TEST_CASE("none that is keyed reads all that an account has, unless that is little") {
    if (db::testing_postgres()) return;
    db::with_database([](db::TestDatabase& database) {
      const SystemClock clock;
      jobs::migrate(*database, clock);
      for (const db::Statement* each : all_statements()) {
        if (each->reach() != db::Reach::keyed || is_of_the_other_engine(each->name())) continue;
        CAPTURE(each->name());
        for (const std::string& step : whole_accounts_read(database.url(), each->sql())) {
          CAPTURE(step);
          CHECK(is_read_whole.contains(each->name()));
        }
      }
    });
  }

  TEST_CASE("each that touches a tenant's table names the account, or says why not") {
    const std::set<std::string> owned = tenant_tables();
    CHECK(owned.contains("calls"));
    CHECK(owned.contains("jobs"));
    CHECK(owned.size() > 12);
    for (const db::Statement* each : all_statements()) {
      const std::set<std::string> tables = tables_of(each->sql());
      const bool is_tenants =
          std::ranges::any_of(tables, [&](const auto& table) { return owned.contains(table); });
      CAPTURE(each->name());
      CAPTURE(each->sql());
      if (for_all_accounts.contains(each->name())) {
        CHECK(is_tenants);
      } else {
        CHECK((!is_tenants || names_the_account(std::string(each->sql()))));
      }
    }
  }

  TEST_CASE("every tenant's table is led by the account in its primary key") {
    for (const db::Migration& migration : all_migrations()) {
      const std::string sql(migration.sql);
      const std::set<std::string> keys = all_matches(sql, R"re(PRIMARY KEY \(([^)]*)\))re");
      const bool has_tenants = sql.find("account_id uuid NOT NULL") != std::string::npos;
      if (!has_tenants) continue;
      CAPTURE(migration.name);
      CHECK(std::ranges::any_of(keys, [](const std::string& key) { return key.starts_with("account_id"); }));
    }
  }
}
