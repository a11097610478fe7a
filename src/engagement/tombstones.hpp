// Who was erased, as keyed hashes of what names a person: enough to know them again when an import brings
// them, worthless to who has the database alone.
#pragma once

#include "engagement/contact_store.hpp"
#include "tenancy/keyring.hpp"

namespace trunkline::engagement {

struct Tombstone {
  Instant erased_at{};
  ReceiptId receipt;
};

class Tombstones {
 public:
  explicit Tombstones(const tenancy::Keyring& keyring) : keyring_(keyring) {}

  // The hash that stands for a customer id; of two accounts the same id has two.
  std::string subject(const tenancy::TenantScope& scope, std::string_view customer_id) const;

  void raise(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& contact,
             std::span<const std::string> numbers, const Tombstone& tombstone);
  // An explicit registration brings the person back.
  void lift(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& contact);
  // Whether the id, the e-mail address or the number was erased.
  bool stands(db::Transaction& transaction, const tenancy::TenantScope& scope, const Contact& contact) const;
  // Of the customer id alone.
  std::optional<Tombstone> find(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                std::string_view customer_id) const;

 private:
  std::string hash(const tenancy::TenantScope& scope, std::string_view kind, std::string_view text) const;

  const tenancy::Keyring& keyring_;
};

}  // namespace trunkline::engagement
