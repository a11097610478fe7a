// The actions' tables: what people did, and how often.
#pragma once

#include <span>

#include "db/set_wise.hpp"
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

struct NewAction {
  Action action;
  Uuid recorded_by;  // the API key
};

// A moment at which an equal action may have been recorded before.
struct Moment {
  ContactId contact;
  Uuid recorded_by;
  Instant occurred_at;
  std::string_view name;
  // Of the action's value. Nothing when it holds objects: their members may stand in another order.
  std::optional<std::optional<std::string>> value_text = {};
};

// Latest first.
Result<std::vector<Action>> list_actions(db::Database& database, const tenancy::TenantScope& scope,
                                         ContactId contact, const ActionPosition& before, std::int64_t limit);
// By day and name; `name` "" means all.
Result<std::vector<ActionCount>> counts(db::Database& database, const tenancy::TenantScope& scope,
                                        std::int64_t first_day, std::int64_t last_day, std::string_view name,
                                        std::int64_t limit);

// The actions, and their part of the counts.
void insert_actions(db::Transaction& transaction, const tenancy::TenantScope& scope, db::Engine engine,
                    std::span<const NewAction> actions);
// For each moment the actions of that contact and name with exactly this time, recorded since then by that
// key. Those with another value may be left out.
std::vector<std::vector<Action>> recorded_at(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                             db::Engine engine, std::span<const Moment> moments,
                                             Instant recorded_since);
// All of a contact's actions go, and what they counted; how many.
std::int64_t erase_actions(db::Transaction& transaction, const tenancy::TenantScope& scope,
                           ContactId contact);

}  // namespace trunkline::engagement::store
