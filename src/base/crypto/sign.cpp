#include "base/crypto/sign.hpp"

#include <sodium.h>

namespace trunkline::crypto {

static_assert(sizeof(PublicKey) == crypto_sign_PUBLICKEYBYTES);
static_assert(sizeof(Signature) == crypto_sign_BYTES);
static_assert(sizeof(SigningKey::Seed) == crypto_sign_SEEDBYTES);

SigningKey::SigningKey(const Seed& seed) {
  static_assert(sizeof secret_key_ == crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
}

SigningKey::~SigningKey() {
  sodium_memzero(secret_key_.data(), secret_key_.size());
}

Signature SigningKey::sign(ByteView message) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secret_key_.data());
  return signature;
}

SigningKey::Seed make_seed(Random& random) {
  SigningKey::Seed seed;
  random.fill(seed);
  return seed;
}

bool verify(ByteView public_key, ByteView message, ByteView signature) {
  if (public_key.size() != sizeof(PublicKey) || signature.size() != sizeof(Signature)) return false;
  return crypto_sign_verify_detached(signature.data(), message.data(), message.size(), public_key.data()) ==
         0;
}

}  // namespace trunkline::crypto
