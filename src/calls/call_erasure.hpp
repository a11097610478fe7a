// Takes the person out of calls and leaves what happened to the line and what it cost (control C17 of
// docs/security.md).
#pragma once

#include <vector>

#include "calls/call.hpp"
#include "db/database.hpp"

namespace trunkline::calls {

struct ErasedCalls {
  std::vector<CallId> erased;
  std::vector<CallId> running;  // still under way: to be erased once they have ended
  std::int64_t entries = 0;     // of transcripts
};

// All calls with the number that were made before `until`. Functions of this file throw db::Failure.
ErasedCalls erase_calls_of(db::Transaction& transaction, const tenancy::TenantScope& scope,
                           std::string_view number, Instant until, Instant now);

enum class ErasureOutcome : std::uint8_t { erased, running, already_erased };

// One call. `entries` grows by what was removed.
ErasureOutcome erase_call(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId call,
                          Instant now, std::int64_t& entries);

}  // namespace trunkline::calls
