// The one writer of an SQLite database. Transactions queue; the writer runs as many as wait in one commit, so
// that each pays a fraction of the disk's flush (docs/decisions/0011-group-commit-on-sqlite.md). When one of
// them fails after it has changed something, the batch is undone and run again with a savepoint for each, so
// that the one is undone alone.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "db/sqlite_checkpointer.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::db {

class SqliteWriter {
 public:
  SqliteWriter(const std::string& path, const OpenOptions& options);
  ~SqliteWriter();  // finishes what was accepted

  // Database::run_transaction. Suspends.
  Result<void> run(const std::function<bool(Transaction&)>& body);
  Result<std::string> run_script(const std::string& script);

  // How many batches have been committed. Rises before anybody learns of the commit. Any thread.
  std::uint64_t commits() const { return commits_.load(std::memory_order_acquire); }

 private:
  // A transaction that waits for its turn. Lives on the stack of the fiber that waits for it.
  struct Job {
    const std::function<bool(Transaction&)>* body;
    const std::string* script = nullptr;
    runtime::SteadyTime deadline;
    runtime::Waiter waiter;
    Result<void> outcome;
    std::exception_ptr thrown;
    std::vector<std::move_only_function<void()>> after_commit;
    bool undone = false;

    bool has_failed() const { return undone || !outcome || thrown != nullptr; }
    // As it was before its body ran.
    void start_over() {
      outcome = {};
      thrown = nullptr;
      after_commit.clear();
      undone = false;
    }
  };
  class Running;

  Result<void> submit(Job& job);
  void write_until_closed();
  bool take_waiting(std::vector<Job*>& batch);
  void commit_batch(std::vector<Job*>& batch);
  bool run_with_newcomers(std::vector<Job*>& batch);
  bool run_together(std::span<Job* const> batch);
  void commit_apart(std::span<Job* const> batch);
  void commit(std::span<Job* const> batch);
  static bool is_late(Job& job);
  void run_body(Job& job);
  void run_one(Job& job, bool alone);
  bool begin(std::span<Job* const> batch);

  std::size_t queue_max_;
  SqliteConnection connection_;
  SqliteCheckpointer checkpointer_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job*> queue_;
  bool closed_ = false;
  runtime::SteadyTime::duration flush_lasted_{};  // of the commit before
  std::atomic<std::uint64_t> commits_ = 0;
  std::thread thread_;
};

}  // namespace trunkline::db
