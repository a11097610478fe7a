// The actions' tables: what people did, how often, and whose reply is still owed.
#pragma once

#include <span>

#include "db/database.hpp"
#include "engagement/contact.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::engagement::store {

// Days since 1970-01-01, UTC.
std::int64_t day_of(Instant at);

// Where the reading of a person's actions goes on: those before this one. The default is their end.
struct ActionPosition {
  Instant occurred_at = Instant::max();
  ActionId id = ActionId(Uuid());
};

// How many actions of a name there were on a day.
struct ActionCount {
  std::int64_t day = 0;
  std::string name;
  std::int64_t count = 0;
};

struct OwedReply {
  ActionId action;
  Instant recorded_at{};
};

// Latest first.
Result<std::vector<Action>> list_actions(db::Database& database, const tenancy::TenantScope& scope,
                                         ContactId contact, const ActionPosition& before, std::int64_t limit);
// By day and name; `name` "" means all.
Result<std::vector<ActionCount>> counts(db::Database& database, const tenancy::TenantScope& scope,
                                        std::int64_t first_day, std::int64_t last_day, std::string_view name,
                                        std::int64_t limit);

// The actions, and their part of the counts.
void insert_actions(db::Transaction& transaction, const tenancy::TenantScope& scope, Uuid recorded_by,
                    std::span<const Action> actions);
// Of the contact, with exactly this time, recorded since then by that key.
std::vector<Action> recorded_at_moment(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                       ContactId contact, Instant occurred_at, Instant recorded_since,
                                       Uuid recorded_by);
// All of a contact's actions go, and what they counted; how many.
std::int64_t erase_actions(db::Transaction& transaction, const tenancy::TenantScope& scope,
                           ContactId contact);

void insert_owed(db::Transaction& transaction, const tenancy::TenantScope& scope, const Action& action,
                 std::string_view fingerprint);
std::vector<OwedReply> owed(db::Transaction& transaction, const tenancy::TenantScope& scope,
                            ContactId contact, std::string_view fingerprint, Instant recorded_since);
void delete_owed(db::Transaction& transaction, AccountId account, ContactId contact,
                 std::string_view fingerprint, ActionId action);

}  // namespace trunkline::engagement::store
