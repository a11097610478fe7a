// The calls' tables. Functions that take a Transaction throw db::Failure; the others return values.
#pragma once

#include "calls/call.hpp"
#include "db/database.hpp"

namespace trunkline::calls {

// A page of calls, newest first.
struct CallFilter {
  std::optional<Status> status = {};
  std::optional<Instant> since = {};  // created at or after
  std::optional<Instant> until = {};  // created before
  std::int64_t limit = 50;
  std::int64_t offset = 0;
};

struct CallPage {
  std::vector<Call> calls;
  std::int64_t total = 0;  // of all that match, not of the page
};

// A call that may have to be ended because its carrier went silent.
struct OverdueCall {
  AccountId account;
  CallId id;
};

namespace store {

Result<Call> find(db::Database& database, const tenancy::TenantScope& scope, CallId id);
struct CallWithEntries {
  Call call;
  std::vector<Entry> entries;
};
Result<CallWithEntries> find_with_entries(db::Database& database, const tenancy::TenantScope& scope,
                                          CallId id);
Result<CallPage> list(db::Database& database, const tenancy::TenantScope& scope, const CallFilter& filter);
// Calls with that number at the other end, newest first: those before the given one (by id), made before
// `until`.
Result<std::vector<Call>> of_number(db::Database& database, const tenancy::TenantScope& scope,
                                    std::string_view number, CallId before, Instant until,
                                    std::int64_t limit);
Result<std::vector<ToolUse>> tool_uses(db::Database& database, const tenancy::TenantScope& scope, CallId id);
Result<std::vector<OverdueCall>> overdue(db::Database& database, Instant now, std::int64_t limit);
// How many calls are in each status that is not terminal.
Result<std::vector<std::pair<Status, std::int64_t>>> live_counts(db::Database& database);

void insert(db::Transaction& transaction, const tenancy::TenantScope& scope, const Call& call);
// Reads the call for a change, unless its person was erased; on PostgreSQL nobody else can change it until
// the transaction ends.
std::optional<Call> lock(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId id);
// Writes all that can change in a call.
void update(db::Transaction& transaction, const tenancy::TenantScope& scope, const Call& call);
// Appends to the conversation, as the entry after `call.entries`, which it counts up.
Entry append(db::Transaction& transaction, const tenancy::TenantScope& scope, Call& call, EntryKind kind,
             std::string text, Instant at, bool hangs_up = false);
void set_summary(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId id,
                 std::string_view summary);
void add_usage(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId id,
               std::string_view fallbacks, std::int64_t prompt_tokens, std::int64_t completion_tokens);

void insert_tool_use(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId call,
                     const ToolUse& use);
void finish_tool_use(db::Transaction& transaction, const tenancy::TenantScope& scope, CallId call,
                     const ToolUse& use);

}  // namespace store

}  // namespace trunkline::calls
