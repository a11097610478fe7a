#include "db/sqlite.hpp"

#include <filesystem>
#include <mutex>

#include <fmt/core.h>

#include "db/dialect.hpp"
#include "db/sqlite_writer.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::db {
namespace {

// Readers never wait long: in WAL mode only a rare recovery holds them up.
constexpr Duration reader_busy_timeout = milliseconds(50);

const Statement begin_reading{"sqlite.begin_reading", "BEGIN"};
const Statement end_reading{"sqlite.end_reading", "COMMIT"};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const OpenOptions& options)
      : path_(std::move(path)),
        writer_(path_, options),
        readers_("sqlite-reader", options.reader_threads, 256) {}

  Result<Rows> query(Scope, const Statement& statement, Parameters parameters) override {
    if (statement.reach() == Reach::keyed) return read(statement, parameters);
    auto answer = readers_.run([&] { return read(statement, parameters); });
    if (!answer) return fail(std::move(answer.error()));
    return std::move(*answer);
  }

  Result<std::vector<Rows>> query_all(Scope, std::initializer_list<Read> reads) override {
    try {
      SqliteConnection& connection = connection_of_this_thread();
      connection.execute(begin_reading, {});
      std::vector<Rows> answers;
      answers.reserve(reads.size());
      try {
        for (const Read& each : reads) answers.push_back(connection.query(each.statement, each.parameters));
      } catch (const Failure&) {
        connection.try_run("ROLLBACK");
        throw;
      }
      connection.execute(end_reading, {});
      return answers;
    } catch (const Failure& failure) {
      return fail(failure.error);
    }
  }

  Result<std::string> run_script(std::string_view script, bool dry_run) override {
    const std::string translated = script_for_sqlite(script);
    if (dry_run) return translated;
    return writer_.run_script(translated);
  }

  std::string_view engine() const override { return "sqlite"; }
  std::string location() const override { return "sqlite:" + path_; }

 protected:
  Result<void> run_transaction(Scope, std::function<bool(Transaction&)> body) override {
    return writer_.run(body);
  }

 private:
  Result<Rows> read(const Statement& statement, Parameters parameters) {
    try {
      return connection_of_this_thread().query(statement, parameters);
    } catch (const Failure& failure) {
      return fail(failure.error);
    }
  }

  // Each thread reads through a connection of its own, which lives as long as the database.
  SqliteConnection& connection_of_this_thread() {
    const std::lock_guard lock(connections_mutex_);
    auto& connection = connections_[std::this_thread::get_id()];
    if (!connection) {
      connection =
          std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::read_only, reader_busy_timeout);
    }
    return *connection;
  }

  std::string path_;
  std::mutex connections_mutex_;
  std::unordered_map<std::thread::id, std::unique_ptr<SqliteConnection>> connections_;
  SqliteWriter writer_;
  runtime::ThreadPool readers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options) {
  if (path.empty()) {
    return fail(trunkline::error_codes::invalid_argument,
                "The SQLite URL has no path: write sqlite:var/trunkline.db.");
  }
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code problem;
  if (!directory.empty()) std::filesystem::create_directories(directory, problem);
  if (problem) {
    return fail(error_codes::unavailable,
                fmt::format("The folder {} cannot be made ({}): make it, or choose another "
                            "place by TRUNKLINE_DATABASE_URL.",
                            directory.string(), problem.message()));
  }
  try {
    return std::make_unique<SqliteDatabase>(path, options);
  } catch (const Failure& failure) {
    return fail(
        Error(
            error_codes::unavailable,
            fmt::format("The database {} cannot be opened: check that its folder exists and is writable, or "
                        "choose another place by TRUNKLINE_DATABASE_URL.",
                        path))
            .caused_by(failure.error));
  }
}

}  // namespace trunkline::db
