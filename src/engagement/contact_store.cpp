#include "engagement/contact_store.hpp"

#include "base/crypto/hash.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "engagement/input.hpp"

namespace trunkline::engagement::store {
namespace {

using db::Reach;
using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

#define CONTACT_COLUMNS                                                                                     \
  "c.id, c.customer_id, c.name, c.email, c.phone, c.phone_e164, c.properties, c.created_at, c.updated_at, " \
  "c.creation_hash, c.merged_into "

const Statement find_contact{"contacts.find",
                             "SELECT " CONTACT_COLUMNS
                             "FROM contacts c WHERE c.account_id = $1 AND c.customer_id = $2"};
const Statement find_contact_by_id{
    "contacts.find_by_id", "SELECT " CONTACT_COLUMNS "FROM contacts c WHERE c.account_id = $1 AND c.id = $2"};
const Statement lock_contact{"contacts.lock",
                             "SELECT " CONTACT_COLUMNS
                             "FROM contacts c WHERE c.account_id = $1 AND c.customer_id = $2 FOR UPDATE"};
const Statement lock_contact_by_id{"contacts.lock_by_id",
                                   "SELECT " CONTACT_COLUMNS
                                   "FROM contacts c WHERE c.account_id = $1 AND c.id = $2 FOR UPDATE"};
const Statement lock_contact_id{
    "contacts.lock_id", "SELECT id FROM contacts WHERE account_id = $1 AND customer_id = $2 FOR UPDATE"};
const Statement find_contact_id{"contacts.find_id",
                                "SELECT id FROM contacts WHERE account_id = $1 AND customer_id = $2"};
// Each by its unique key, in the order given: a join could read the whole account while PostgreSQL has no
// statistics of it yet, and lock in any order. A sub-select with a lock, or with OFFSET 0, stays one.
const Statement lock_contacts{"contacts.lock_all_postgresql", R"sql(
  SELECT g.place, c.id FROM unnest($2::text[]) WITH ORDINALITY AS g (customer_id, place)
  CROSS JOIN LATERAL (SELECT id FROM contacts WHERE account_id = $1 AND customer_id = g.customer_id
                      FOR NO KEY UPDATE) AS c)sql"};
const Statement find_contact_ids{"contacts.find_all_postgresql", R"sql(
  SELECT g.place, c.id FROM unnest($2::text[]) WITH ORDINALITY AS g (customer_id, place)
  CROSS JOIN LATERAL (SELECT id FROM contacts WHERE account_id = $1 AND customer_id = g.customer_id OFFSET 0) AS c)sql"};
// One lock for all of an account's people: a row's lock is written into the row, and a second holder's once
// more.
const Statement share_people{"contacts.share_postgresql",
                             "SELECT pg_advisory_xact_lock_shared(hashtextextended($1::uuid::text, 0))"};
const Statement own_people{"contacts.own_postgresql",
                           "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))"};
const Statement lock_merged{"contacts.lock_merged", "SELECT " CONTACT_COLUMNS R"sql(
  FROM contacts c WHERE c.account_id = $1 AND c.merged_into = $2 AND c.merged_into IS NOT NULL
  ORDER BY c.id FOR UPDATE)sql"};
const Statement find_merged{"contacts.merged", R"sql(
  SELECT id FROM contacts WHERE account_id = $1 AND merged_into = $2 AND merged_into IS NOT NULL ORDER BY id)sql"};
const Statement list_contacts{"contacts.list", "SELECT " CONTACT_COLUMNS R"sql(
  FROM contacts c WHERE c.account_id = $1 AND c.id < $2 AND c.merged_into IS NULL
  ORDER BY c.id DESC LIMIT $3)sql"};
const Statement list_contacts_by_email{"contacts.by_email", "SELECT " CONTACT_COLUMNS R"sql(
  FROM contacts c
  WHERE c.account_id = $1 AND c.email_key = $4 AND c.email_key <> '' AND c.id < $2 AND c.merged_into IS NULL
  ORDER BY c.id DESC LIMIT $3)sql"};
const Statement list_contacts_by_phone{"contacts.by_phone", "SELECT " CONTACT_COLUMNS R"sql(
  FROM contact_phones p JOIN contacts c ON c.account_id = p.account_id AND c.id = p.contact_id
  WHERE p.account_id = $1 AND p.phone = $4 AND p.until IS NULL AND p.contact_id < $2
  ORDER BY p.contact_id DESC LIMIT $3)sql"};
const Statement list_contacts_by_property{"contacts.by_property", "SELECT " CONTACT_COLUMNS R"sql(
  FROM contact_properties p JOIN contacts c ON c.account_id = p.account_id AND c.id = p.contact_id
  WHERE p.account_id = $1 AND p.name = $4 AND p.value_hash = $5 AND p.contact_id < $2
    AND c.merged_into IS NULL
  ORDER BY p.contact_id DESC LIMIT $3)sql"};
const Statement insert_contact{"contacts.insert", R"sql(
  INSERT INTO contacts (account_id, id, customer_id, name, email, email_key, phone, phone_e164, properties, created_at,
                        updated_at, creation_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING)sql"};
const Statement update_contact{"contacts.update", R"sql(
  UPDATE contacts SET name = $3, email = $4, email_key = $5, phone = $6, phone_e164 = $7, properties = $8,
         updated_at = $9
  WHERE account_id = $1 AND id = $2)sql"};
const Statement merge_contact{"contacts.set_merged_into",
                              "UPDATE contacts SET merged_into = $3 WHERE account_id = $1 AND id = $2"};
const Statement delete_contact{"contacts.delete", "DELETE FROM contacts WHERE account_id = $1 AND id = $2"};

const Statement insert_phone{"contact_phones.insert", R"sql(
  INSERT INTO contact_phones (account_id, phone, contact_id) VALUES ($1, $2, $3)
  ON CONFLICT (account_id, phone, contact_id) DO UPDATE SET until = NULL)sql"};
const Statement end_phone{"contact_phones.end", R"sql(
  UPDATE contact_phones SET until = $4 WHERE account_id = $1 AND phone = $2 AND contact_id = $3)sql"};
const Statement list_phones{"contact_phones.list", R"sql(
  SELECT phone, until FROM contact_phones WHERE account_id = $1 AND contact_id = $2 ORDER BY phone)sql"};
const Statement find_owner{"contact_phones.owner", R"sql(
  SELECT contact_id FROM contact_phones WHERE account_id = $1 AND phone = $2 AND until IS NULL
  ORDER BY contact_id LIMIT 1)sql"};
const Statement delete_phones{"contact_phones.delete",
                              "DELETE FROM contact_phones WHERE account_id = $1 AND contact_id = $2"};
const Statement insert_property{"contact_properties.insert", R"sql(
  INSERT INTO contact_properties (account_id, name, value_hash, contact_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING)sql"};
const Statement delete_property{"contact_properties.delete", R"sql(
  DELETE FROM contact_properties WHERE account_id = $1 AND name = $2 AND value_hash = $3 AND contact_id = $4)sql"};

Contact read_contact(const db::Row& row) {
  Contact contact{.id = row.id<ContactId>(0),
                  .customer_id = std::string(row.text(1)),
                  .name = std::string(row.text(2)),
                  .email = std::string(row.text(3)),
                  .phone = std::string(row.text(4)),
                  .phone_e164 = std::string(row.text(5)),
                  .created_at = row.instant(7),
                  .updated_at = row.instant(8),
                  .creation_hash = std::string(row.text(9)),
                  .merged_into = row.optional_id<ContactId>(10)};
  if (auto properties = json::parse(row.text(6)); properties && properties->as_object() != nullptr) {
    contact.properties = std::move(*properties->as_object());
  }
  return contact;
}

std::vector<Contact> read_contacts(const db::Rows& rows) {
  std::vector<Contact> contacts;
  contacts.reserve(rows.size());
  for (const db::Row row : rows) contacts.push_back(read_contact(row));
  return contacts;
}

Result<std::vector<Contact>> contacts_of(Result<db::Rows> rows) {
  if (!rows) return fail(std::move(rows.error()));
  return read_contacts(*rows);
}

std::optional<Contact> first(const db::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return read_contact(rows.front());
}

std::vector<OwnedPhone> read_phones(const db::Rows& rows) {
  std::vector<OwnedPhone> phones;
  for (const db::Row row : rows) {
    phones.push_back({.number = std::string(row.text(0)), .until = row.optional_instant(1)});
  }
  return phones;
}

// 16 bytes of SHA-256 are enough to tell values apart, and what is found is compared with the contact itself.
std::string value_hash(const json::Value& value) {
  const crypto::Sha256 hash = crypto::sha256(json::write(value));
  return std::string(ByteView(hash).as_text().substr(0, 16));
}

bool is_searchable(const json::Value& value) {
  return value.kind() == json::Kind::text || value.kind() == json::Kind::number ||
         value.kind() == json::Kind::boolean;
}

void index_properties(Transaction& transaction, const TenantScope& scope, ContactId id,
                      const json::Object& before, const json::Object& after) {
  for (const json::Member& member : before) {
    const json::Value* now = after.find(member.key);
    if (!is_searchable(member.value) || (now != nullptr && *now == member.value)) continue;
    const std::string hash = value_hash(member.value);
    transaction.execute(delete_property, {scope.account, member.key, db::Blob{hash}, id});
  }
  for (const json::Member& member : after) {
    const json::Value* was = before.find(member.key);
    if (!is_searchable(member.value) || (was != nullptr && *was == member.value)) continue;
    const std::string hash = value_hash(member.value);
    transaction.execute(insert_property, {scope.account, member.key, db::Blob{hash}, id});
  }
}

// The same for one customer and, on PostgreSQL, for many.
struct OneAndMany {
  const Statement& one;
  const Statement& many;
};

FoundIds find_all(Transaction& transaction, const TenantScope& scope,
                  std::span<const std::string_view> customer_ids, db::Engine engine,
                  const OneAndMany& statements) {
  FoundIds found(customer_ids.size());
  if (engine == db::Engine::postgresql && customer_ids.size() > 1) {
    db::PostgresArray ids(db::PostgresArray::Element::text, customer_ids.size());
    for (const std::string_view id : customer_ids) ids.add(id);
    for (const db::Row row : transaction.query(statements.many, {scope.account, ids})) {
      found[static_cast<std::size_t>(row.integer(0) - 1)] = row.id<ContactId>(1);
    }
    return found;
  }
  for (std::size_t i = 0; i < customer_ids.size(); ++i) {
    const db::Rows rows = transaction.query(statements.one, {scope.account, customer_ids[i]});
    if (!rows.empty()) found[i] = rows.front().id<ContactId>(0);
  }
  return found;
}

}  // namespace

Result<std::optional<Contact>> find(db::Database& database, const TenantScope& scope,
                                    std::string_view customer_id) {
  const auto rows = database.query(scope, find_contact, {scope.account, customer_id});
  if (!rows) return fail(rows.error());
  return first(*rows);
}

Result<std::optional<Contact>> find(db::Database& database, const TenantScope& scope, ContactId id) {
  const auto rows = database.query(scope, find_contact_by_id, {scope.account, id});
  if (!rows) return fail(rows.error());
  return first(*rows);
}

Result<std::vector<Contact>> list(db::Database& database, const TenantScope& scope, ContactId before,
                                  std::int64_t limit) {
  return contacts_of(database.query(scope, list_contacts, {scope.account, before, limit}));
}

Result<std::vector<Contact>> list_by_email(db::Database& database, const TenantScope& scope,
                                           std::string_view email_key, ContactId before, std::int64_t limit) {
  return contacts_of(
      database.query(scope, list_contacts_by_email, {scope.account, before, limit, email_key}));
}

Result<std::vector<Contact>> list_by_phone(db::Database& database, const TenantScope& scope,
                                           std::string_view phone, ContactId before, std::int64_t limit) {
  return contacts_of(database.query(scope, list_contacts_by_phone, {scope.account, before, limit, phone}));
}

Result<std::vector<Contact>> list_by_property(db::Database& database, const TenantScope& scope,
                                              std::string_view name, const json::Value& value,
                                              ContactId before, std::int64_t limit) {
  const std::string hash = value_hash(value);
  return contacts_of(
      database.query(scope, list_contacts_by_property, {scope.account, before, limit, name, db::Blob{hash}}));
}

Result<std::vector<ContactId>> members(db::Database& database, const TenantScope& scope, ContactId root) {
  const auto rows = database.query(scope, find_merged, {scope.account, root});
  if (!rows) return fail(rows.error());
  std::vector<ContactId> ids{root};
  for (const db::Row row : *rows) ids.push_back(row.id<ContactId>(0));
  return ids;
}

Result<std::vector<OwnedPhone>> phones(db::Database& database, const TenantScope& scope, ContactId id) {
  const auto rows = database.query(scope, list_phones, {scope.account, id});
  if (!rows) return fail(rows.error());
  return read_phones(*rows);
}

std::optional<Contact> lock(Transaction& transaction, const TenantScope& scope,
                            std::string_view customer_id) {
  return first(transaction.query(lock_contact, {scope.account, customer_id}));
}

std::optional<Contact> lock(Transaction& transaction, const TenantScope& scope, ContactId id) {
  return first(transaction.query(lock_contact_by_id, {scope.account, id}));
}

std::optional<ContactId> lock_id(Transaction& transaction, const TenantScope& scope,
                                 std::string_view customer_id) {
  const db::Rows rows = transaction.query(lock_contact_id, {scope.account, customer_id});
  if (rows.empty()) return std::nullopt;
  return rows.front().id<ContactId>(0);
}

FoundIds lock_all(Transaction& transaction, const TenantScope& scope, db::Engine engine,
                  std::span<const std::string_view> customer_ids) {
  return find_all(transaction, scope, customer_ids, engine, {lock_contact_id, lock_contacts});
}

FoundIds hold_all(Transaction& transaction, const TenantScope& scope, db::Engine engine,
                  std::span<const std::string_view> customer_ids) {
  if (customer_ids.empty()) return {};
  if (engine == db::Engine::postgresql) transaction.execute(share_people, {scope.account});
  return find_all(transaction, scope, customer_ids, engine, {find_contact_id, find_contact_ids});
}

void wait_for_holders(Transaction& transaction, const TenantScope& scope, db::Engine engine) {
  if (engine == db::Engine::postgresql) transaction.execute(own_people, {scope.account});
}

std::vector<Contact> lock_members(Transaction& transaction, const TenantScope& scope, ContactId root) {
  return read_contacts(transaction.query(lock_merged, {scope.account, root}));
}

std::optional<ContactId> owner_of(Transaction& transaction, const TenantScope& scope,
                                  std::string_view phone) {
  const db::Rows rows = transaction.query(find_owner, {scope.account, phone});
  if (rows.empty()) return std::nullopt;
  return rows.front().id<ContactId>(0);
}

bool insert(Transaction& transaction, const TenantScope& scope, const Contact& contact) {
  const auto inserted = transaction.execute_counted(
      insert_contact,
      {scope.account, contact.id, contact.customer_id, contact.name, contact.email, email_key(contact.email),
       contact.phone, contact.phone_e164, json::write(contact.properties), contact.created_at,
       contact.updated_at, db::Blob{contact.creation_hash}});
  if (inserted == 0) return false;
  if (!contact.phone_e164.empty())
    transaction.execute(insert_phone, {scope.account, contact.phone_e164, contact.id});
  index_properties(transaction, scope, contact.id, {}, contact.properties);
  return true;
}

void update(Transaction& transaction, const TenantScope& scope, const Contact& before, const Contact& after,
            Instant now) {
  transaction.execute(update_contact,
                      {scope.account, after.id, after.name, after.email, email_key(after.email), after.phone,
                       after.phone_e164, json::write(after.properties), after.updated_at});
  if (before.phone_e164 != after.phone_e164) {
    if (!before.phone_e164.empty())
      transaction.execute(end_phone, {scope.account, before.phone_e164, after.id, now});
    if (!after.phone_e164.empty())
      transaction.execute(insert_phone, {scope.account, after.phone_e164, after.id});
  }
  index_properties(transaction, scope, after.id, before.properties, after.properties);
}

void set_merged_into(Transaction& transaction, const TenantScope& scope, ContactId id,
                     const std::optional<ContactId>& root) {
  transaction.execute(merge_contact, {scope.account, id, root});
}

std::vector<OwnedPhone> phones(Transaction& transaction, const TenantScope& scope, ContactId id) {
  return read_phones(transaction.query(list_phones, {scope.account, id}));
}

void remove(Transaction& transaction, const TenantScope& scope, const Contact& contact) {
  transaction.execute(delete_phones, {scope.account, contact.id});
  index_properties(transaction, scope, contact.id, contact.properties, {});
  transaction.execute(delete_contact, {scope.account, contact.id});
}

}  // namespace trunkline::engagement::store
