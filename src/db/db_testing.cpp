#include "db/db_testing.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include <fmt/core.h>
#include <unistd.h>

#include "runtime/event_loop.hpp"

namespace trunkline::db {
namespace {

std::string environment(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : value;
}

// A schema of its own in the test server, entered through the URL's options.
std::string fresh_postgres_schema() {
  static std::atomic<int> made{0};
  const std::string server = environment("TRUNKLINE_TEST_POSTGRES", "");
  if (server.empty())
    throw std::runtime_error("TRUNKLINE_TEST_POSTGRES is not set: run by scripts/with-postgres");
  const std::string schema = fmt::format("t{}_{}", getpid(), made++);
  auto opened = open(server);
  if (!opened) throw std::runtime_error(opened.error().describe());
  if (const auto ran = (*opened)->run_script("CREATE SCHEMA " + schema, false); !ran) {
    throw std::runtime_error(ran.error().describe());
  }
  return fmt::format("{}?options=-csearch_path%3D{}", server, schema);
}

}  // namespace

bool testing_postgres() {
  return environment("TRUNKLINE_TEST_DATABASE", "sqlite") == "postgresql";
}

TestDatabase::TestDatabase() {
  if (testing_postgres()) {
    url_ = fresh_postgres_schema();
  } else {
    url_ = "sqlite:" + directory_.emplace().path() + "/test.db";
  }
  reopen();
}

TestDatabase::~TestDatabase() = default;

void TestDatabase::reopen() {
  database_.reset();
  // The warehouse's schema too is one of its own.
  const auto opened_by = [this](OpenOptions options) {
    static constexpr std::string_view mark = "search_path%3D";
    const std::size_t at = url_.find(mark);
    if (at != std::string::npos) options.telco_schema = url_.substr(at + mark.size()) + "_telco";
    return open(url_, options);
  };
  auto opened = opened_by({});
  if (!opened) throw std::runtime_error(opened.error().describe());
  database_ = std::move(*opened);
}

void with_database(const std::function<void(TestDatabase&)>& body) {
  runtime::run_to_completion([&] {
    TestDatabase database;
    body(database);
  });
}

}  // namespace trunkline::db
