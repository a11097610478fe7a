// Small secrets at rest: provider keys, webhook secrets, tokens. XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha), whose nonces are long enough to be drawn at random for ever.
//
//   sealed := nonce (24 bytes), ciphertext (as long as the secret), tag (16 bytes)
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace trunkline::crypto {

// Safe on many threads at once. The key is wiped when the box goes.
class SecretBox {
 public:
  using Key = std::array<std::uint8_t, 32>;
  static constexpr std::size_t added_bytes = 24 + 16;

  explicit SecretBox(const Key& key) : key_(key) {}
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  // `context` says whose secret it is and which (an account id and a column, say). It is not in the result;
  // the same one must be given to open it, so that a sealed secret is worth nothing in another row.
  std::string seal(ByteView secret, ByteView context, Random& random) const;
  // Error: secret_unreadable, when the key or the context is another one or a byte was changed.
  Result<std::string> open(ByteView sealed, ByteView context) const;

 private:
  Key key_;
};

}  // namespace trunkline::crypto

namespace trunkline::error_codes {
inline constexpr ErrorCode secret_unreadable{"secret_unreadable", ErrorKind::internal};
}  // namespace trunkline::error_codes
