// API keys and users' tokens as text: prefix, 8 characters of public id, 43 of secret, 8 check digits.
//
//   pk_live_ a1b2c3d4 Zm9v…(43)… 0f1e2d3c
//
// The public id finds the record, the secret proves it, the check digits tell a typing mistake without a
// look-up (control C2 of docs/security.md).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/crypto/hash.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace trunkline::tenancy {

inline constexpr std::string_view api_key_prefix = "pk_live_";
inline constexpr std::string_view user_token_prefix = "ut_live_";

struct CredentialText {
  std::string public_id;
  std::string secret;
};

// Takes either prefix. Nothing when the form or the check digits are wrong.
std::optional<CredentialText> parse_credential(std::string_view text);

struct MintedCredential {
  std::string public_id;
  Secret text;         // the whole of it, shown once
  std::string secret;  // its secret part, to be hashed
};

MintedCredential mint_credential(std::string_view prefix, Random& random);

}  // namespace trunkline::tenancy
