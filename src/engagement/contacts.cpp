#include "engagement/contacts.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/json/write.hpp"
#include "engagement/contact_events.hpp"

namespace trunkline::engagement {
namespace {

using db::Transaction;
using tenancy::TenantScope;

std::string hash_of(std::string_view method, std::string_view request) {
  std::string text(method);
  text += '\n';
  text += request;
  return std::string(ByteView(crypto::sha256(text)).as_text());
}

// A null takes the property away; only the top level is merged.
void merge_properties(json::Object& into, const json::Object& from) {
  for (const json::Member& member : from) {
    if (member.value.is_null()) {
      into.remove(member.key);
    } else {
      into.set(member.key, member.value);
    }
  }
}

Result<void> apply(Contact& contact, const ContactInput& input) {
  if (input.name) contact.name = *input.name;
  if (input.email) contact.email = *input.email;
  if (input.phone) {
    contact.phone = *input.phone;
    contact.phone_e164 = normalise_phone(*input.phone);
  }
  if (!input.properties) return {};
  merge_properties(contact.properties, *input.properties->as_object());
  return check_properties(contact.properties, "properties", error_codes::contact_invalid);
}

bool same(const Contact& left, const Contact& right) {
  return left.name == right.name && left.email == right.email && left.phone == right.phone &&
         left.properties == right.properties;
}

}  // namespace

std::unexpected<Error> no_such_contact(std::string_view customer_id) {
  return fail(error_codes::contact_not_found, fmt::format("There is no customer '{}'.", customer_id));
}

Contact Contacts::draft(const ContactInput& input, std::string hash, Instant now) const {
  Contact contact{.id = ContactId(context_.ids.next()),
                  .customer_id = input.customer_id,
                  .created_at = now,
                  .updated_at = now,
                  .creation_hash = std::move(hash)};
  // A fresh contact cannot have too much: the input was checked.
  static_cast<void>(apply(contact, input));
  return contact;
}

// False when another has just taken the id.
bool Contacts::insert(Transaction& transaction, const TenantScope& scope, const webhooks::Target& target,
                      const Contact& contact) {
  if (!store::insert(transaction, scope, contact)) return false;
  context_.messages.emit(transaction, scope, target, contact.id.uuid(), event_names::contact_created,
                         contact_event(event_names::contact_created, contact, contact.created_at));
  return true;
}

Result<Registered> Contacts::change(Transaction& transaction, const TenantScope& scope,
                                    const webhooks::Target& target, const Contact& found,
                                    const ContactInput& input, Instant now) {
  // What a merged id is told goes to the person it is part of.
  std::optional<Contact> root;
  if (found.merged_into) root = store::lock(transaction, scope, *found.merged_into);
  const Contact& before = root ? *root : found;
  Contact after = before;
  if (const auto applied = apply(after, input); !applied) return fail(applied.error());
  after.updated_at = std::max(now, before.updated_at);
  store::update(transaction, scope, before, after, now);
  if (!same(before, after)) {
    context_.messages.emit(transaction, scope, target, after.id.uuid(), event_names::contact_updated,
                           contact_event(event_names::contact_updated, after, after.updated_at));
  }
  return Registered{.customer_id = input.customer_id, .at = after.updated_at};
}

// Whether the request is the one that made the contact, sent again (contracts/engagement-api.md, section 6).
// Two clients that send the same at once are no repetition: exactly one of them made it (section 9). What
// tells them apart: who repeats a request has lost the first reply, or has had it on this very connection, or
// begins at least a second after the first.
bool Contacts::is_repetition(const Contact& found, std::string_view hash, const Asking& asking) const {
  if (found.creation_hash != hash || context_.clock.now() - found.created_at >= replay_window) return false;
  const ReplyMemory::State first = context_.replies.state(found.id.uuid());
  if (first.standing == ReplyStanding::undelivered) return true;
  const bool same_connection = asking.connection != 0 && asking.connection == first.connection;
  return same_connection || asking.received_at - found.created_at >= soonest_repeat;
}

Result<Registered> Contacts::add(const TenantScope& scope, const ContactInput& input,
                                 std::string_view request) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  const Contact fresh = draft(input, hash_of("POST", request), context_.clock.now());
  context_.replies.begin(fresh.id.uuid());
  Result<Registered> added =
      context_.database.transact(scope, [&](Transaction& transaction) -> Result<Registered> {
        std::optional<Contact> found = store::lock(transaction, scope, input.customer_id);
        if (!found && insert(transaction, scope, *target, fresh)) {
          tombstones_.lift(transaction, scope, fresh);
          return Registered{.customer_id = input.customer_id, .at = fresh.created_at, .created = true};
        }
        if (!found) found = store::lock(transaction, scope, input.customer_id);
        if (found && found->creation_hash == fresh.creation_hash &&
            context_.clock.now() - found->created_at < replay_window) {
          return Registered{
              .customer_id = input.customer_id, .at = found->created_at, .created = true, .replayed = true};
        }
        return fail(error_codes::contact_exists,
                    fmt::format("customer_id: there is a customer '{}' already; PUT /customers changes it.",
                                input.customer_id));
      });
  if (!added || added->replayed) {
    context_.replies.abandon(fresh.id.uuid());
  } else {
    added->reply = OwedReplyGuard(context_.replies, fresh.id.uuid());
  }
  return added;
}

