#include "base/crypto/password.hpp"

#include <array>

#include <doctest/doctest.h>

#include "base/crypto/initialise.hpp"

namespace trunkline::crypto {
namespace {

TEST_CASE("a password verifies against its own hash and nothing else does") {
  initialise();
  SeededRandom random(1);
  const std::string password = "correct horse battery";
  const std::string hash = hash_password(password, random).value();
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(verify_password(password, hash));
  CHECK(!verify_password("correct horse batterY", hash));
  CHECK(!verify_password("", hash));
  CHECK(!verify_password(password + '\0', hash));
  CHECK(!needs_rehash(hash));
}

// RFC 9106's own vector has four lanes, a key and associated data, which a password hash has not. These are
// from the test program of the reference implementation (phc-winner-argon2, src/test.c, version 0x13,
// Argon2id).
TEST_CASE("hashes of the reference implementation are read") {
  initialise();
  static constexpr std::array<std::string_view, 2> hashes{
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  };
  for (std::string_view hash : hashes) {
    CAPTURE(hash);
    CHECK(verify_password("password", hash));
    CHECK(!verify_password("differentpassword", hash));
    CHECK(needs_rehash(hash));
  }
}

TEST_CASE("a password of 12 to 1024 bytes is taken, and the error names the limits") {
  initialise();
  SeededRandom random(2);
  CHECK(hash_password(std::string(12, 'x'), random).has_value());
  const std::string longest(1024, 'x');
  CHECK(verify_password(longest, hash_password(longest, random).value()));
  for (const std::size_t size : {std::size_t{0}, std::size_t{11}, std::size_t{1025}}) {
    const auto hash = hash_password(std::string(size, 'x'), random);
    REQUIRE(!hash);
    CHECK(hash.error().code() == error_codes::password_length);
    CHECK(hash.error().message() == "the password has " + std::to_string(size) + " bytes; use 12 to 1024");
  }
  CHECK(!verify_password(std::string(1025, 'x'), hash_password(longest, random).value()));
}

TEST_CASE("each hash has its own salt, drawn from the given source") {
  initialise();
  SeededRandom first(3);
  SeededRandom second(3);
  const std::string hash = hash_password("correct horse battery", first).value();
  CHECK(hash == hash_password("correct horse battery", second).value());
  CHECK(hash != hash_password("correct horse battery", first).value());
}

TEST_CASE("no password is right for a user who is not there, or whose hash cannot be read") {
  initialise();
  CHECK(!verify_password("correct horse battery", std::nullopt));
  CHECK(!verify_password("", std::nullopt));
  for (const std::string& hash :
       {std::string(), std::string("x"), std::string("$argon2id$v=19$m=19456,t=2,p=1$"),
        std::string("$2b$12$aaaaaaaaaaaaaaaaaaaaaa"), std::string(200, '$')}) {
    CAPTURE(hash);
    CHECK(!verify_password("correct horse battery", hash));
    CHECK(needs_rehash(hash));
  }
}

TEST_CASE("a hash with weaker or other parameters is due for a new one") {
  const std::string salt_and_hash = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  CHECK(needs_rehash("$argon2id$v=19$m=19456,t=1,p=1" + salt_and_hash));
  CHECK(needs_rehash("$argon2id$v=19$m=9728,t=2,p=1" + salt_and_hash));
  CHECK(!needs_rehash("$argon2id$v=19$m=19456,t=2,p=1" + salt_and_hash));
}

}  // namespace
}  // namespace trunkline::crypto
