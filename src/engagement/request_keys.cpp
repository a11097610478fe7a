#include "engagement/request_keys.hpp"

#include "base/crypto/hash.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement find_key{"engagement_keys.find", R"sql(
  SELECT request_hash, subject_id, outcomes, created_at FROM engagement_keys
  WHERE account_id = $1 AND key_hash = $2 FOR UPDATE)sql"};
const Statement insert_key{"engagement_keys.insert", R"sql(
  INSERT INTO engagement_keys (account_id, key_hash, request_hash, contact_id, subject_id, outcomes, created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};
const Statement delete_key{"engagement_keys.delete",
                           "DELETE FROM engagement_keys WHERE account_id = $1 AND key_hash = $2"};
const Statement delete_keys_of{"engagement_keys.delete_of_contact",
                               "DELETE FROM engagement_keys WHERE account_id = $1 AND contact_id = $2"};
const Statement forget_keys{"engagement_keys.forget", "DELETE FROM engagement_keys WHERE created_at < $1"};

std::string hash_of(std::string_view first, std::string_view second) {
  std::string text(first);
  text += '\n';
  text += second;
  return std::string(ByteView(crypto::sha256(text)).as_text());
}

}  // namespace

RequestKey RequestKey::of(std::string_view purpose, std::string_view key, std::string_view request) {
  RequestKey result;
  result.key_hash_ = hash_of(purpose, key);
  result.request_hash_ = hash_of(purpose, request);
  return result;
}

Result<std::optional<RequestKey::Known>> RequestKey::find(Transaction& transaction, const TenantScope& scope,
                                                          Instant now) const {
  const db::Rows rows = transaction.query(find_key, {scope.account, db::Blob{key_hash_}});
  if (rows.empty()) return std::nullopt;
  const db::Row row = rows.front();
  if (now - row.instant(3) >= key_memory) {
    transaction.execute(delete_key, {scope.account, db::Blob{key_hash_}});
    return std::nullopt;
  }
  if (row.text(0) != request_hash_) {
    return fail(error_codes::key_reused,
                "This Idempotency-Key came with another request before; use a new key for a new request.");
  }
  return Known{.subject = row.uuid(1), .outcomes = std::string(row.text(2)), .at = row.instant(3)};
}

// Two requests at once with one key: the second one's insert fails with `duplicate`, and nothing of it stays.
void RequestKey::remember(Transaction& transaction, const TenantScope& scope, ContactId contact, Uuid subject,
                          std::string_view outcomes, Instant now) const {
  transaction.execute(insert_key, {scope.account, db::Blob{key_hash_}, db::Blob{request_hash_}, contact,
                                   subject, outcomes, now});
}

Result<std::int64_t> forget_old_keys(db::Database& database, Instant now) {
  return database.execute(db::Scope::operations(), forget_keys, {now - key_memory});
}

void erase_keys_of(Transaction& transaction, const TenantScope& scope, ContactId contact) {
  transaction.execute(delete_keys_of, {scope.account, contact});
}

}  // namespace trunkline::engagement
