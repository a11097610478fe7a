// Passwords of people, kept as Argon2id hashes (RFC 9106) with 19 MiB of memory, two passes and one lane,
// which is the least that OWASP asks for, in the PHC text form
// "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>".
//
// Hashing and verifying take 20 ms of processor and 19 MiB: they run on the CPU pool, never on an I/O thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"

namespace trunkline::crypto {

inline constexpr std::size_t least_password_bytes = 12;
inline constexpr std::size_t most_password_bytes = 1024;

// Error: password_length.
Result<std::string> hash_password(std::string_view password, Random& random);

// Whether the hash is that of the password. Give nothing as the hash when there is no such user: the answer
// is no, and takes as long as for a user who mistyped. A hash that cannot be read is no.
bool verify_password(std::string_view password, std::optional<std::string_view> hash);

// Whether the hash was made with other parameters than today's, so that it is replaced at the next login.
bool needs_rehash(std::string_view hash);

}  // namespace trunkline::crypto

namespace trunkline::error_codes {
inline constexpr ErrorCode password_length{"password_length", ErrorKind::invalid};
}  // namespace trunkline::error_codes
