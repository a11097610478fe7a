// The installation's own key and what is derived from it: the hash of credentials and the seal on secrets at
// rest. It comes from TRUNKLINE_SECRET_KEY or a file; the database keeps a check value, so that a process
// with another key stops at the start instead of failing every login.
#pragma once

#include <memory>
#include <string>

#include "base/crypto/hash.hpp"
#include "base/crypto/seal.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "db/database.hpp"

namespace trunkline::tenancy {

namespace error_codes {
inline constexpr ErrorCode secret_key_mismatch{"secret_key_mismatch", ErrorKind::unavailable};
inline constexpr ErrorCode secret_key_invalid{"secret_key_invalid", ErrorKind::invalid};
}  // namespace error_codes

struct KeySource {
  Secret key;             // 64 hexadecimal digits; "" when a file is to be used
  std::string file = {};  // read, or made with a new key when absent; "" keeps the key in the database
};

class Keyring {
 public:
  // Finds or makes the key and checks it against the database. Suspends.
  static Result<std::unique_ptr<Keyring>> open(db::Database& database, const KeySource& source,
                                               Random& random);

  // A keyed hash: worthless to who has the database alone.
  crypto::Sha256 hash_credential(std::string_view secret) const { return credentials_.sign(secret); }

  // A keyed hash of what names a person: it knows them again and tells nothing about them.
  crypto::Sha256 pseudonym(std::string_view text) const { return pseudonyms_.sign(text); }

  std::string seal(std::string_view secret, std::string_view context, Random& random) const;
  Result<std::string> open_sealed(std::string_view sealed, std::string_view context) const;

  // Where the key came from, for `doctor`.
  const std::string& origin() const { return origin_; }

  Keyring(std::string_view master, std::string origin);

 private:
  crypto::HmacSha256Key credentials_;
  crypto::HmacSha256Key pseudonyms_;
  crypto::SecretBox box_;
  std::string origin_;
};

}  // namespace trunkline::tenancy
