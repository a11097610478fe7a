#include "db/sqlite_writer.hpp"

#include "runtime/thread_pool.hpp"

namespace trunkline::db {
namespace {

// Enough to make the flush cheap, few enough that the first of a batch does not wait long for the last.
constexpr std::size_t batch_max = 256;

const Statement begin_batch{"sqlite.begin_batch", "BEGIN IMMEDIATE"};
const Statement commit_changes{"sqlite.commit", "COMMIT"};
const Statement open_savepoint{"sqlite.savepoint", "SAVEPOINT one"};
const Statement close_savepoint{"sqlite.release", "RELEASE one"};

}  // namespace

class SqliteWriter::Running final : public Transaction {
 public:
  Running(SqliteConnection& connection, Job& job) : connection_(connection), job_(job) {}

  Rows query(const Statement& statement, Parameters parameters) override {
    return connection_.query(statement, parameters);
  }
  void execute(const Statement& statement, Parameters parameters) override {
    connection_.execute(statement, parameters);
  }
  void query_later(const Statement& statement, Parameters parameters,
                   std::move_only_function<void(const Rows&)> reader) override {
    reader(query(statement, parameters));
  }
  std::int64_t execute_counted(const Statement& statement, Parameters parameters) override {
    return connection_.execute(statement, parameters);
  }
  void copy_in(const Statement&, std::string_view) override { throw std::logic_error("SQLite has no COPY"); }
  void after_commit(std::move_only_function<void()> task) override {
    job_.after_commit.push_back(std::move(task));
  }

 private:
  SqliteConnection& connection_;
  Job& job_;
};

SqliteWriter::SqliteWriter(const std::string& path, const OpenOptions& options)
    : queue_max_(options.write_queue_max),
      connection_(path, SqliteConnection::Mode::read_write, options.busy_timeout),
      checkpointer_(path, connection_, options.log_pages, options.busy_timeout),
      thread_([this] {
        runtime::name_this_thread("sqlite-writer");
        write_until_closed();
      }) {}

SqliteWriter::~SqliteWriter() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> SqliteWriter::run(const std::function<bool(Transaction&)>& body) {
  Job job{.body = &body, .deadline = runtime::current_deadline()};
  return submit(job);
}

Result<std::string> SqliteWriter::run_script(const std::string& script) {
  const std::function<bool(Transaction&)> nothing = [](Transaction&) { return true; };
  Job job{.body = &nothing, .script = &script, .deadline = runtime::current_deadline()};
  if (Result<void> ran = submit(job); !ran) return fail(std::move(ran.error()));
  return script;
}

Result<void> SqliteWriter::submit(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= queue_max_) {
      return fail(Error(error_codes::unavailable, "Too many writes are waiting; try again shortly.")
                      .after(seconds(1)));
    }
    queue_.push_back(&job);
    if (queue_.size() == 1) wake_.notify_one();
  }
  job.waiter.wait();
  if (job.thrown) std::rethrow_exception(job.thrown);
  if (job.outcome && !job.undone) {
    for (auto& task : job.after_commit) task();
  }
  return std::move(job.outcome);
}

void SqliteWriter::write_until_closed() {
  std::vector<Job*> batch;
  std::vector<runtime::Waiter*> waiters;
  while (true) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
    }
    take_waiting(batch);
    commit_batch(batch);
    commits_.fetch_add(1, std::memory_order_release);
    waiters.clear();
    for (Job* job : batch) waiters.push_back(&job->waiter);
    runtime::Waiter::wake_all(waiters);
    checkpointer_.after_commit();
  }
}

