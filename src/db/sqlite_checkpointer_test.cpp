#include "db/sqlite_checkpointer.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/scratch_directory.hpp"
#include "runtime/event_loop.hpp"

using namespace trunkline;
using namespace trunkline::db;

namespace {

const Statement insert_page{"test.checkpoint_insert", "INSERT INTO pages VALUES ($1, $2)"};
const Statement count_pages{"test.checkpoint_count", "SELECT count(*), sum(length(text)) FROM pages",
                            Reach::scan};
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t log_pages = 200;

// A database whose log is copied early.
struct Files {
  Files() {
    auto opened = open("sqlite:" + path(), {.log_pages = log_pages});
    REQUIRE(opened);
    database = std::move(*opened);
    REQUIRE(database->run_script("CREATE TABLE pages (number bigint PRIMARY KEY, text text);", false));
  }
  std::string path() const { return folder.path() + "/test.db"; }
  std::size_t pages_of(const std::string& file) const {
    return std::filesystem::file_size(file) / page_bytes;
  }
  // One row that fills a page, in a commit of its own.
  void insert(std::int64_t number) {
    REQUIRE(database->execute(Scope::operations(), insert_page, {number, std::string(3500, 'x')}));
  }

  ScratchDirectory folder;
  std::unique_ptr<Database> database;
};

}  // namespace

TEST_SUITE("the checkpoints of SQLite") {
  TEST_CASE("the log is copied into the database while commits go on, and begins anew") {
    runtime::run_to_completion([] {
      Files files;
      constexpr std::int64_t rows = 4000;
      std::size_t longest = 0;
      for (std::int64_t i = 0; i < rows; ++i) {
        files.insert(i);
        longest = std::max(longest, files.pages_of(files.path() + "-wal"));
      }
      CHECK(longest < 3000);  // some three pages a commit make twelve thousand
      CHECK(files.pages_of(files.path()) > 3000);
      const auto counted = files.database->query(Scope::operations(), count_pages, {});
      REQUIRE(counted);
      CHECK(counted->front().integer(0) == rows);
      CHECK(counted->front().integer(1) == rows * 3500);
    });
  }

  TEST_CASE("what the database holds when it is copied by an outsider at any moment is whole") {
    runtime::run_to_completion([] {
      Files files;
      std::int64_t next = 0;
      for (int copies = 0; copies < 5; ++copies) {
        for (int i = 0; i < 300; ++i) files.insert(next++);
        // As after a kill: the database first, since the log has all that is missing in it.
        const std::string copy = files.folder.path() + "/copy.db";
        std::filesystem::copy_file(files.path(), copy, std::filesystem::copy_options::overwrite_existing);
        std::filesystem::copy_file(files.path() + "-wal", copy + "-wal",
                                   std::filesystem::copy_options::overwrite_existing);
        auto survivor = open("sqlite:" + copy, {});
        REQUIRE(survivor);
        const auto counted = (*survivor)->query(Scope::operations(), count_pages, {});
        REQUIRE(counted);
        CHECK(counted->front().integer(0) == next);
        survivor->reset();
        std::filesystem::remove(copy + "-wal");
        std::filesystem::remove(copy + "-shm");
      }
    });
  }
}
