#include "db/sqlite.hpp"

#include <filesystem>
#include <mutex>

#include <fmt/core.h>

#include "db/dialect.hpp"
#include "db/sqlite_statistics.hpp"
#include "db/sqlite_writer.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::db {
namespace {

// Readers never wait long: in WAL mode only a rare recovery holds them up.
constexpr Duration reader_busy_timeout = milliseconds(50);

const Statement begin_reading{"sqlite.begin_reading", "BEGIN"};

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, const OpenOptions& options)
      : path_(std::move(path)),
        writer_(path_, options),
        scanners_("sqlite-reader", options.reader_threads, 256) {}

  Result<Rows> query(Scope, const Statement& statement, Parameters parameters) override {
    if (statement.reach() == Reach::keyed) return read(statement, parameters);
    auto answer = scanners_.run([&] { return read(statement, parameters); });
    if (!answer) return fail(std::move(answer.error()));
    return std::move(*answer);
  }

  Result<std::vector<Rows>> query_all(Scope, std::initializer_list<Read> reads) override {
    return read_by([&](SqliteConnection& connection) {
      std::vector<Rows> answers;
      answers.reserve(reads.size());
      for (const Read& each : reads) answers.push_back(connection.query(each.statement, each.parameters));
      return answers;
    });
  }

  Result<std::string> run_script(std::string_view script, bool dry_run) override {
    std::string translated = script_for_sqlite(script);
    if (dry_run) return translated;
    auto ran = writer_.run_script(translated + std::string(tell_sqlite_of_accounts));
    if (!ran) return fail(std::move(ran.error()));
    return translated;
  }

  std::string_view engine() const override { return "sqlite"; }
  std::string location() const override { return "sqlite:" + path_; }

 protected:
  Result<void> run_transaction(Scope, std::function<bool(Transaction&)> body) override {
    return writer_.run(body);
  }

 private:
  // A thread's connection for reading. On a loop's thread the reads of one turn share a snapshot: taking one
  // costs as much as a keyed read.
  struct Reader {
    explicit Reader(const std::string& path)
        : connection(path, SqliteConnection::Mode::read_only, reader_busy_timeout) {}

    void begin(std::uint64_t commits_so_far) {
      connection.execute(begin_reading, {});
      is_open = true;
      commits_seen = commits_so_far;
    }
    void end() noexcept {
      if (std::exchange(is_open, false)) connection.try_run("COMMIT");
    }

    SqliteConnection connection;
    bool is_open = false;
    bool ends_soon = false;
    std::uint64_t commits_seen = 0;  // of this process, when the snapshot was taken
  };

  Result<Rows> read(const Statement& statement, Parameters parameters) {
    return read_by([&](SqliteConnection& connection) { return connection.query(statement, parameters); });
  }

  // Sees all that this process has committed, and what other processes had when this turn of the loop began
  // to read.
  template <class Body>
  auto read_by(const Body& body) -> Result<decltype(body(std::declval<SqliteConnection&>()))> {
    std::shared_ptr<Reader> reader;
    try {
      reader = reader_of_this_thread();
      const std::uint64_t commits = writer_.commits();
      if (reader->commits_seen != commits) reader->end();
      if (!reader->is_open) reader->begin(commits);
      auto answer = body(reader->connection);
      end_snapshot_soon(reader);
      return answer;
    } catch (const Failure& failure) {
      if (reader) reader->end();
      return fail(failure.error);
    }
  }

  static void end_snapshot_soon(const std::shared_ptr<Reader>& reader) {
    runtime::EventLoop* loop = runtime::EventLoop::current();
    if (loop == nullptr) return reader->end();
    if (std::exchange(reader->ends_soon, true)) return;
    loop->post([reader] {
      reader->ends_soon = false;
      reader->end();
    });
  }

  // Lives as long as the database, and to the end of its snapshot.
  std::shared_ptr<Reader> reader_of_this_thread() {
    const std::lock_guard lock(readers_mutex_);
    auto& reader = readers_[std::this_thread::get_id()];
    if (!reader) reader = std::make_shared<Reader>(path_);
    return reader;
  }

  std::string path_;
  std::mutex readers_mutex_;
  std::unordered_map<std::thread::id, std::shared_ptr<Reader>> readers_;
  SqliteWriter writer_;
  runtime::ThreadPool scanners_;
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
