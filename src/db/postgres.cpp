#include "db/postgres.hpp"

#include <mutex>

#include <fmt/core.h>
#include <libpq-fe.h>

#include "base/backoff.hpp"
#include "base/text.hpp"
#include "db/dialect.hpp"
#include "db/postgres_connection.hpp"
#include "runtime/semaphore.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::db {
namespace {

const Statement begin_statement{"postgres.begin", "BEGIN"};
const Statement commit_statement{"postgres.commit", "COMMIT"};
const Statement rollback_statement{"postgres.rollback", "ROLLBACK"};
const Statement scope_statement{"postgres.scope", "SELECT set_config('trunkline.scope', $1, false)"};

using ConnectionPointer = std::shared_ptr<PostgresConnection>;

// How often a transaction is run again after a lost race or a connection that was dead already.
constexpr int attempts_max = 5;
constexpr Backoff first_backoff(milliseconds(100), seconds(2));

// Tells the session whose rows it may see. Only when that changes, since the session remembers; and in a
// transaction of its own, since a rollback would make the session forget.
void enter_scope(PostgresConnection& connection, const Scope& scope) {
  if (connection.scope() == scope.account()) return;
  connection.send(scope_statement, {to_text(scope.account())});
  connection.send_sync();
  connection.scope() = scope.account();
}

class PostgresTransaction final : public Transaction {
 public:
  PostgresTransaction(ConnectionPointer connection, const Scope& scope) : connection_(std::move(connection)) {
    enter_scope(*connection_, scope);
    deferred_.push_back({.reply = connection_->send(begin_statement, {})});
  }

  Rows query(const Statement& statement, Parameters parameters) override {
    return std::move(answered(statement, parameters)->rows);
  }
  void execute(const Statement& statement, Parameters parameters) override {
    deferred_.push_back({.reply = connection_->send(statement, parameters)});
  }
  void query_later(const Statement& statement, Parameters parameters,
                   std::move_only_function<void(const Rows&)> reader) override {
    deferred_.push_back({.reply = connection_->send(statement, parameters), .reader = std::move(reader)});
  }
  std::int64_t execute_counted(const Statement& statement, Parameters parameters) override {
    return answered(statement, parameters)->changed;
  }
  void copy_in(const Statement& statement, std::string_view lines) override {
    const auto reply = connection_->copy_in(statement, lines);
    read_deferred();
    throw_if_failed(*reply);
  }
  void after_commit(std::move_only_function<void()> task) override {
    after_commit_.push_back(std::move(task));
  }

  // Commits what was sent. Throws Failure when any of it failed; then nothing happened, unless the code is
  // `in_doubt`.
  void commit() {
    const auto committed = connection_->send(commit_statement, {});
    connection_->wait(*connection_->send_sync());
    read_deferred();
    if (committed->connection_lost) {
      throw Failure(
          Error(error_codes::in_doubt, "The connection broke during a commit.").caused_by(*committed->error));
    }
    if (committed->error) throw Failure(*committed->error);
    ended_ = true;
  }

  // Undoes what was sent, whatever state the connection is in.
  void roll_back() {
    if (ended_ || connection_->broken()) return;
    connection_->send_sync();
    connection_->send(rollback_statement, {});
    connection_->wait(*connection_->send_sync());
  }

  bool lost_race() const { return lost_race_; }
  bool connection_lost() const { return connection_lost_; }
  std::vector<std::move_only_function<void()>>& tasks() { return after_commit_; }

 private:
  std::shared_ptr<PostgresReply> answered(const Statement& statement, Parameters parameters) {
    auto reply = connection_->send(statement, parameters);
    connection_->send_flush_request();
    connection_->wait(*reply);
    read_deferred();
    throw_if_failed(*reply);
    return reply;
  }

  // The statements before the last one have been answered too: the first failure among them is the real one.
  void read_deferred() {
    for (Deferred& each : deferred_) {
      throw_if_failed(*each.reply);
      if (each.reader) each.reader(each.reply->rows);
    }
    deferred_.clear();
  }

  void throw_if_failed(const PostgresReply& reply) {
    if (!reply.error) return;
    lost_race_ = reply.lost_race;
    connection_lost_ = reply.connection_lost;
    throw Failure(*reply.error);
  }

  // A statement whose answer was not waited for.
  struct Deferred {
    std::shared_ptr<PostgresReply> reply;
    std::move_only_function<void(const Rows&)> reader = {};
  };

