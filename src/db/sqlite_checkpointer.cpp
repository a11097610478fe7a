#include "db/sqlite_checkpointer.hpp"

#include <functional>

#include "base/log.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::db {
namespace {

// When somebody reads from the log it cannot begin anew, and is copied again when it has grown by this part.
constexpr std::size_t grown_by = 4;

// What could not be copied stays in the log, and is copied later.
void try_to(const std::function<void()>& copy) {
  try {
    copy();
  } catch (const Failure& failure) {
    log::warning("the log of the database could not be copied into it", {{"error", failure.error}});
  }
}

}  // namespace

SqliteCheckpointer::SqliteCheckpointer(std::string path, SqliteConnection& writer, std::size_t pages,
                                       Duration busy_timeout)
    : path_(std::move(path)),
      writer_(writer),
      pages_(pages),
      busy_timeout_(busy_timeout),
      begins_at_(pages),
      thread_([this] {
        runtime::name_this_thread("sqlite-log");
        copy_until_closed();
      }) {}

SqliteCheckpointer::~SqliteCheckpointer() {
  closed_ = true;
  begin_.release();
  thread_.join();
}

void SqliteCheckpointer::after_commit() {
  const std::size_t in_log = writer_.log_pages();
  if (in_log < pages_) begins_at_ = pages_;
  switch (state_.load()) {
    case State::idle:
      if (in_log < begins_at_) return;
      state_ = State::copying;
      begin_.release();
      return;
    case State::copying:
      return;
    case State::copied:
      // What came meanwhile is little. Without anything left the next commit begins at the log's start.
      try_to([this] { writer_.checkpoint(); });
      begins_at_ = in_log + pages_ / grown_by;
      state_ = State::idle;
      return;
  }
}

void SqliteCheckpointer::copy_until_closed() {
  std::unique_ptr<SqliteConnection> connection;  // most programs end before the log is long
  while (true) {
    begin_.acquire();
    if (closed_) return;
    try_to([&] {
      if (!connection) {
        connection =
            std::make_unique<SqliteConnection>(path_, SqliteConnection::Mode::read_write, busy_timeout_);
      }
      connection->checkpoint();
    });
    state_ = State::copied;
  }
}

}  // namespace trunkline::db