Result<Registered> Contacts::put(const TenantScope& scope, const ContactInput& input,
                                 std::string_view request, const Asking& asking) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  const Contact fresh = draft(input, hash_of("PUT", request), context_.clock.now());
  context_.replies.begin(fresh.id.uuid(), asking.connection);
  Result<Registered> put =
      context_.database.transact(scope, [&](Transaction& transaction) -> Result<Registered> {
        std::optional<Contact> found = store::lock(transaction, scope, input.customer_id);
        if (!found && insert(transaction, scope, *target, fresh)) {
          tombstones_.lift(transaction, scope, fresh);
          return Registered{.customer_id = input.customer_id, .at = fresh.created_at, .created = true};
        }
        if (!found) found = store::lock(transaction, scope, input.customer_id);
        // Deleted between the two looks: the client's next try makes it.
        if (!found) return fail(db::error_codes::unavailable, "The customer was changed at once; try again.");
        Result<Registered> changed = change(transaction, scope, *target, *found, input, context_.clock.now());
        if (changed && is_repetition(*found, fresh.creation_hash, asking)) {
          changed->at = found->created_at;
          changed->created = true;
          changed->replayed = true;
        }
        return changed;
      });
  if (put && put->created && !put->replayed) {
    put->reply = OwedReplyGuard(context_.replies, fresh.id.uuid());
  } else {
    context_.replies.abandon(fresh.id.uuid());
  }
  return put;
}

Result<Registered> Contacts::put_in(Transaction& transaction, const TenantScope& scope,
                                    const webhooks::Target& target, const ContactInput& input, Instant now) {
  std::optional<Contact> found = store::lock(transaction, scope, input.customer_id);
  if (found) return change(transaction, scope, target, *found, input, now);
  const Contact fresh = draft(input, "", now);
  if (tombstones_.stands(transaction, scope, fresh)) {
    return fail(error_codes::contact_erased,
                "The person was erased; only POST or PUT /customers brings them back.");
  }
  if (insert(transaction, scope, target, fresh))
    return Registered{.customer_id = input.customer_id, .at = now, .created = true};
  found = store::lock(transaction, scope, input.customer_id);
  if (!found) return no_such_contact(input.customer_id);
  return change(transaction, scope, target, *found, input, now);
}

Result<Contact> Contacts::find(const TenantScope& scope, std::string_view customer_id) {
  auto found = store::find(context_.database, scope, customer_id);
  if (!found) return fail(std::move(found.error()));
  if (*found && (*found)->merged_into) {
    found = store::find(context_.database, scope, *(*found)->merged_into);
    if (!found) return fail(std::move(found.error()));
  }
  if (!*found) return no_such_contact(customer_id);
  return std::move(**found);
}

bool Contacts::matches(const Contact& contact, const ContactFilter& filter) const {
  if (!filter.customer_id.empty() && contact.customer_id != filter.customer_id) return false;
  if (!filter.email.empty() && email_key(contact.email) != email_key(filter.email)) return false;
  if (filter.property) {
    const json::Value* value = contact.properties.find(filter.property->first);
    if (value == nullptr || *value != filter.property->second) return false;
  }
  return true;
}

// By the condition that leaves the fewest.
Result<std::vector<Contact>> Contacts::candidates(const TenantScope& scope, const ContactFilter& filter,
                                                  ContactId before, std::int64_t limit) {
  if (!filter.phone.empty()) {
    const std::string number = normalise_phone(filter.phone);
    if (number.empty()) return std::vector<Contact>();
    return store::list_by_phone(context_.database, scope, number, before, limit);
  }
  if (!filter.email.empty())
    return store::list_by_email(context_.database, scope, email_key(filter.email), before, limit);
  if (filter.property) {
    return store::list_by_property(context_.database, scope, filter.property->first, filter.property->second,
                                   before, limit);
  }
  return store::list(context_.database, scope, before, limit);
}

Result<ContactPage> Contacts::list(const TenantScope& scope, const ContactFilter& filter) {
  ContactPage page;
  if (!filter.customer_id.empty()) {
    auto found = store::find(context_.database, scope, filter.customer_id);
    if (!found) return fail(found.error());
    if (*found && matches(**found, filter)) page.contacts.push_back(std::move(**found));
    return page;
  }
  Uuid::Bytes last{};
  last.fill(0xff);
  ContactId before = filter.before.value_or(ContactId(Uuid(last)));
  while (true) {
    // One more than wanted tells whether there is a next page.
    auto found = candidates(scope, filter, before, filter.limit + 1);
    if (!found) return fail(std::move(found.error()));
    const bool end = static_cast<std::int64_t>(found->size()) <= filter.limit;
    for (Contact& contact : *found) {
      before = contact.id;
      if (contact.merged_into) {
        auto root = store::find(context_.database, scope, *contact.merged_into);
        if (!root) return fail(std::move(root.error()));
        if (!*root) continue;
        contact = std::move(**root);
      }
      const bool listed = std::ranges::find(page.contacts, contact.id, &Contact::id) != page.contacts.end();
      if (listed || !matches(contact, filter)) continue;
      if (static_cast<std::int64_t>(page.contacts.size()) == filter.limit) {
        page.next = page.contacts.back().id;
        return page;
      }
      page.contacts.push_back(std::move(contact));
    }
    if (end) return page;
  }
}

}  // namespace trunkline::engagement
