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

// What was said in a call, oldest first: its spoken entries, as the database gave them.
class Transcript {
 public:
  struct Line {
    std::int64_t sequence;  // the entry's; those that were not spoken are left out
    std::string_view role;  // "agent" or "user"; like the text it is the transcript's own
    std::string_view text;
    Instant at;
  };

  class Iterator {
   public:
    Iterator(db::Rows::Iterator row, db::Rows::Iterator end) : row_(row), end_(end) { find_spoken(); }
    Line operator*() const {
      const db::Row row = *row_;
      return {.sequence = row.integer(0), .role = row.text(1), .text = row.text(2), .at = row.instant(3)};
    }
    Iterator& operator++() {
      ++row_;
      find_spoken();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    void find_spoken() {
      while (row_ != end_ && !is_spoken((*row_).text(1))) ++row_;
    }

    db::Rows::Iterator row_;
    db::Rows::Iterator end_;
  };

  Transcript() = default;
  // Of columns as in Line.
  explicit Transcript(db::Rows entries) : entries_(std::move(entries)) {}
  Iterator begin() const { return {entries_.begin(), entries_.end()}; }
  Iterator end() const { return {entries_.end(), entries_.end()}; }

 private:
  static bool is_spoken(std::string_view kind) {
    return kind == to_text(EntryKind::agent) || kind == to_text(EntryKind::user);
  }

  db::Rows entries_;
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
struct CallWithTranscript {
  Call call;
  Transcript transcript;
};
Result<CallWithTranscript> find_with_transcript(db::Database& database, const tenancy::TenantScope& scope,
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