// Moves what waits into the batch, as far as there is room. False when there was nothing.
bool SqliteWriter::take_waiting(std::vector<Job*>& batch) {
  const std::lock_guard lock(mutex_);
  const std::size_t count = std::min(queue_.size(), batch_max - batch.size());
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  batch.insert(batch.end(), queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  return count > 0;
}

// A savepoint keeps a copy of every page that is changed after it, for an undoing that hardly ever comes: the
// batch first runs without.
void SqliteWriter::commit_batch(std::vector<Job*>& batch) {
  if (!begin(batch)) return;
  if (run_with_newcomers(batch)) return commit(batch);
  connection_.try_run("ROLLBACK");
  for (Job* job : batch) job->start_over();
  commit_apart(batch);
}

// What comes while the batch runs takes part in it, but not for longer than a flush lasts: the others make
// ready meanwhile what the next batch has. False when one of them must be undone, and with it all.
bool SqliteWriter::run_with_newcomers(std::vector<Job*>& batch) {
  const runtime::SteadyTime until = std::chrono::steady_clock::now() + flush_lasted_;
  std::size_t ran = 0;
  do {
    if (!run_together(std::span(batch).subspan(ran))) return false;
    ran = batch.size();
  } while (std::chrono::steady_clock::now() <= until && take_waiting(batch));
  return true;
}

// False as above.
bool SqliteWriter::run_together(std::span<Job* const> batch) {
  for (Job* job : batch) {
    if (job->script != nullptr) return false;
    const std::int64_t changes = connection_.total_changes();
    if (is_late(*job)) continue;
    run_body(*job);
    if (!connection_.in_transaction()) return false;
    if (job->has_failed() && connection_.total_changes() != changes) return false;
  }
  return true;
}

// Each in a savepoint of its own.
void SqliteWriter::commit_apart(std::span<Job* const> batch) {
  if (!begin(batch)) return;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    run_one(*batch[i], batch.size() == 1);
    if (connection_.in_transaction()) continue;
    // A full disk or an I/O error makes SQLite roll everything back: what ran so far is gone with it.
    const Error lost = batch[i]->outcome
                           ? Error(error_codes::unavailable, "SQLite rolled the transaction back.")
                           : batch[i]->outcome.error();
    for (std::size_t j = 0; j < i; ++j) {
      if (batch[j]->outcome && !batch[j]->undone) batch[j]->outcome = fail(lost);
    }
    commit_apart(batch.subspan(i + 1));
    return;
  }
  commit(batch);
}

void SqliteWriter::commit(std::span<Job* const> batch) {
  try {
    const runtime::SteadyTime began = std::chrono::steady_clock::now();
    connection_.execute(commit_changes, {});
    flush_lasted_ = std::chrono::steady_clock::now() - began;
  } catch (const Failure& failure) {
    connection_.try_run("ROLLBACK");
    for (Job* job : batch) {
      if (job->outcome && !job->undone) job->outcome = fail(failure.error);
    }
  }
}

bool SqliteWriter::begin(std::span<Job* const> batch) {
  if (batch.empty()) return false;
  try {
    connection_.execute(begin_batch, {});
    return true;
  } catch (const Failure& failure) {
    for (Job* job : batch) job->outcome = fail(Error(failure.error).after(seconds(1)));
    return false;
  }
}

bool SqliteWriter::is_late(Job& job) {
  if (std::chrono::steady_clock::now() <= job.deadline) return false;
  job.outcome =
      fail(Error(error_codes::unavailable, "The write waited too long; try again.").after(seconds(1)));
  return true;
}

void SqliteWriter::run_body(Job& job) {
  try {
    if (job.script != nullptr) connection_.run(job.script->c_str());
    Running running(connection_, job);
    job.undone = !(*job.body)(running);
  } catch (const Failure& failure) {
    job.outcome = fail(failure.error);
  } catch (...) {
    job.thrown = std::current_exception();
  }
}

void SqliteWriter::run_one(Job& job, bool alone) {
  if (is_late(job)) return;
  // With the batch to itself a transaction needs no savepoint: the whole is undone.
  const char* undo = alone ? "ROLLBACK; BEGIN" : "ROLLBACK TO one; RELEASE one";
  try {
    if (!alone) connection_.execute(open_savepoint, {});
    run_body(job);
    if (!job.has_failed()) {
      if (!alone) connection_.execute(close_savepoint, {});
      return;
    }
  } catch (const Failure& failure) {
    job.outcome = fail(failure.error);
  }
  if (connection_.in_transaction()) connection_.try_run(undo);
}

}  // namespace trunkline::db
