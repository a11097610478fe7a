#include "base/crypto/seal.hpp"

#include <span>

#include <sodium.h>

namespace trunkline::crypto {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(SecretBox::added_bytes == nonce_bytes + tag_bytes);
static_assert(sizeof(SecretBox::Key) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::uint8_t* bytes_of(std::string& text) {
  return reinterpret_cast<std::uint8_t*>(text.data());
}

}  // namespace

SecretBox::~SecretBox() {
  sodium_memzero(key_.data(), key_.size());
}

std::string SecretBox::seal(ByteView secret, ByteView context, Random& random) const {
  std::string sealed(secret.size() + added_bytes, '\0');
  std::uint8_t* const nonce = bytes_of(sealed);
  random.fill({nonce, nonce_bytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, secret.data(), secret.size(),
                                             context.data(), context.size(), nullptr, nonce, key_.data());
  return sealed;
}

Result<std::string> SecretBox::open(ByteView sealed, ByteView context) const {
  if (sealed.size() >= added_bytes) {
    std::string secret(sealed.size() - added_bytes, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            bytes_of(secret), nullptr, nullptr, sealed.data() + nonce_bytes, sealed.size() - nonce_bytes,
            context.data(), context.size(), sealed.data(), key_.data()) == 0) {
      return secret;
    }
  }
  return fail(error_codes::secret_unreadable,
              "a stored secret cannot be opened: it was sealed with another key or for another owner, or it "
              "is damaged; "
              "check the master key, or store the secret again");
}

}  // namespace trunkline::crypto
