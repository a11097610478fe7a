// API keys and users' tokens in the database: made, listed, revoked.
#pragma once

#include <vector>

#include "tenancy/accounts.hpp"
#include "tenancy/credential.hpp"
#include "tenancy/keyring.hpp"

namespace trunkline::tenancy {

struct KeyTag {
  static constexpr std::string_view prefix = "key_";
};
struct UserTag {
  static constexpr std::string_view prefix = "usr_";
};
using KeyId = Id<KeyTag>;
using UserId = Id<UserTag>;

enum class CredentialKind : std::uint8_t { api_key, user_token };
std::string_view to_text(CredentialKind kind);

// What is known of a credential, without its secret.
struct Credential {
  KeyId id;
  CredentialKind kind = CredentialKind::api_key;
  std::string public_id;
  ProjectId project;  // nil: the whole account
  std::optional<UserId> user;
  std::string name;
  std::string doors = {};  // which it opens, separated by commas; "" for all
  Instant created_at{};
  std::optional<Instant> expires_at;
  std::optional<Instant> revoked_at;
  std::optional<Instant> last_used_at;
};

struct NewCredential {
  Credential credential;
  Secret text;  // shown once, never kept
};

namespace error_codes {
inline constexpr ErrorCode credential_not_found{"credential_not_found", ErrorKind::not_found};
}  // namespace error_codes

class Credentials {
 public:
  Credentials(db::Database& database, Keyring& keyring, IdSource& ids, const Clock& clock, Random& random)
      : database_(database), keyring_(keyring), ids_(ids), clock_(clock), random_(random) {}

  // The project in the scope is the key's own; nil makes a key for the whole account.
  // `doors` limits what the key opens: "voice,engagement"; "" opens all.
  Result<NewCredential> create_api_key(const TenantScope& scope, std::string_view name,
                                       std::optional<Instant> expires_at, std::string_view doors = {});
  Result<NewCredential> create_user_token(AccountId account, UserId user, Instant expires_at);
  // API keys, newest first.
  Result<std::vector<Credential>> list_api_keys(const TenantScope& scope);
  // May be repeated: the first time counts. Takes effect within a second on this server, five on others.
  Result<Credential> revoke_api_key(const TenantScope& scope, KeyId id);

 private:
  Result<NewCredential> create(AccountId account, std::string_view prefix, Credential credential);

  db::Database& database_;
  Keyring& keyring_;
  IdSource& ids_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace trunkline::tenancy
