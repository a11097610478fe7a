#include "tenancy/credentials.hpp"

namespace trunkline::tenancy {
namespace {

using db::Scope;
using db::Statement;

const Statement insert_credential{"credentials.insert", R"sql(
  INSERT INTO credentials (account_id, id, kind, public_id, secret_hash, project_id, user_id, name, created_at, expires_at,
                           doors)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11))sql"};
const Statement insert_directory{"credentials.insert_directory", R"sql(
  INSERT INTO credential_directory (public_id, account, credential) VALUES ($1, $2, $3))sql"};
const Statement list_credentials{"credentials.list", R"sql(
  SELECT id, public_id, project_id, name, created_at, expires_at, revoked_at, last_used_at, doors
  FROM credentials WHERE account_id = $1 AND kind = 'api_key' ORDER BY id DESC)sql"};
const Statement find_credential{"credentials.find", R"sql(
  SELECT id, public_id, project_id, name, created_at, expires_at, revoked_at, last_used_at, doors
  FROM credentials WHERE account_id = $1 AND id = $2 AND kind = 'api_key')sql"};
const Statement revoke_credential{"credentials.revoke", R"sql(
  UPDATE credentials SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL)sql"};

Credential read_credential(const db::Row& row) {
  return {.id = row.id<KeyId>(0),
          .public_id = std::string(row.text(1)),
          .project = row.id<ProjectId>(2),
          .name = std::string(row.text(3)),
          .doors = std::string(row.text(8)),
          .created_at = row.instant(4),
          .expires_at = row.optional_instant(5),
          .revoked_at = row.optional_instant(6),
          .last_used_at = row.optional_instant(7)};
}

}  // namespace

std::string_view to_text(CredentialKind kind) {
  return kind == CredentialKind::api_key ? "api_key" : "user_token";
}

Result<NewCredential> Credentials::create(AccountId account, std::string_view prefix, Credential credential) {
  MintedCredential minted = mint_credential(prefix, random_);
  credential.id = KeyId(ids_.next());
  credential.public_id = minted.public_id;
  credential.created_at = clock_.now();
  const crypto::Sha256 hash = keyring_.hash_credential(minted.secret);
  const auto written = database_.transact(Scope::tenant(account), [&](db::Transaction& transaction) {
    transaction.execute(insert_credential,
                        {account, credential.id, to_text(credential.kind), credential.public_id,
                         db::Blob{ByteView(hash).as_text()}, credential.project, credential.user,
                         credential.name, credential.created_at, credential.expires_at, credential.doors});
    transaction.execute(insert_directory, {credential.public_id, account, credential.id});
  });
  if (!written) return fail(written.error());
  return NewCredential{.credential = std::move(credential), .text = std::move(minted.text)};
}

Result<NewCredential> Credentials::create_api_key(const TenantScope& scope, std::string_view name,
                                                  std::optional<Instant> expires_at, std::string_view doors) {
  return create(scope.account, api_key_prefix,
                {.kind = CredentialKind::api_key,
                 .project = scope.project,
                 .name = std::string(name),
                 .doors = std::string(doors),
                 .expires_at = expires_at});
}

Result<NewCredential> Credentials::create_user_token(AccountId account, UserId user, Instant expires_at) {
  return create(
      account, user_token_prefix,
      {.kind = CredentialKind::user_token, .user = user, .name = "log-in", .expires_at = expires_at});
}

Result<std::vector<Credential>> Credentials::list_api_keys(const TenantScope& scope) {
  const auto rows = database_.query(scope, list_credentials, {scope.account});
  if (!rows) return fail(rows.error());
  std::vector<Credential> credentials;
  for (const db::Row row : *rows) {
    Credential credential = read_credential(row);
    if (scope.covers(credential.project)) credentials.push_back(std::move(credential));
  }
  return credentials;
}

Result<Credential> Credentials::revoke_api_key(const TenantScope& scope, KeyId id) {
  return database_.transact(scope, [&](db::Transaction& transaction) -> Result<Credential> {
    transaction.execute(revoke_credential, {scope.account, id, clock_.now()});
    const db::Rows rows = transaction.query(find_credential, {scope.account, id});
    if (rows.empty()) return fail(error_codes::credential_not_found, "There is no such API key.");
    Credential credential = read_credential(rows.front());
    if (!scope.covers(credential.project)) {
      return fail(error_codes::credential_not_found, "There is no such API key.");
    }
    return credential;
  });
}

}  // namespace trunkline::tenancy
