// Actions as they are recorded one by one, and counted (contracts/engagement-api.md, sections 4 and 9).
#pragma once

#include <map>

#include "db/group_writer.hpp"
#include "engagement/action_store.hpp"
#include "engagement/input.hpp"
#include "engagement/reply_memory.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::engagement {

struct Recorded {
  ActionId id;
  Instant recorded_at{};
  bool replayed = false;
  OwedReplyGuard reply = {};
};

// An action on its way.
struct ActionAttempt;
// On PostgreSQL actions of one account that come while others are being committed are committed together; on
// SQLite its writer does that. One a process.
using ActionGroups = db::GroupWriter<ActionAttempt>;

struct ActionsContext {
  db::Database& database;
  ActionGroups& groups;
  webhooks::Messages& messages;
  ReplyMemory& replies;
  IdSource& ids;
  const Clock& clock;
};

// One a loop.
class Actions {
 public:
  explicit Actions(ActionsContext context);

  // Durable when it returns. A repetition gives the first answer: by its Idempotency-Key (`key`, "" for
  // none), or by its own time, or because the first reply did not arrive. Fails with contact_not_found, or
  // key_reused when the key came with another body. Suspends.
  Result<Recorded> record(const tenancy::TenantScope& scope, const ActionInput& input, const Asking& asking,
                          std::string_view key, std::string_view request);

  // From the first to the last day, both counted.
  Result<std::vector<store::ActionCount>> counts(const tenancy::TenantScope& scope, Instant first,
                                                 Instant last, std::string_view name);

 private:
  using Attempt = ActionAttempt;
  using Group = std::span<Attempt* const>;
  // Nothing: the reply to an equal action is still being written; look again shortly.
  Result<std::optional<Recorded>> try_to_record(Attempt& attempt);
  // Leaves in each what came of it.
  void commit(AccountId account, Group group);
  using Targets = std::map<ProjectId, webhooks::Target>;
  Result<void> find_targets(Group group, Targets& targets);
  void record_in(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group);
  static void hold_back_equal(Group group);
  void recall_by_key(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group) const;
  void lock_contacts(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group) const;
  void recall_by_time(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group) const;
  void recall_owed(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group);
  void write(db::Transaction& transaction, const tenancy::TenantScope& scope, Group group);
  enum class Repeats : std::uint8_t { no, yes, unclear };
  Repeats repeats(const store::OwedReply& owed) const;

  ActionsContext context_;
  db::Engine engine_;
  ActionGroups::Commit commit_group_;
};

inline constexpr std::int64_t counts_max = 10'000;

}  // namespace trunkline::engagement
