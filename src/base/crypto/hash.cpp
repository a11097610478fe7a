#include "base/crypto/hash.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace trunkline::crypto {
namespace {

// All three digests work on blocks of 64 bytes.
using Block = std::array<std::uint8_t, 64>;

void require(int done) {
  if (done != 1) throw std::runtime_error("OpenSSL failed to hash");
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// One digest on one thread. Looking the algorithm up and making a context cost more than hashing a short
// message does, so both are kept.
template <class Digest>
class Hasher {
 public:
  explicit Hasher(const char* algorithm)
      : algorithm_(EVP_MD_fetch(nullptr, algorithm, nullptr)), context_(EVP_MD_CTX_new()) {
    if (algorithm_ == nullptr || context_ == nullptr) {
      throw std::runtime_error(std::string("OpenSSL does not offer ") + algorithm);
    }
  }
  ~Hasher() { EVP_MD_free(algorithm_); }
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void begin() { begin(context_.get()); }
  void begin(EVP_MD_CTX* context) { require(EVP_DigestInit_ex2(context, algorithm_, nullptr)); }
  void resume(const EVP_MD_CTX* started) { require(EVP_MD_CTX_copy_ex(context_.get(), started)); }
  void add(ByteView bytes) { require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size())); }
  Digest end() {
    Digest digest;
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
    return digest;
  }
  Digest hash(ByteView bytes) {
    begin();
    add(bytes);
    return end();
  }

 private:
  EVP_MD* algorithm_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

Hasher<Sha256>& sha256_hasher() {
  thread_local Hasher<Sha256> hasher("SHA256");
  return hasher;
}

Hasher<Sha1>& sha1_hasher() {
  thread_local Hasher<Sha1> hasher("SHA1");
  return hasher;
}

Hasher<Md5>& md5_hasher() {
  thread_local Hasher<Md5> hasher("MD5");
  return hasher;
}

// The two blocks that RFC 2104 makes of a key; wiped when they go.
struct KeyBlocks {
  template <class Digest>
  KeyBlocks(Hasher<Digest>& hasher, ByteView key) {
    if (key.size() > inner.size()) {
      const Digest shortened = hasher.hash(key);
      std::ranges::copy(shortened, inner.begin());
    } else {
      std::ranges::copy(key, inner.begin());
    }
    std::ranges::transform(inner, outer.begin(),
                           [](std::uint8_t byte) -> std::uint8_t { return byte ^ 0x5c; });
    std::ranges::transform(inner, inner.begin(),
                           [](std::uint8_t byte) -> std::uint8_t { return byte ^ 0x36; });
  }
  ~KeyBlocks() {
    OPENSSL_cleanse(inner.data(), inner.size());
    OPENSSL_cleanse(outer.data(), outer.size());
  }
  KeyBlocks(const KeyBlocks&) = delete;
  KeyBlocks& operator=(const KeyBlocks&) = delete;

  Block inner{};
  Block outer{};
};

template <class Digest>
Digest hmac(Hasher<Digest>& hasher, ByteView key, ByteView message) {
  const KeyBlocks blocks(hasher, key);
  hasher.begin();
  hasher.add(blocks.inner);
  hasher.add(message);
  const Digest inner_digest = hasher.end();
  hasher.begin();
  hasher.add(blocks.outer);
  hasher.add(inner_digest);
  return hasher.end();
}

}  // namespace

Sha256 sha256(ByteView message) {
  return sha256_hasher().hash(message);
}
Sha1 sha1(ByteView message) {
  return sha1_hasher().hash(message);
}
Md5 md5(ByteView message) {
  return md5_hasher().hash(message);
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
  return hmac(sha256_hasher(), key, message);
}
Sha1 hmac_sha1(ByteView key, ByteView message) {
  return hmac(sha1_hasher(), key, message);
}

void HmacSha256Key::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

HmacSha256Key::HmacSha256Key(ByteView key) : inner_(EVP_MD_CTX_new()), outer_(EVP_MD_CTX_new()) {
  if (inner_ == nullptr || outer_ == nullptr) throw std::bad_alloc();
  Hasher<Sha256>& hasher = sha256_hasher();
  const KeyBlocks blocks(hasher, key);
  hasher.begin(inner_.get());
  require(EVP_DigestUpdate(inner_.get(), blocks.inner.data(), blocks.inner.size()));
  hasher.begin(outer_.get());
  require(EVP_DigestUpdate(outer_.get(), blocks.outer.data(), blocks.outer.size()));
}

Sha256 HmacSha256Key::sign(ByteView message) const {
  return sign_joined({message});
}

Sha256 HmacSha256Key::sign_joined(std::initializer_list<ByteView> parts) const {
  Hasher<Sha256>& hasher = sha256_hasher();
  hasher.resume(inner_.get());
  for (const ByteView& part : parts) hasher.add(part);
  const Sha256 inner_digest = hasher.end();
  hasher.resume(outer_.get());
  hasher.add(inner_digest);
  return hasher.end();
}

}  // namespace trunkline::crypto