  ConnectionPointer connection_;
  std::vector<Deferred> deferred_;
  std::vector<std::move_only_function<void()>> after_commit_;
  bool ended_ = false;
  bool lost_race_ = false;
  bool connection_lost_ = false;
};

// The connections of one loop.
struct LoopConnections {
  explicit LoopConnections(std::size_t transactions) : permits(transactions) {}

  ConnectionPointer reader;
  std::vector<ConnectionPointer> idle;
  runtime::Semaphore permits;
  runtime::Semaphore connecting{1};
  runtime::SteadyTime retry_at{};
  Backoff backoff = first_backoff;
  std::string last_problem;
};

class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(std::string url, const OpenOptions& options)
      : url_(std::move(url)), options_(options), connectors_("postgres-connect", 2, 64) {}

  Result<Rows> query(Scope scope, const Statement& statement, Parameters parameters) override;
  Result<std::vector<Rows>> query_all(Scope scope, std::initializer_list<Read> reads) override;
  Result<std::string> run_script(std::string_view script, bool dry_run) override;
  std::string_view engine() const override { return "postgresql"; }
  std::string location() const override;

  Result<ConnectionPointer> connect();

 protected:
  Result<void> run_transaction(Scope scope, std::function<bool(Transaction&)> body) override;

 private:
  LoopConnections& here();
  Result<ConnectionPointer> reader();
  Result<ConnectionPointer> borrow();
  Error unreachable(std::string_view problem) const;

  std::string url_;
  OpenOptions options_;
  std::mutex mutex_;
  std::unordered_map<runtime::EventLoop*, std::unique_ptr<LoopConnections>> by_loop_;
  runtime::ThreadPool connectors_;
};

LoopConnections& PostgresDatabase::here() {
  const std::lock_guard lock(mutex_);
  auto& connections = by_loop_[runtime::EventLoop::current()];
  if (!connections) connections = std::make_unique<LoopConnections>(options_.connections_per_loop);
  return *connections;
}

// Clients read the message, so it does not say where the database is; the log and operators get the cause.
Error PostgresDatabase::unreachable(std::string_view problem) const {
  return Error(error_codes::unavailable, "The database cannot be reached just now; try again shortly.")
      .after(seconds(1))
      .caused_by(Error(error_codes::unavailable,
                       fmt::format("PostgreSQL at {} cannot be reached: {}", location(), problem)));
}

// One attempt at a time a loop; while the last one failed a moment ago, callers are refused at once.
Result<ConnectionPointer> PostgresDatabase::connect() {
  LoopConnections& connections = here();
  const runtime::Permit permit(connections.connecting);
  const auto now = std::chrono::steady_clock::now();
  if (now < connections.retry_at) return fail(unreachable(connections.last_problem));
  std::string problem;
  const Result<pg_conn*> connected =
      connectors_.run([&] { return PostgresConnection::connect(url_, problem); });
  if (!connected) return fail(connected.error());
  if (*connected == nullptr) {
    connections.retry_at = std::chrono::steady_clock::now() + connections.backoff.next();
    connections.last_problem = problem;
    return fail(unreachable(problem));
  }
  connections.backoff = first_backoff;
  auto connection =
      std::make_shared<PostgresConnection>(*runtime::EventLoop::current(), *connected, options_.telco_schema);
  connection->start();
  return connection;
}

Result<ConnectionPointer> PostgresDatabase::reader() {
  LoopConnections& connections = here();
  if (connections.reader && !connections.reader->broken()) return connections.reader;
  Result<ConnectionPointer> connected = connect();
  if (!connected) return connected;
  // Another fiber may have connected meanwhile; one reader is enough.
  if (!connections.reader || connections.reader->broken()) connections.reader = *connected;
  return connections.reader;
}

Result<ConnectionPointer> PostgresDatabase::borrow() {
  std::vector<ConnectionPointer>& idle = here().idle;
  while (!idle.empty()) {
    ConnectionPointer connection = std::move(idle.back());
    idle.pop_back();
    if (!connection->broken()) return connection;
  }
  return connect();
}

Result<Rows> PostgresDatabase::query(Scope scope, const Statement& statement, Parameters parameters) {
  Result<std::vector<Rows>> answers = query_all(scope, {{statement, parameters}});
  if (!answers) return fail(std::move(answers.error()));
  return std::move(answers->front());
}

