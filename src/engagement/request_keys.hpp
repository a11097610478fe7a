// Idempotency-Keys of this API, kept as hashes: nothing about a person stays in them.
#pragma once

#include "db/set_wise.hpp"
#include "engagement/contact.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::engagement {

class RequestKey {
 public:
  // `purpose` keeps the keys of different operations apart.
  static RequestKey of(std::string_view purpose, std::string_view key, std::string_view request);

  struct Known {
    Uuid subject;
    std::string outcomes;
    Instant at{};
  };
  // What the key was used for; fails with key_reused when that was another request. Throws db::Failure.
  Result<std::optional<Known>> find(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                    Instant now) const;
  // The same for many of one account, in their places.
  static std::vector<Result<std::optional<Known>>> find_all(db::Transaction& transaction,
                                                            const tenancy::TenantScope& scope,
                                                            db::Engine engine,
                                                            std::span<const RequestKey* const> keys,
                                                            Instant now);
  void remember(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId contact,
                Uuid subject, std::string_view outcomes, Instant now) const;

  // Tells keys of one account apart.
  const std::string& hash() const { return key_hash_; }

 private:
  Result<std::optional<Known>> recall(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                      const db::Row& row, Instant now) const;

  std::string key_hash_;
  std::string request_hash_;
};

// Deletes keys that are older than their memory; how many. Suspends.
Result<std::int64_t> forget_old_keys(db::Database& database, Instant now);
// Deletes those of a contact's actions.
void erase_keys_of(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId contact);

}  // namespace trunkline::engagement
