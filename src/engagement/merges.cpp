#include "engagement/merges.hpp"

#include <algorithm>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "engagement/contact_events.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement insert_merge{"contact_merges.insert", R"sql(
  INSERT INTO contact_merges (account_id, id, into_id, from_id, moved, filled, merged_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};
const Statement lock_merge{"contact_merges.lock", R"sql(
  SELECT into_id, from_id, moved, filled, merged_at, undone_at FROM contact_merges
  WHERE account_id = $1 AND id = $2 FOR UPDATE)sql"};
const Statement finish_merge{
    "contact_merges.undo",
    "UPDATE contact_merges SET undone_at = $3, filled = '{}' WHERE account_id = $1 AND id = $2"};
const Statement list_merges{"contact_merges.list", R"sql(
  SELECT m.id, m.into_id, m.from_id, i.customer_id, f.customer_id, m.merged_at, m.undone_at
  FROM contact_merges m
  JOIN contacts i ON i.account_id = m.account_id AND i.id = m.into_id
  JOIN contacts f ON f.account_id = m.account_id AND f.id = m.from_id
  WHERE m.account_id = $1 AND (m.into_id = $2 OR m.from_id = $2) ORDER BY m.id DESC LIMIT 200)sql"};
const Statement delete_merges{
    "contact_merges.delete",
    "DELETE FROM contact_merges WHERE account_id = $1 AND (into_id = $2 OR from_id = $2)"};

// What `into` takes over from `from`, and does.
json::Object fill(Contact& into, const Contact& from) {
  json::Object filled;
  const auto fill_text = [&](std::string_view name, std::string Contact::* member) {
    if (!(into.*member).empty() || (from.*member).empty()) return;
    into.*member = from.*member;
    filled.set(std::string(name), from.*member);
  };
  fill_text("name", &Contact::name);
  fill_text("email", &Contact::email);
  json::Object properties;
  for (const json::Member& member : from.properties) {
    if (into.properties.find(member.key) != nullptr) continue;
    json::Object together = into.properties;
    together.set(member.key, member.value);
    // What would go over the limits stays where it is, and shows when the merge is undone.
    if (!check_properties(together, "properties", error_codes::contact_invalid)) continue;
    into.properties = std::move(together);
    properties.set(member.key, member.value);
  }
  if (!properties.empty()) filled.set("properties", std::move(properties));
  return filled;
}

void unfill(Contact& into, const json::Value& filled) {
  const auto unfill_text = [&](std::string_view name, std::string Contact::* member) {
    const json::Value* text = filled.find(name);
    if (text != nullptr && text->as_text() != nullptr && *text->as_text() == into.*member)
      (into.*member).clear();
  };
  unfill_text("name", &Contact::name);
  unfill_text("email", &Contact::email);
  const json::Value* properties = filled.find("properties");
  if (properties == nullptr || properties->as_object() == nullptr) return;
  for (const json::Member& member : *properties->as_object()) {
    const json::Value* now = into.properties.find(member.key);
    if (now != nullptr && *now == member.value) into.properties.remove(member.key);
  }
}

std::vector<ContactId> read_ids(std::string_view text) {
  std::vector<ContactId> ids;
  const auto parsed = json::parse(text);
  if (!parsed || parsed->as_array() == nullptr) return ids;
  for (const json::Value& item : *parsed->as_array()) {
    const auto id = item.as_text() == nullptr ? std::nullopt : parse_uuid(*item.as_text());
    if (id) ids.push_back(ContactId(*id));
  }
  return ids;
}

}  // namespace

Result<Contact> Merges::lock_root(Transaction& transaction, const TenantScope& scope,
                                  std::string_view customer_id) {
  std::optional<Contact> contact = store::lock(transaction, scope, customer_id);
  if (contact && contact->merged_into) contact = store::lock(transaction, scope, *contact->merged_into);
  if (!contact) return no_such_contact(customer_id);
  return std::move(*contact);
}

void Merges::tell(Transaction& transaction, const TenantScope& scope, const webhooks::Target& target,
                  const Contact& contact, Instant now) {
  context_.messages.emit(transaction, scope, target, contact.id.uuid(), event_names::contact_updated,
                         contact_event(event_names::contact_updated, contact, now));
}

