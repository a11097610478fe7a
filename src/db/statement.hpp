// SQL as named constants, each prepared once a connection. A slice keeps its statements beside the code that
// owns the table:
//
//   const db::Statement find_call{"calls.find", "SELECT … FROM calls WHERE account_id = $1 AND id = $2"};
//
// The text is in the dialect that both engines run (docs/decisions/0003-one-sql-dialect.md). Every statement
// that was ever made is on one list, so that a test can check them all.
#pragma once

#include <string_view>

namespace trunkline::db {

// How far a statement reaches, which decides where SQLite runs it.
enum class Reach {
  keyed,  // a few rows by an index: runs at once on the loop's own connection
  scan,   // may read much: runs on a reader thread
};

class Statement {
 public:
  Statement(std::string_view name, std::string_view sql, Reach reach = Reach::keyed);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  std::string_view name() const { return name_; }
  std::string_view sql() const { return sql_; }
  Reach reach() const { return reach_; }
  // Its place in the list of all statements: connections keep what they prepared by it.
  std::size_t number() const { return number_; }

  const Statement* next() const { return next_; }
  static const Statement* first();
  static std::size_t count();

 private:
  std::string_view name_;
  std::string_view sql_;
  Reach reach_;
  std::size_t number_;
  const Statement* next_;
};

}  // namespace trunkline::db
