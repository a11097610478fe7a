// A job: something that must be done after a commit, and is done at least once, however often the process
// dies.
#pragma once

#include <any>
#include <string>

#include "base/error.hpp"
#include "base/id.hpp"

namespace trunkline::jobs {

// What overload sheds last comes first.
enum class JobPriority : std::uint8_t { live_call = 0, normal = 1, background = 2 };

struct NewJob {
  AccountId account;      // nil for work that belongs to no tenant
  Uuid id;                // often the id of what it is about
  std::string_view kind;  // "webhook.deliver"
  std::string payload = {};
  std::string unique_key = {};  // "": none
  std::string order_key = {};
  std::string group_key = {};
  JobPriority priority = JobPriority::normal;
  Instant run_at = {};  // in the past: at once
  std::any handover = {};
};

struct Job {
  AccountId account;
  Uuid id;
  std::string kind;
  std::string payload;
  std::string order_key;
  std::string group_key;
  std::int64_t attempts = 0;  // that failed before this one
  std::int64_t fence = 0;
  bool fresh = false;  // handed over by the transaction that made it, not claimed from the database
  // Only when it is fresh: the job right before it in its order, when one was open as this one was made and
  // nobody is sure to wait for it.
  std::optional<Uuid> elder = {};
  // What whoever made it gave along, so that the handler need not read it. Only in the process that made it,
  // and not always: the handler finds all it needs in the database too, and there as it is now.
  std::any handover = {};
};

// What a handler says about its job when it returns.
class Outcome {
 public:
  enum class Kind : std::uint8_t { done, finished, detached, retry, park };

  // Done: delete the job.
  static Outcome done() { return Outcome(Kind::done); }
  // Done, and the handler's own transaction has deleted the job already (Queue::finish).
  static Outcome finished() { return Outcome(Kind::finished); }
  // It goes on without a fiber; Runner::release ends it.
  static Outcome detached() { return Outcome(Kind::detached); }
  // It failed: again at that time.
  static Outcome retry(Error error, Instant at) { return Outcome(Kind::retry, std::move(error), at); }
  // It failed and will go on failing: keep it for an operator.
  static Outcome park(Error error) { return Outcome(Kind::park, std::move(error)); }

  Kind kind() const { return kind_; }
  const std::optional<Error>& error() const { return error_; }
  Instant retry_at() const { return retry_at_; }

 private:
  explicit Outcome(Kind kind, std::optional<Error> error = {}, Instant retry_at = {})
      : kind_(kind), error_(std::move(error)), retry_at_(retry_at) {}
  Kind kind_;
  std::optional<Error> error_;
  Instant retry_at_;
};

namespace error_codes {
// Somebody else holds the job now: what was written under the old lease is undone.
inline constexpr ErrorCode lease_lost{"job_lease_lost", ErrorKind::conflict};
inline constexpr ErrorCode kind_unknown{"job_kind_unknown", ErrorKind::internal};
inline constexpr ErrorCode job_not_found{"job_not_found", ErrorKind::not_found};
}  // namespace error_codes

}  // namespace trunkline::jobs
