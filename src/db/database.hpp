// The database as the slices see it: statements in, rows out, transactions that commit as a whole. Two
// engines stand behind it, SQLite and PostgreSQL; which one is decided by the URL (db::open).
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <type_traits>

#include "base/error.hpp"
#include "db/statement.hpp"
#include "db/value.hpp"

namespace trunkline::db {

namespace error_codes {
// The database cannot be reached or is overloaded; nothing was done. The same request may succeed later.
inline constexpr ErrorCode unavailable{"database_unavailable", ErrorKind::unavailable};
// The disk under the database is full; nothing was done.
inline constexpr ErrorCode full{"database_full", ErrorKind::unavailable};
// The connection broke while the commit was under way: it happened or it did not. Look it up by its key.
inline constexpr ErrorCode in_doubt{"database_commit_in_doubt", ErrorKind::timed_out};
// A unique key is taken already.
inline constexpr ErrorCode duplicate{"database_duplicate", ErrorKind::conflict};
// A check constraint refused the change.
inline constexpr ErrorCode check_failed{"database_check_failed", ErrorKind::conflict};
// The schema is older or newer than the program.
inline constexpr ErrorCode schema_mismatch{"database_schema_mismatch", ErrorKind::unavailable};
// The statement itself is wrong: a defect of ours.
inline constexpr ErrorCode defect{"database_defect", ErrorKind::internal};
}  // namespace error_codes

// What an engine said, as an error. Clients read the message, so an engine that is locked, full or away is
// said in general words, with the engine's own as the cause for the log and for operators.
Error engine_failure(ErrorCode code, std::string engine_words);

// On whose behalf a statement runs. On PostgreSQL row-level security enforces it: in a tenant's scope the
// other tenants' rows do not exist.
class Scope {
 public:
  static Scope tenant(AccountId account) { return Scope(account.uuid()); }
  // All tenants: for queues, recovery and operators' commands only.
  static Scope operations() { return Scope(Uuid()); }

  bool is_operations() const { return account_.is_nil(); }
  const Uuid& account() const { return account_; }
  friend bool operator==(const Scope&, const Scope&) = default;

 private:
  explicit Scope(Uuid account) : account_(account) {}
  Uuid account_;
};

using Parameters = std::initializer_list<Parameter>;

// What a Transaction throws; Database::transact turns it into the Error it holds.
class Failure : public std::exception {
 public:
  explicit Failure(Error failure) : error(std::move(failure)), text_(error.describe()) {}
  const char* what() const noexcept override { return text_.c_str(); }
  Error error;

 private:
  std::string text_;
};

// A statement with its parameters, for reading several at once.
struct Read {
  const Statement& statement;
  Parameters parameters;
};

// A transaction under way. Its functions throw Failure; let it pass.
class Transaction {
 public:
  virtual ~Transaction() = default;

  virtual Rows query(const Statement& statement, Parameters parameters) = 0;
  // Without an answer. PostgreSQL may send it together with what follows: its failure then shows at the next
  // query or at the commit.
  virtual void execute(const Statement& statement, Parameters parameters) = 0;
  // Rows that the body need not know: `reader` gets them before the tasks of after_commit run, also when the
  // transaction is undone in the end. PostgreSQL may send the statement together with what follows.
  virtual void query_later(const Statement& statement, Parameters parameters,
                           std::move_only_function<void(const Rows&)> reader) = 0;
  // How many rows it changed.
  virtual std::int64_t execute_counted(const Statement& statement, Parameters parameters) = 0;

  // Many new rows by COPY, which costs PostgreSQL the least: `statement` is COPY … FROM STDIN, `lines` are
  // rows in the format that it names. PostgreSQL only.
  virtual void copy_in(const Statement& statement, std::string_view lines) = 0;

  // Runs when, and only when, the transaction has committed, on the fiber that asked for the transaction.
  virtual void after_commit(std::move_only_function<void()> task) = 0;
};

class Database {
 public:
  virtual ~Database() = default;

  // Reads outside any transaction. Suspends.
  virtual Result<Rows> query(Scope scope, const Statement& statement, Parameters parameters) = 0;

  // Several keyed reads at the price of little more than one; on SQLite they see the same moment. Suspends.
  virtual Result<std::vector<Rows>> query_all(Scope scope, std::initializer_list<Read> reads) = 0;

  // Runs `body` in a transaction: commits when it returns a value, rolls back when it returns an error or
  // throws. `body` takes a Transaction& and returns a Result<T>, a T or nothing. It may run more than once
  // (after a lost race with another transaction), maybe on another thread (SQLite), and must do nothing but
  // compute and use the transaction. Suspends.
  template <class Body>
  auto transact(Scope scope, Body body);

  // One statement in a transaction of its own; the number of rows it changed. Suspends.
  Result<std::int64_t> execute(Scope scope, const Statement& statement, Parameters parameters);

  // For migrations: several statements as text, in one transaction, in the engine's own words for the column
  // types. With `dry_run` nothing happens and the text that would run is returned; otherwise the same text
  // after it ran.
  virtual Result<std::string> run_script(std::string_view script, bool dry_run) = 0;

  // "sqlite" or "postgresql".
  virtual std::string_view engine() const = 0;
  // Where it is, for people; without a password.
  virtual std::string location() const = 0;

 protected:
  // Calls the body; true asks for the commit. The Result is about the database, not about the body.
  virtual Result<void> run_transaction(Scope scope, std::function<bool(Transaction&)> body) = 0;
};

namespace detail {
template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<Result<T>> {
  using Type = T;
};
}  // namespace detail

template <class Body>
auto Database::transact(Scope scope, Body body) {
  using Returned = std::invoke_result_t<Body, Transaction&>;
  using Value = typename detail::Unwrapped<Returned>::Type;
  std::optional<Result<Value>> outcome;
  Result<void> ran = run_transaction(scope, [&](Transaction& transaction) {
    if constexpr (std::is_void_v<Returned>) {
      body(transaction);
      outcome.emplace();
    } else {
      outcome.emplace(body(transaction));
    }
    return outcome->has_value();
  });
  if (!ran) return Result<Value>(fail(std::move(ran.error())));
  return std::move(*outcome);
}

struct OpenOptions {
  std::size_t connections_per_loop = 8;  // PostgreSQL: for transactions; reads have one more
  std::size_t reader_threads = 2;        // SQLite: for scans
  std::size_t log_pages = 16'000;        // SQLite: of the log, before it is copied; 64 MB
  std::size_t write_queue_max = 4096;    // transactions that may wait before new ones are refused
  Duration busy_timeout = seconds(2);    // how long to wait for another process or a connection
  std::string telco_schema = "telco";    // PostgreSQL: what the warehouse's schema is called
};

// Opens what the URL names: "sqlite:PATH" or "postgresql://…". Creates an SQLite file, and its directory,
// when there is none. Fails with `unavailable`, or `invalid_argument` for a URL that is neither.
Result<std::unique_ptr<Database>> open(const std::string& url, const OpenOptions& options = {});

}  // namespace trunkline::db
