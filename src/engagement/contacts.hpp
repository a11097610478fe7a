// Contacts as an account uses them: register, update, find, search (contracts/engagement-api.md, sections 2,
// 3 and 9).
#pragma once

#include "engagement/contact_store.hpp"
#include "engagement/input.hpp"
#include "engagement/reply_memory.hpp"
#include "engagement/tombstones.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::engagement {

struct Registered {
  std::string customer_id;
  Instant at{};  // created, or updated
  bool created = false;
  bool replayed = false;  // an earlier, equal request had done it
  OwedReplyGuard reply = {};
};

// Which contacts to list. Several conditions must all hold.
struct ContactFilter {
  std::string customer_id = {};
  std::string email = {};
  std::string phone = {};                                            // any spelling
  std::optional<std::pair<std::string, json::Value>> property = {};  // name and value
  std::optional<ContactId> before = {};                              // made before this one
  std::int64_t limit = 50;
};

struct ContactPage {
  std::vector<Contact> contacts;       // newest first
  std::optional<ContactId> next = {};  // where the next page begins
};

struct ContactsContext {
  db::Database& database;
  webhooks::Messages& messages;
  tenancy::Keyring& keyring;
  ReplyMemory& replies;
  IdSource& ids;
  const Clock& clock;
};

class Contacts {
 public:
  explicit Contacts(ContactsContext context) : context_(context), tombstones_(context.keyring) {}

  // Fails with contact_exists, unless the same request made it a moment ago; then that answer again.
  // Suspends, as all of these do. `request` is the body, by which repetitions are known.
  Result<Registered> add(const tenancy::TenantScope& scope, const ContactInput& input,
                         std::string_view request);
  // Makes it or merges into what is there. Of several at once exactly one says `created`.
  Result<Registered> put(const tenancy::TenantScope& scope, const ContactInput& input,
                         std::string_view request, const Asking& asking);

  // The contact, or the one that it was merged into. Fails with contact_not_found.
  Result<Contact> find(const tenancy::TenantScope& scope, std::string_view customer_id);
  Result<ContactPage> list(const tenancy::TenantScope& scope, const ContactFilter& filter);

  // For batches and imports: one contact in the caller's transaction. Does not bring an erased person back:
  // fails with contact_erased.
  Result<Registered> put_in(db::Transaction& transaction, const tenancy::TenantScope& scope,
                            const webhooks::Target& target, const ContactInput& input, Instant now);

  Tombstones& tombstones() { return tombstones_; }

 private:
  Contact draft(const ContactInput& input, std::string hash, Instant now) const;
  bool insert(db::Transaction& transaction, const tenancy::TenantScope& scope, const webhooks::Target& target,
              const Contact& contact);
  Result<Registered> change(db::Transaction& transaction, const tenancy::TenantScope& scope,
                            const webhooks::Target& target, const Contact& found, const ContactInput& input,
                            Instant now);
  bool is_repetition(const Contact& found, std::string_view hash, const Asking& asking) const;
  bool matches(const Contact& contact, const ContactFilter& filter) const;
  Result<std::vector<Contact>> candidates(const tenancy::TenantScope& scope, const ContactFilter& filter,
                                          ContactId before, std::int64_t limit);

  ContactsContext context_;
  Tombstones tombstones_;
};

std::unexpected<Error> no_such_contact(std::string_view customer_id);

}  // namespace trunkline::engagement
