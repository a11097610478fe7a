#include "base/crypto/password.hpp"

#include <array>
#include <cerrno>
#include <new>

#include <fmt/core.h>
#include <sodium.h>

#include "base/encoding.hpp"

namespace trunkline::crypto {
namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_kib = std::size_t{19} * 1024;

using Salt = std::array<std::uint8_t, crypto_pwhash_SALTBYTES>;
using Hash = std::array<std::uint8_t, 32>;

// The PHC form has base64 without padding.
std::string base64_unpadded(ByteView bytes) {
  std::string text = base64_encode(bytes);
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

std::string print(const Salt& salt, const Hash& hash) {
  return fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", memory_kib, passes, base64_unpadded(salt),
                     base64_unpadded(hash));
}

// Nobody knows a password with this hash. It is verified in place of a user who is not there.
const std::string& nobodys_hash() {
  static const std::string text = print(Salt{}, Hash{});
  return text;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, Random& random) {
  if (password.size() < least_password_bytes || password.size() > most_password_bytes) {
    return fail(error_codes::password_length,
                fmt::format("the password has {} bytes; use {} to {}", password.size(), least_password_bytes,
                            most_password_bytes));
  }
  Salt salt;
  random.fill(salt);
  Hash hash;
  if (crypto_pwhash(hash.data(), hash.size(), password.data(), password.size(), salt.data(), passes,
                    memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();  // the only way it can fail
  }
  return print(salt, hash);
}

bool verify_password(std::string_view password, std::optional<std::string_view> hash) {
  if (password.size() > most_password_bytes) return false;
  const std::string text(hash.value_or(nobodys_hash()));
  if (text.size() >= crypto_pwhash_STRBYTES) return false;
  errno = 0;
  const bool matches = crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  if (!matches && errno == ENOMEM) throw std::bad_alloc();
  return matches && hash.has_value();
}

bool needs_rehash(std::string_view hash) {
  return crypto_pwhash_str_needs_rehash(std::string(hash).c_str(), passes, memory_kib * 1024) != 0;
}

}  // namespace trunkline::crypto
