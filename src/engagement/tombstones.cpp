#include "engagement/tombstones.hpp"

#include "engagement/input.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement raise_tombstone{"contact_tombstones.raise", R"sql(
  INSERT INTO contact_tombstones (account_id, subject, erased_at, receipt_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT (account_id, subject) DO UPDATE SET erased_at = excluded.erased_at, receipt_id = excluded.receipt_id)sql"};
// Three at once: a person has up to three names.
const Statement lift_tombstones{"contact_tombstones.lift", R"sql(
  DELETE FROM contact_tombstones WHERE account_id = $1 AND subject IN ($2, $3, $4))sql"};
const Statement find_tombstones{"contact_tombstones.find", R"sql(
  SELECT erased_at, receipt_id FROM contact_tombstones WHERE account_id = $1 AND subject IN ($2, $3, $4))sql"};

}  // namespace

std::string Tombstones::hash(const TenantScope& scope, std::string_view kind, std::string_view text) const {
  std::string named(kind);
  named += ' ';
  named += scope.account.uuid().as_text();
  named += text;
  return std::string(ByteView(keyring_.pseudonym(named)).as_text());
}

std::string Tombstones::subject(const TenantScope& scope, std::string_view customer_id) const {
  return hash(scope, "customer", customer_id);
}

void Tombstones::raise(Transaction& transaction, const TenantScope& scope, const Contact& contact,
                       std::span<const std::string> numbers, const Tombstone& tombstone) {
  std::vector<std::string> subjects{subject(scope, contact.customer_id)};
  if (!contact.email.empty()) subjects.push_back(hash(scope, "email", email_key(contact.email)));
  for (const std::string& number : numbers) subjects.push_back(hash(scope, "phone", number));
  for (const std::string& each : subjects) {
    transaction.execute(raise_tombstone,
                        {scope.account, db::Blob{each}, tombstone.erased_at, tombstone.receipt});
  }
}

void Tombstones::lift(Transaction& transaction, const TenantScope& scope, const Contact& contact) {
  const std::string id = subject(scope, contact.customer_id);
  const std::string email = contact.email.empty() ? id : hash(scope, "email", email_key(contact.email));
  const std::string phone = contact.phone_e164.empty() ? id : hash(scope, "phone", contact.phone_e164);
  transaction.execute(lift_tombstones, {scope.account, db::Blob{id}, db::Blob{email}, db::Blob{phone}});
}

bool Tombstones::stands(Transaction& transaction, const TenantScope& scope, const Contact& contact) const {
  const std::string id = subject(scope, contact.customer_id);
  const std::string email = contact.email.empty() ? id : hash(scope, "email", email_key(contact.email));
  const std::string phone = contact.phone_e164.empty() ? id : hash(scope, "phone", contact.phone_e164);
  return !transaction.query(find_tombstones, {scope.account, db::Blob{id}, db::Blob{email}, db::Blob{phone}})
              .empty();
}

std::optional<Tombstone> Tombstones::find(Transaction& transaction, const TenantScope& scope,
                                          std::string_view customer_id) const {
  const std::string id = subject(scope, customer_id);
  const db::Rows rows =
      transaction.query(find_tombstones, {scope.account, db::Blob{id}, db::Blob{id}, db::Blob{id}});
  if (rows.empty()) return std::nullopt;
  return Tombstone{.erased_at = rows.front().instant(0), .receipt = rows.front().id<ReceiptId>(1)};
}

}  // namespace trunkline::engagement
