// One SQLite connection with its prepared statements. Not for use by two threads at a time.
#pragma once

#include <memory>
#include <string>

#include "db/database.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace trunkline::db {

class SqliteConnection {
 public:
  enum class Mode { read_only, read_write };

  // Opens the file with WAL and full durability. Throws Failure.
  SqliteConnection(const std::string& path, Mode mode, Duration busy_timeout);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Runs a prepared statement to its end. Throws Failure.
  Rows query(const Statement& statement, Parameters parameters);
  // The same, for the number of rows it changed.
  std::int64_t execute(const Statement& statement, Parameters parameters);

  // Runs plain text: BEGIN, COMMIT, savepoints, migrations. Throws Failure.
  void run(const char* sql);
  // The same where a failure only matters to the next step (rolling back what is rolled back already).
  void try_run(const char* sql) noexcept;

  // How many pages the log had after this connection's last commit. Nobody copies them into the database on
  // his own: that is for `checkpoint`, which copies what it can and waits for nobody. Throws Failure.
  std::size_t log_pages() const { return log_pages_; }
  void checkpoint();

  bool in_transaction() const;
  // Rows inserted, updated and deleted since it was opened, what was rolled back included.
  std::int64_t total_changes() const;

 private:
  sqlite3_stmt* prepared(const Statement& statement);
  void bind(sqlite3_stmt* prepared, Parameters parameters);
  [[noreturn]] void throw_failure(std::string_view doing) const;

  struct Closer {
    void operator()(sqlite3* connection) const;
  };
  std::unique_ptr<sqlite3, Closer> connection_;
  std::size_t log_pages_ = 0;
  std::vector<sqlite3_stmt*> statements_;  // by Statement::number
};

}  // namespace trunkline::db
