// This process as one of those that work on the database. Its lease, renewed every second, covers all jobs it
// holds; when it dies the lease runs out and the others take its jobs over.
#pragma once

#include <atomic>
#include <string>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::jobs {

inline constexpr Duration node_lease = seconds(6);
inline constexpr Duration node_renewal = milliseconds(1500);

class Node {
 public:
  // `name` is the same for each start of the same server ("host:8080"): a new start takes over from the old
  // one at once.
  Node(db::Database& database, const Clock& clock, Uuid id, std::string name)
      : database_(database), clock_(clock), id_(id), name_(std::move(name)) {}

  // Registers the process and frees the jobs of its predecessor. With SQLite there can be no other process,
  // so all jobs are freed.
  Result<void> join();
  // Extends the lease, and frees the jobs of processes whose lease has run out; how many were freed.
  Result<std::int64_t> renew();
  // Gives everything back, at an orderly end.
  Result<void> leave();

  const Uuid& id() const { return id_; }
  // Whether the lease still holds. When it does not, this process must write nothing under it.
  bool is_alive() const { return to_microseconds(clock_.now()) < lease_until_.load(); }

 private:
  Result<std::int64_t> free_jobs_of_the_dead();

  db::Database& database_;
  const Clock& clock_;
  Uuid id_;
  std::string name_;
  std::atomic<std::int64_t> lease_until_{0};
};

}  // namespace trunkline::jobs
