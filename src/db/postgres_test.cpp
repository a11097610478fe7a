// What only PostgreSQL does.
#include <doctest/doctest.h>

#include "db/db_testing.hpp"
#include "runtime/event_loop.hpp"

using namespace trunkline;
using db::Scope;

namespace {

const db::Statement answer{"test.postgres_answer", "SELECT 1"};
const db::Statement close_all{
    "test.postgres_close_all",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ="
    " 'trunkline' AND datname = current_database()"};

}  // namespace

TEST_SUITE("postgres [db]") {
  TEST_CASE("after the server has closed its connections new ones are made, and are heard") {
    if (!db::testing_postgres()) return;  // SQLite has no connections that could break
    db::with_database([](db::TestDatabase& database) {
      const auto works = [&] {
        const bool reads = database->query(Scope::operations(), answer, {}).has_value();
        return reads && database->execute(Scope::operations(), answer, {}).has_value();
      };
      const runtime::SteadyTime before = runtime::steady_now();
      for (int i = 0; i < 3; ++i) {
        REQUIRE(works());
        CHECK_FALSE(database->query(Scope::operations(), close_all, {}));  // its own one too
        runtime::sleep_for(milliseconds(50));
      }
      CHECK(works());
      // Far below the 20 s after which a connection that says nothing is given up.
      CHECK(runtime::steady_now() - before < seconds(5));
    });
  }
}
