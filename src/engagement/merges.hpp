// Two contacts that are one person. The second becomes part of the first: it keeps its id, its actions and
// its numbers, and everything shows at the first. So a merge moves no rows and can be undone without a trace.
#pragma once

#include "engagement/contacts.hpp"

namespace trunkline::engagement {

struct Merge {
  MergeId id;
  ContactId into;
  ContactId from;
  std::string into_customer_id;
  std::string from_customer_id;
  Instant merged_at{};
  std::optional<Instant> undone_at = {};
};

class Merges {
 public:
  explicit Merges(ContactsContext context) : context_(context) {}

  // Makes `from` part of `into`, which takes over what it does not know itself. Fails with contact_not_found,
  // or merge_refused when they are one already. Suspends.
  Result<Merge> merge(const tenancy::TenantScope& scope, std::string_view into, std::string_view from);

  // They are two again; what the first had taken over goes, unless it was changed since. May be repeated.
  // Fails with merge_not_found, or merge_refused when a later merge must be undone first. Suspends.
  Result<Merge> undo(const tenancy::TenantScope& scope, std::string_view customer_id, MergeId id);

  // Latest first. Suspends.
  Result<std::vector<Merge>> list(const tenancy::TenantScope& scope, std::string_view customer_id);

 private:
  void tell(db::Transaction& transaction, const tenancy::TenantScope& scope, const webhooks::Target& target,
            const Contact& contact, Instant now);
  Result<Contact> lock_root(db::Transaction& transaction, const tenancy::TenantScope& scope,
                            std::string_view customer_id);

  ContactsContext context_;
};

// Forgets the merges that the contact took part in. Throws db::Failure.
void erase_merges_of(db::Transaction& transaction, const tenancy::TenantScope& scope, ContactId contact);

}  // namespace trunkline::engagement
