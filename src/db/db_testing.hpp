// For tests: a fresh, empty database on the engine that the run is for. TRUNKLINE_TEST_DATABASE says which:
// "sqlite" (the default) or "postgresql", which takes its server from TRUNKLINE_TEST_POSTGRES
// (scripts/with-postgres).
#pragma once

#include <functional>
#include <optional>

#include "base/scratch_directory.hpp"
#include "db/database.hpp"

namespace trunkline::db {

class TestDatabase {
 public:
  TestDatabase();
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  Database& operator*() { return *database_; }
  Database* operator->() { return database_.get(); }
  const std::string& url() const { return url_; }
  // Closes it and opens it again, as a restarted program would.
  void reopen();

 private:
  std::optional<ScratchDirectory> directory_;
  std::string url_;
  std::unique_ptr<Database> database_;
};

// Runs `body` on a fiber with a fresh database.
void with_database(const std::function<void(TestDatabase&)>& body);

// True in the run for PostgreSQL.
bool testing_postgres();

}  // namespace trunkline::db
