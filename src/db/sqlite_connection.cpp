#include "db/sqlite_connection.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include "db/dialect.hpp"
#include "db/sqlite_log_file.hpp"

namespace trunkline::db {
namespace {

ErrorCode code_for(int sqlite_code, int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
      return error_codes::duplicate;
    case SQLITE_CONSTRAINT_CHECK:
    case SQLITE_CONSTRAINT_NOTNULL:
      return error_codes::check_failed;
    default:
      break;
  }
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL:
      return error_codes::full;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
      return error_codes::defect;
    default:
      return error_codes::unavailable;
  }
}

// Each connection belongs to one thread at a time, and nobody asks SQLite how much memory it uses: without
// these two its allocator takes a lock for every piece of memory.
void configure_once() {
  static const int configured = [] {
    sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  }();
  static_cast<void>(configured);
}

// Leaves the statement reusable and without references to the caller's text, however its use ended.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(sqlite3_stmt* statement) : statement_(statement) {}
  ~ResetAtEnd() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  sqlite3_stmt* statement_;
};

void add_cell(Rows& rows, sqlite3_stmt* statement, int column) {
  // One look into the statement instead of one for the type, the bytes and their number each. Such a value is
  // "unprotected" (sqlite3_column_value(3)): nobody else is at this connection meanwhile.
  sqlite3_value* const value = sqlite3_column_value(statement, column);
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL:
      return rows.add_null();
    case SQLITE_INTEGER:
      return rows.add_integer(sqlite3_value_int64(value));
    case SQLITE_FLOAT:
      throw std::logic_error("a floating-point value came out of the database");
    default:
      break;
  }
  const auto* const bytes = static_cast<const char*>(sqlite3_value_blob(value));
  rows.add_bytes({bytes, static_cast<std::size_t>(sqlite3_value_bytes(value))});
}

int note_log_pages(void* log_pages, sqlite3*, const char*, int pages) {
  *static_cast<std::size_t*>(log_pages) = static_cast<std::size_t>(pages);
  return SQLITE_OK;
}

}  // namespace

void SqliteConnection::Closer::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}

SqliteConnection::SqliteConnection(const std::string& path, Mode mode, Duration busy_timeout) {
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (mode == Mode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  configure_once();
  sqlite3* opened = nullptr;
  const char* const files = mode == Mode::read_write ? gathering_file_system() : nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags, files);
  connection_.reset(opened);
  if (code != SQLITE_OK) {
    throw Failure(
        Error(error_codes::unavailable,
              fmt::format("The database {} cannot be opened ({}): is its folder there, and may this "
                          "user write to it?",
                          path, sqlite3_errmsg(opened))));
  }
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(busy_timeout / milliseconds(1)));
  if (mode == Mode::read_write) {
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=FULL");
    // What an erasure has removed must not stay in the file's free pages. Debian's build does so unasked.
    run("PRAGMA secure_delete=ON");
    sqlite3_wal_hook(opened, &note_log_pages, &log_pages_);  // and no checkpoints by itself
  }
  run("PRAGMA temp_store=MEMORY");
  // In KiB. Readers find nearly all their pages in the mapped file. More would cost the writer time: SQLite
  // looks at each page it holds at the end of most commits (docs/decisions/0011-group-commit-on-sqlite.md).
  run(mode == Mode::read_write ? "PRAGMA cache_size=-4000" : "PRAGMA cache_size=-2000");
  run("PRAGMA mmap_size=268435456");
}

SqliteConnection::~SqliteConnection() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
}

void SqliteConnection::throw_failure(std::string_view doing) const {
  const int code = sqlite3_extended_errcode(connection_.get());
  throw Failure(engine_failure(code_for(code, code),
                               fmt::format("SQLite: {}: {}", doing, sqlite3_errmsg(connection_.get()))));
}

sqlite3_stmt* SqliteConnection::prepared(const Statement& statement) {
  if (statements_.size() <= statement.number()) statements_.resize(Statement::count());
  sqlite3_stmt*& slot = statements_[statement.number()];
  if (slot == nullptr) {
    const std::string sql = statement_for_sqlite(statement.sql());
    if (sqlite3_prepare_v3(connection_.get(), sql.c_str(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &slot, nullptr) != SQLITE_OK) {
      throw_failure(statement.name());
    }
  }
  return slot;
}

void SqliteConnection::bind(sqlite3_stmt* prepared, Parameters parameters) {
  struct Binder {
    sqlite3_stmt* statement;
    int position;
    void operator()(std::monostate) const { sqlite3_bind_null(statement, position); }
    void operator()(std::int64_t value) const { sqlite3_bind_int64(statement, position, value); }
    void operator()(bool value) const { sqlite3_bind_int64(statement, position, value ? 1 : 0); }
    void operator()(std::string_view text) const {
      // An empty view may have no address, which SQLite would take for NULL.
      sqlite3_bind_text64(statement, position, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                          SQLITE_UTF8);
    }
    void operator()(Blob blob) const {
      sqlite3_bind_blob64(statement, position, blob.bytes.empty() ? "" : blob.bytes.data(), blob.bytes.size(),
                          SQLITE_STATIC);
    }
    void operator()(const Uuid& id) const {
      sqlite3_bind_blob64(statement, position, id.bytes().data(), id.bytes().size(), SQLITE_STATIC);
    }
  };
  int position = 0;
  for (const Parameter& parameter : parameters) std::visit(Binder{prepared, ++position}, parameter.value());
}

Rows SqliteConnection::query(const Statement& statement, Parameters parameters) {
  sqlite3_stmt* running = prepared(statement);
  const ResetAtEnd reset(running);
  bind(running, parameters);
  const int columns = sqlite3_column_count(running);
  Rows rows(static_cast<std::size_t>(columns));
  int code = sqlite3_step(running);
  for (; code == SQLITE_ROW; code = sqlite3_step(running)) {
    for (int column = 0; column < columns; ++column) add_cell(rows, running, column);
  }
  if (code != SQLITE_DONE) throw_failure(statement.name());
  return rows;
}

std::int64_t SqliteConnection::execute(const Statement& statement, Parameters parameters) {
  sqlite3_stmt* running = prepared(statement);
  const ResetAtEnd reset(running);
  bind(running, parameters);
  int code = sqlite3_step(running);
  while (code == SQLITE_ROW) code = sqlite3_step(running);
  if (code != SQLITE_DONE) throw_failure(statement.name());
  return sqlite3_changes64(connection_.get());
}

void SqliteConnection::run(const char* sql) {
  if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw_failure(sql);
}

void SqliteConnection::try_run(const char* sql) noexcept {
  sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr);
}

void SqliteConnection::checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(connection_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  // Another process that is at it does the same.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) throw_failure("checkpoint");
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::int64_t SqliteConnection::total_changes() const {
  return sqlite3_total_changes64(connection_.get());
}

}  // namespace trunkline::db
