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
// In the order given, so that two transactions cannot each wait for the other.
const Statement find_keys{"engagement_keys.find_all_postgresql", R"sql(
  SELECT k.request_hash, k.subject_id, k.outcomes, k.created_at, g.place
  FROM unnest($2::bytea[]) WITH ORDINALITY AS g (key_hash, place)
  CROSS JOIN LATERAL (SELECT request_hash, subject_id, outcomes, created_at FROM engagement_keys
                      WHERE account_id = $1 AND key_hash = g.key_hash FOR UPDATE) AS k)sql"};
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
  return recall(transaction, scope, rows.front(), now);
}

Result<std::optional<RequestKey::Known>> RequestKey::recall(Transaction& transaction,
                                                            const TenantScope& scope, const db::Row& row,
                                                            Instant now) const {
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

std::vector<Result<std::optional<RequestKey::Known>>> RequestKey::find_all(
    Transaction& transaction, const TenantScope& scope, db::Engine engine,
    std::span<const RequestKey* const> keys, Instant now) {
  std::vector<Result<std::optional<Known>>> known(keys.size());
  if (engine == db::Engine::postgresql && keys.size() > 1) {
    db::PostgresArray hashes(db::PostgresArray::Element::bytea, keys.size(), crypto::Sha256().size());
    for (const RequestKey* key : keys) hashes.add(key->key_hash_);
    for (const db::Row row : transaction.query(find_keys, {scope.account, hashes})) {
      const auto place = static_cast<std::size_t>(row.integer(4) - 1);
      known[place] = keys[place]->recall(transaction, scope, row, now);
    }
    return known;
  }
  for (std::size_t i = 0; i < keys.size(); ++i) known[i] = keys[i]->find(transaction, scope, now);
  return known;
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