Result<Merge> Merges::merge(const TenantScope& scope, std::string_view into, std::string_view from) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  const MergeId id(context_.ids.next());
  return context_.database.transact(scope, [&](Transaction& transaction) -> Result<Merge> {
    Result<Contact> first = lock_root(transaction, scope, into);
    if (!first) return fail(std::move(first.error()));
    const Result<Contact> second = lock_root(transaction, scope, from);
    if (!second) return fail(second.error());
    if (first->id == second->id) return fail(error_codes::merge_refused, "The two are one contact already.");
    const Instant now = context_.clock.now();
    const Contact before = *first;
    const json::Object filled = fill(*first, *second);
    first->updated_at = now;
    store::update(transaction, scope, before, *first, now);
    json::Array moved;
    for (const Contact& part : store::lock_members(transaction, scope, second->id)) {
      store::set_merged_into(transaction, scope, part.id, first->id);
      moved.push_back(to_text(part.id.uuid()));
    }
    store::set_merged_into(transaction, scope, second->id, first->id);
    transaction.execute(insert_merge, {scope.account, id, first->id, second->id, json::write(moved),
                                       json::write(filled), now});
    tell(transaction, scope, *target, *first, now);
    return Merge{.id = id,
                 .into = first->id,
                 .from = second->id,
                 .into_customer_id = first->customer_id,
                 .from_customer_id = second->customer_id,
                 .merged_at = now};
  });
}

Result<Merge> Merges::undo(const TenantScope& scope, std::string_view customer_id, MergeId id) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  return context_.database.transact(scope, [&](Transaction& transaction) -> Result<Merge> {
    const db::Rows rows = transaction.query(lock_merge, {scope.account, id});
    const auto no_such_merge = [] {
      return fail(error_codes::merge_not_found, "There is no such merge of this customer.");
    };
    if (rows.empty()) return no_such_merge();
    const db::Row row = rows.front();
    std::optional<Contact> into = store::lock(transaction, scope, row.id<ContactId>(0));
    std::optional<Contact> from = store::lock(transaction, scope, row.id<ContactId>(1));
    if (!into || !from) return no_such_merge();
    if (into->customer_id != customer_id && from->customer_id != customer_id) return no_such_merge();
    Merge merge{.id = id,
                .into = into->id,
                .from = from->id,
                .into_customer_id = into->customer_id,
                .from_customer_id = from->customer_id,
                .merged_at = row.instant(4),
                .undone_at = row.optional_instant(5)};
    if (merge.undone_at) return merge;
    if (into->merged_into || from->merged_into != into->id) {
      return fail(error_codes::merge_refused,
                  "The customer was merged again since; undo the later merge first.");
    }
    const Instant now = context_.clock.now();
    const Contact before = *into;
    if (const auto filled = json::parse(row.text(3))) unfill(*into, *filled);
    into->updated_at = now;
    store::update(transaction, scope, before, *into, now);
    store::set_merged_into(transaction, scope, from->id, std::nullopt);
    for (const ContactId part : read_ids(row.text(2)))
      store::set_merged_into(transaction, scope, part, from->id);
    transaction.execute(finish_merge, {scope.account, id, now});
    tell(transaction, scope, *target, *into, now);
    tell(transaction, scope, *target, *from, now);
    merge.undone_at = now;
    return merge;
  });
}

Result<std::vector<Merge>> Merges::list(const TenantScope& scope, std::string_view customer_id) {
  const auto contact = store::find(context_.database, scope, customer_id);
  if (!contact) return fail(contact.error());
  if (!*contact) return no_such_contact(customer_id);
  const auto rows = context_.database.query(scope, list_merges, {scope.account, (*contact)->id});
  if (!rows) return fail(rows.error());
  std::vector<Merge> merges;
  for (const db::Row row : *rows) {
    merges.push_back({.id = row.id<MergeId>(0),
                      .into = row.id<ContactId>(1),
                      .from = row.id<ContactId>(2),
                      .into_customer_id = std::string(row.text(3)),
                      .from_customer_id = std::string(row.text(4)),
                      .merged_at = row.instant(5),
                      .undone_at = row.optional_instant(6)});
  }
  return merges;
}

void erase_merges_of(Transaction& transaction, const TenantScope& scope, ContactId contact) {
  transaction.execute(delete_merges, {scope.account, contact});
}

}  // namespace trunkline::engagement
