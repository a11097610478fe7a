// The layer under the connection that writes, on real files.
#include "db/sqlite_log_file.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "base/scratch_directory.hpp"
#include "base/text.hpp"
#include "db/sqlite_connection.hpp"

using namespace trunkline;
using namespace trunkline::db;

namespace {

const Statement create_pages{"test.log_create", "CREATE TABLE pages (number integer PRIMARY KEY, text text)"};
const Statement insert_page{"test.log_insert", "INSERT INTO pages VALUES ($1, $2)"};
const Statement count_pages{"test.log_count", "SELECT count(*), sum(length(text)) FROM pages"};
const Statement check_integrity{"test.log_check", "PRAGMA integrity_check"};

// Fills a page of the database nearly by itself.
const std::string page_text(3500, 'x');

struct Files {
  Files() { writer.execute(create_pages, {}); }

  void insert(std::int64_t first, std::int64_t count) {
    for (std::int64_t i = first; i < first + count; ++i) writer.execute(insert_page, {i, page_text});
  }
  static std::int64_t count(SqliteConnection& connection) {
    return connection.query(count_pages, {}).front().integer(0);
  }

  ScratchDirectory directory;
  std::string path = directory.path() + "/notes.db";
  SqliteConnection writer{path, SqliteConnection::Mode::read_write, seconds(1)};
};

// How often this thread has called the system to write (proc(5), "/proc/pid/io").
std::int64_t writes_so_far() {
  std::ifstream io("/proc/thread-self/io");
  for (std::string line; std::getline(io, line);) {
    if (line.starts_with("syscw: ")) return *parse_integer(line.substr(7));
  }
  return -1;
}

// No file may grow beyond so many bytes while it lives, as on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : ignored_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, ignored_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*ignored_)(int);
};

}  // namespace

TEST_SUITE("the log file of SQLite") {
  TEST_CASE("a commit of three hundred pages takes a dozen writes, and not two a page") {
    Files files;
    const std::int64_t before = writes_so_far();
    REQUIRE(before >= 0);
    files.writer.run("BEGIN");
    files.insert(0, 300);
    files.writer.run("COMMIT");
    CHECK(writes_so_far() - before <= 15);
  }

  TEST_CASE("what is committed is in the files, where another connection and another process find it") {
    Files files;
    files.writer.run("BEGIN");
    files.insert(0, 100);
    files.writer.run("COMMIT");
    SqliteConnection reader(files.path, SqliteConnection::Mode::read_only, seconds(1));
    CHECK(Files::count(reader) == 100);

    // As a process finds them that starts after this one was killed.
    const std::string copy = files.directory.path() + "/copy.db";
    std::filesystem::copy_file(files.path, copy);
    std::filesystem::copy_file(files.path + "-wal", copy + "-wal");
    SqliteConnection survivor(copy, SqliteConnection::Mode::read_write, seconds(1));
    CHECK(Files::count(survivor) == 100);
    CHECK(survivor.query(check_integrity, {}).front().text(0) == "ok");
  }

  TEST_CASE(
      "a transaction that is larger than the cache reads its own pages, and leaves none when it is undone") {
    Files files;
    files.insert(0, 10);
    constexpr std::int64_t more_than_the_cache = 6000;
    files.writer.run("BEGIN");
    files.insert(10, more_than_the_cache);
    CHECK(files.writer.query(count_pages, {}).front().integer(1) ==
          (10 + more_than_the_cache) * static_cast<std::int64_t>(page_text.size()));
    files.writer.run("ROLLBACK");
    CHECK(Files::count(files.writer) == 10);

    files.insert(10, 10);
    CHECK(Files::count(files.writer) == 20);
    CHECK(files.writer.query(check_integrity, {}).front().text(0) == "ok");
  }

  TEST_CASE("a commit that the disk does not take fails, and the next one that it takes is whole") {
    Files files;
    files.insert(0, 10);
    {
      const FileSizeLimit limit(256UL * 1024);
      files.writer.run("BEGIN");
      files.insert(10, 300);
      CHECK_THROWS_AS(files.writer.run("COMMIT"), Failure);
      files.writer.try_run("ROLLBACK");
    }
    CHECK(Files::count(files.writer) == 10);
    files.writer.run("BEGIN");
    files.insert(10, 300);
    files.writer.run("COMMIT");
    SqliteConnection reader(files.path, SqliteConnection::Mode::read_only, seconds(1));
    CHECK(Files::count(reader) == 310);
    CHECK(files.writer.query(check_integrity, {}).front().text(0) == "ok");
  }
}
