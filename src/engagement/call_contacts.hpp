// Calls make contacts: where a project wants it, a call with a number that nobody has creates the person, in
// the transaction that places the call.
#pragma once

#include <unordered_map>

#include "calls/calls.hpp"
#include "engagement/contacts.hpp"

namespace trunkline::engagement {

struct ProjectSettings {
  bool create_contacts = false;
};

class CallContacts final : public calls::PlacementObserver {
 public:
  CallContacts(ContactsContext context, Contacts& contacts) : context_(context), contacts_(contacts) {}

  Result<InTransaction> prepare(const tenancy::TenantScope& scope) override;

  // Of exactly the scope's project; nil: calls made with a key of the whole account. Suspends.
  Result<ProjectSettings> settings(const tenancy::TenantScope& scope);
  Result<void> set_settings(const tenancy::TenantScope& scope, const ProjectSettings& settings);

 private:
  void create_contact(db::Transaction& transaction, const tenancy::TenantScope& scope,
                      const webhooks::Target& target, const calls::Call& call);

  struct Remembered {
    ProjectSettings settings;
    Instant read_at;
  };
  ContactsContext context_;
  Contacts& contacts_;
  std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace trunkline::engagement