// All in one flight. A connection that turns out to be dead is replaced once: reading twice does no harm.
Result<std::vector<Rows>> PostgresDatabase::query_all(Scope scope, std::initializer_list<Read> reads) {
  std::optional<Error> problem;
  for (int attempt = 0; attempt < 2; ++attempt) {
    const Result<ConnectionPointer> connection = reader();
    if (!connection) return fail(connection.error());
    enter_scope(**connection, scope);
    std::vector<std::shared_ptr<PostgresReply>> replies;
    for (const Read& each : reads) replies.push_back((*connection)->send(each.statement, each.parameters));
    (*connection)->send_sync();
    std::vector<Rows> answers;
    bool connection_lost = false;
    problem.reset();
    for (const auto& reply : replies) {
      (*connection)->wait(*reply);
      if (reply->error && !problem) {
        problem = reply->error;
        connection_lost = reply->connection_lost;
      }
      answers.push_back(std::move(reply->rows));
    }
    if (!problem) return answers;
    if (!connection_lost) break;
  }
  return fail(std::move(*problem));
}

Result<void> PostgresDatabase::run_transaction(Scope scope, std::function<bool(Transaction&)> body) {
  LoopConnections& connections = here();
  if (connections.permits.waiting() >= options_.write_queue_max) {
    return fail(
        Error(error_codes::unavailable, "Too many writes are waiting; try again shortly.").after(seconds(1)));
  }
  const runtime::Permit permit(connections.permits);
  std::optional<Error> problem;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    if (std::chrono::steady_clock::now() > runtime::current_deadline()) {
      return fail(Error(error_codes::unavailable, "The write waited too long; try again.").after(seconds(1)));
    }
    const Result<ConnectionPointer> connection = borrow();
    if (!connection) return fail(connection.error());
    PostgresTransaction transaction(*connection, scope);
    problem.reset();
    std::exception_ptr thrown;
    try {
      if (body(transaction)) {
        transaction.commit();
        connections.idle.push_back(*connection);
        for (auto& task : transaction.tasks()) task();
        return {};
      }
    } catch (const Failure& failure) {
      problem = failure.error;
    } catch (...) {
      thrown = std::current_exception();
    }
    transaction.roll_back();
    if (!(*connection)->broken()) connections.idle.push_back(*connection);
    if (thrown) std::rethrow_exception(thrown);
    if (!problem) return {};
    const bool worth_another = transaction.lost_race() || transaction.connection_lost();
    if (!worth_another || problem->code() == error_codes::in_doubt) break;
  }
  return fail(std::move(*problem));
}

// Runs on a connection of its own: several statements in one text are one transaction in the simple protocol.
Result<std::string> PostgresDatabase::run_script(std::string_view script, bool dry_run) {
  std::string translated = in_schema(script_for_postgres(script), options_.telco_schema);
  if (dry_run) return translated;
  const auto problem = connectors_.run([&]() -> std::optional<Error> {
    const std::unique_ptr<pg_conn, decltype(&PQfinish)> connection(PQconnectdb(url_.c_str()), &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK)
      return unreachable(trim(PQerrorMessage(connection.get())));
    // The lock lets one program at a time change the schema; the transaction's end gives it back.
    const std::string text =
        "SET client_min_messages = warning; SELECT pg_advisory_xact_lock(728301577); SET"
        " trunkline.scope = '" +
        to_text(Scope::operations().account()) + "'; " + translated;
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), text.c_str()),
                                                               &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return std::nullopt;
    return Error(error_codes::defect,
                 fmt::format("PostgreSQL: {}", trim(PQresultErrorMessage(result.get()))));
  });
  if (!problem) return fail(problem.error());
  if (*problem) return fail(**problem);
  return translated;
}

// The URL without its password.
std::string PostgresDatabase::location() const {
  const std::size_t start = url_.find("://") + 3;
  const std::size_t at = url_.find('@', start);
  if (at == std::string::npos) return url_;
  const std::size_t colon = url_.find(':', start);
  if (colon == std::string::npos || colon > at) return url_;
  return url_.substr(0, colon) + url_.substr(at);
}

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const OpenOptions& options) {
  auto database = std::make_unique<PostgresDatabase>(url, options);
  const Result<ConnectionPointer> connection = database->connect();
  if (!connection) {
    const Error* cause = connection.error().cause();
    return fail(
        Error(error_codes::unavailable, (cause == nullptr ? connection.error() : *cause).message() +
                                            " Check TRUNKLINE_DATABASE_URL and that the server runs."));
  }
  return database;
}

}  // namespace trunkline::db
