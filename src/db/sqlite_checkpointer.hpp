// Copies the write-ahead log of SQLite into the database ("checkpoint", https://sqlite.org/wal.html#ckpt)
// beside the writer. SQLite does it inside the commit that makes the log long, and all others wait for a
// quarter of a second; here they wait only for what came in while the most of it was copied.
#pragma once

#include <atomic>
#include <semaphore>
#include <thread>

#include "db/sqlite_connection.hpp"

namespace trunkline::db {

class SqliteCheckpointer {
 public:
  // Begins when the log has so many pages. `writer` is the connection that writes to the database at `path`.
  SqliteCheckpointer(std::string path, SqliteConnection& writer, std::size_t pages, Duration busy_timeout);
  ~SqliteCheckpointer();  // waits for the end of what is under way
  SqliteCheckpointer(const SqliteCheckpointer&) = delete;
  SqliteCheckpointer& operator=(const SqliteCheckpointer&) = delete;

  // After each commit, on the writer's thread.
  void after_commit();

 private:
  enum class State : std::uint8_t { idle, copying, copied };

  void copy_until_closed();

  std::string path_;
  SqliteConnection& writer_;
  std::size_t pages_;
  Duration busy_timeout_;
  std::size_t begins_at_;
  std::atomic<State> state_ = State::idle;
  std::atomic<bool> closed_ = false;
  std::counting_semaphore<2> begin_{0};  // a copy and the end
  std::thread thread_;
};

}  // namespace trunkline::db
