// Work that comes back every so often: each period of a schedule makes one job, whichever process notices
// first and however the clocks jump, since the period itself is the key.
#pragma once

#include <vector>

#include "jobs/queue.hpp"

namespace trunkline::jobs {

class Scheduler {
 public:
  Scheduler(db::Database& database, Queue& queue, IdSource& ids, const Clock& clock)
      : database_(database), queue_(queue), ids_(ids), clock_(clock) {}

  // A job of that kind for each period that begins at a multiple of `every` since 1970; its payload is the
  // period's start in RFC 3339.
  void add(std::string kind, Duration every) { entries_.push_back({std::move(kind), every, Instant()}); }

  // Makes the jobs whose period has begun. Called about once a second. A period that passed while nothing ran
  // is made up for once, not for each that was missed. Suspends.
  Result<void> fire_due();

 private:
  struct Entry {
    std::string kind;
    Duration every;
    Instant fired_for;
  };
  db::Database& database_;
  Queue& queue_;
  IdSource& ids_;
  const Clock& clock_;
  std::vector<Entry> entries_;
};

}  // namespace trunkline::jobs
