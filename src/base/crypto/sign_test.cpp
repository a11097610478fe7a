#include "base/crypto/sign.hpp"

#include <algorithm>
#include <array>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/crypto/initialise.hpp"

namespace trunkline::crypto {
namespace {

SigningKey::Seed seed_of(std::string_view hex) {
  SigningKey::Seed seed{};
  std::ranges::copy(ByteView(hex_decode(hex).value()), seed.begin());
  return seed;
}

// RFC 8032, section 7.1, tests 1 to 3.
TEST_CASE("Ed25519 gives the keys and signatures of RFC 8032") {
  initialise();
  struct Case {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
  };
  static constexpr std::array cases{
      Case{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
           "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
           "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd"
           "25bf5f0"
           "595bbe24655141438e7a100b"},
      Case{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
           "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
           "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c3"
           "87b2eae"
           "b4302aeeb00d291612bb0c00"},
      Case{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
           "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
           "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594"
           "a7c15e9"
           "716ed28dc027beceea1ec40a"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.seed);
    const SigningKey key(seed_of(example.seed));
    const std::string message = hex_decode(example.message).value();
    CHECK(hex_encode(key.public_key()) == example.public_key);
    CHECK(hex_encode(key.sign(message)) == example.signature);
    CHECK(verify(key.public_key(), message, key.sign(message)));
  }
}

TEST_CASE("a changed message, signature or key does not verify") {
  initialise();
  SeededRandom random(1);
  const SigningKey key(make_seed(random));
  const SigningKey other(make_seed(random));
  CHECK(rc::check([&](std::string message) {
    message += '.';
    Signature signature = key.sign(message);
    RC_ASSERT(verify(key.public_key(), message, signature));
    RC_ASSERT(!verify(other.public_key(), message, signature));
    std::string changed = message;
    changed[*rc::gen::inRange<std::size_t>(0, message.size())] ^= 1;
    RC_ASSERT(!verify(key.public_key(), changed, signature));
    signature[*rc::gen::inRange<std::size_t>(0, signature.size())] ^= 1;
    RC_ASSERT(!verify(key.public_key(), message, signature));
  }));
}

TEST_CASE("keys and signatures of the wrong length, and weak keys, do not verify") {
  initialise();
  SeededRandom random(2);
  const SigningKey key(make_seed(random));
  const Signature signature = key.sign("message");
  const std::string_view signature_text = ByteView(signature).as_text();
  CHECK(!verify(key.public_key(), "message", signature_text.substr(1)));
  CHECK(!verify(key.public_key(), "message", ""));
  CHECK(!verify(ByteView(key.public_key()).as_text().substr(1), "message", signature));
  CHECK(!verify("", "message", signature));
  // With the point of order one as the key, a signature of zeros would fit every message.
  std::string weak(32, '\0');
  weak[0] = 1;
  std::string fits_all(64, '\0');
  fits_all[0] = 1;
  CHECK(!verify(weak, "message", fits_all));
}

// RFC 8032, section 8.4: S + L would verify too if S were not required to be below L.
TEST_CASE("a signature has one form") {
  initialise();
  SeededRandom random(3);
  const SigningKey key(make_seed(random));
  Signature signature = key.sign("message");
  const std::string order =
      hex_decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").value();
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += unsigned{signature[32 + i]} + ByteView(order)[i];
    signature[32 + i] = static_cast<std::uint8_t>(carry & 0xff);
    carry >>= 8;
  }
  CHECK(!verify(key.public_key(), "message", signature));
}

}  // namespace
}  // namespace trunkline::crypto
