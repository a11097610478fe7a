// The contacts' tables. Functions that take a Transaction throw db::Failure; the others return values.
#pragma once

#include <span>

#include "db/set_wise.hpp"
#include "engagement/contact.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::engagement::store {

// A number that is or was a person's.
struct OwnedPhone {
  std::string number;                 // E.164
  std::optional<Instant> until = {};  // when the person gave it up
};

Result<std::optional<Contact>> find(db::Database& database, const tenancy::TenantScope& scope,
                                    std::string_view customer_id);
Result<std::optional<Contact>> find(db::Database& database, const tenancy::TenantScope& scope, ContactId id);
// Newest first, merged ones left out. `email_key`, `phone` and the property choose the index; one at most.
Result<std::vector<Contact>> list(db::Database& database, const tenancy::TenantScope& scope, ContactId before,
                                  std::int64_t limit);
Result<std::vector<Contact>> list_by_email(db::Database& database, const tenancy::TenantScope& scope,
                                           std::string_view email_key, ContactId before, std::int64_t limit);
Result<std::vector<Contact>> list_by_phone(db::Database& database, const tenancy::TenantScope& scope,
                                           std::string_view phone, ContactId before, std::int64_t limit);
Result<std::vector<Contact>> list_by_property(db::Database& database, const tenancy::TenantScope& scope,
                                              std::string_view name, const json::Value& value,
                                              ContactId before, std::int64_t limit);
// The contact and those that were merged into it.
Result<std::vector<ContactId>> members(db::Database& database, const tenancy::TenantScope& scope,
                                       ContactId root);
Result<std::vector<OwnedPhone>> phones(db::Database& database, const tenancy::TenantScope& scope,
                                       ContactId id);

// Nobody else can change or delete it until the transaction ends (PostgreSQL).
std::optional<Contact> lock(db::Transaction& transaction, const tenancy::TenantScope& scope,
                            std::string_view customer_id);
std::optional<Contact> lock(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId id);
// The same, when only its id is wanted.
std::optional<ContactId> lock_id(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                 std::string_view customer_id);
// The ids of many, in the places of their customer ids; nothing for who is not there. Who is locked nobody
// else can lock, change or delete until the transaction ends; give them in order, so that two transactions
// cannot each wait for the other. Who is held nobody can delete, and others may hold them too.
using FoundIds = std::vector<std::optional<ContactId>>;
FoundIds lock_all(db::Transaction& transaction, const tenancy::TenantScope& scope, db::Engine engine,
                  std::span<const std::string_view> customer_ids);
FoundIds hold_all(db::Transaction& transaction, const tenancy::TenantScope& scope, db::Engine engine,
                  std::span<const std::string_view> customer_ids);
// Before anything else is locked by who will delete: waits until nobody holds any, and lets nobody hold until
// the transaction ends.
void wait_for_holders(db::Transaction& transaction, const tenancy::TenantScope& scope, db::Engine engine);
std::vector<Contact> lock_members(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                  ContactId root);
// A living contact that has the number now; nothing when nobody has.
std::optional<ContactId> owner_of(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                  std::string_view phone);

// False when the customer id is taken.
bool insert(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& contact);
// Writes what differs from `before`, its numbers and searchable properties too.
void update(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& before,
            const Contact& after, Instant now);
void set_merged_into(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId id,
                     const std::optional<ContactId>& root);
std::vector<OwnedPhone> phones(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId id);
// The contact, its numbers and its searchable properties.
void remove(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& contact);

}  // namespace trunkline::engagement::store
