// From an Authorization header to who is asking. Found credentials are remembered for a second, so that a
// busy key costs one look-up a second and a revoked one is dead within it.
#pragma once

#include <unordered_map>

#include "tenancy/credentials.hpp"

namespace trunkline::tenancy {

// Who is asking.
struct Principal {
  CredentialKind kind = CredentialKind::api_key;
  KeyId credential;
  TenantScope scope;
  std::optional<UserId> user;
  Subscription subscription;
  std::string doors = {};  // "" for all

  // Nothing, or credential_door: the key is not for this door.
  Result<void> check_door(std::string_view door) const;
};

namespace error_codes {
inline constexpr ErrorCode credential_missing{"credential_missing", ErrorKind::unauthenticated};
inline constexpr ErrorCode credential_invalid{"credential_invalid", ErrorKind::unauthenticated};
inline constexpr ErrorCode credential_door{"credential_door", ErrorKind::forbidden};
inline constexpr ErrorCode credential_expired{"credential_expired", ErrorKind::unauthenticated};
}  // namespace error_codes

// One a loop: it is not for use by two threads.
class Authenticator {
 public:
  Authenticator(db::Database& database, Keyring& keyring, const Clock& clock)
      : database_(database), keyring_(keyring), clock_(clock) {}

  // `authorization` is the header's value. The kinds that are welcome here: others are as invalid as unknown
  // ones. Suspends when the credential is not remembered.
  Result<Principal> authenticate(std::optional<std::string_view> authorization, bool api_keys,
                                 bool user_tokens);

  // Writes down when credentials were last used; called now and then. Suspends.
  Result<void> write_last_used();

 private:
  struct Known {
    Principal principal;
    crypto::Sha256 secret_hash;
    std::optional<Instant> expires_at;
    bool revoked = false;
    Instant read_at{};
    std::optional<Instant> used_at;
  };
  Result<const Known*> prove(const CredentialText& text);
  Result<std::optional<Known>> read(const std::string& public_id);

  db::Database& database_;
  Keyring& keyring_;
  const Clock& clock_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace trunkline::tenancy
