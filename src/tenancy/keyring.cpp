#include "tenancy/keyring.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/text.hpp"

namespace trunkline::tenancy {
namespace {

using db::Scope;

const db::Statement find_fact{"installation.find", "SELECT value FROM installation WHERE name = $1"};
const db::Statement insert_fact{
    "installation.insert", "INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"};

constexpr std::string_view key_fact = "secret_key";
constexpr std::string_view check_fact = "secret_key_check";

// Different uses get different keys, so that none can be turned against another.
crypto::Sha256 derive(std::string_view master, std::string_view use) {
  return crypto::hmac_sha256(master, use);
}

std::string new_key(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.fill(bytes);
  return hex_encode(bytes);
}

Result<std::string> decode(std::string_view text, std::string_view where) {
  const auto key = hex_decode(trim(text));
  if (!key || key->size() != 32) {
    return fail(
        error_codes::secret_key_invalid,
        fmt::format("The secret key in {} must be 64 hexadecimal digits (`openssl rand -hex 32` makes one).",
                    where));
  }
  return *key;
}

// Made only when it is not there yet, readable by its owner only, and whole from the first moment on.
Result<void> create_key_file(const std::string& path, Random& random) {
  const std::string temporary = path + ".new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string text = new_key(random) + "\n";
  const bool written = file >= 0 &&
                       ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file) == 0;
  const int problem = errno;
  if (file >= 0) ::close(file);
  if (!written) {
    return fail(error_codes::secret_key_invalid,
                fmt::format("The secret key file {} cannot be written: {}.", path, std::strerror(problem)));
  }
  // The link fails when another process was quicker; then its key counts.
  const bool linked = ::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int link_problem = errno;
  ::unlink(temporary.c_str());
  if (!linked) {
    return fail(error_codes::secret_key_invalid,
                fmt::format("The secret key file {} cannot be made: {}.", path, std::strerror(link_problem)));
  }
  return {};
}

Result<std::string> key_from_file(const std::string& path, Random& random) {
  if (::access(path.c_str(), F_OK) != 0) {
    if (Result<void> created = create_key_file(path, random); !created)
      return fail(std::move(created.error()));
  }
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file)
    return fail(error_codes::secret_key_invalid, fmt::format("The secret key file {} cannot be read.", path));
  return decode(text.str(), path);
}

// The value that is there, or the one given, whichever process was first.
Result<std::string> fact(db::Database& database, std::string_view name, const std::string& if_absent) {
  const auto found = database.query(Scope::operations(), find_fact, {name});
  if (!found) return fail(found.error());
  if (!found->empty()) return std::string(found->front().text(0));
  if (const auto added = database.execute(Scope::operations(), insert_fact, {name, if_absent}); !added) {
    return fail(added.error());
  }
  const auto now = database.query(Scope::operations(), find_fact, {name});
  if (!now) return fail(now.error());
  return std::string(now->front().text(0));
}

// A new key is for a new database. Where one was used before, its file has been lost or is elsewhere, and a
// new one in its place would only hide that.
Result<void> refuse_lost_file(db::Database& database, const std::string& path) {
  // In this order: whoever sets a database up makes the file first.
  const auto used = database.query(Scope::operations(), find_fact, {check_fact});
  if (!used) return fail(used.error());
  if (used->empty() || ::access(path.c_str(), F_OK) == 0) return {};
  return fail(
      error_codes::secret_key_mismatch,
      fmt::format("The secret key file {} is not there, and {} was set up with a key. Restore the file, "
                  "or give the key by TRUNKLINE_SECRET_KEY or TRUNKLINE_SECRET_KEY_FILE.",
                  path, database.location()));
}

}  // namespace

Keyring::Keyring(std::string_view master, std::string origin)
    : credentials_(derive(master, "trunkline credentials")),
      pseudonyms_(derive(master, "trunkline pseudonyms")),
      box_(derive(master, "trunkline sealed secrets")),
      origin_(std::move(origin)) {}

Result<std::unique_ptr<Keyring>> Keyring::open(db::Database& database, const KeySource& source,
                                               Random& random) {
  Result<std::string> master = std::string();
  std::string origin;
  if (!source.key.empty()) {
    origin = "TRUNKLINE_SECRET_KEY";
    master = decode(source.key.reveal(), origin);
  } else if (!source.file.empty()) {
    origin = source.file;
    if (Result<void> sound = refuse_lost_file(database, source.file); !sound)
      return fail(std::move(sound.error()));
    master = key_from_file(source.file, random);
  } else {
    origin = "the database";
    const Result<std::string> kept = fact(database, key_fact, new_key(random));
    master = kept ? decode(*kept, origin) : kept;
  }
  if (!master) return fail(std::move(master.error()));

  const std::string check = hex_encode(derive(*master, "trunkline key check"));
  const Result<std::string> expected = fact(database, check_fact, check);
  if (!expected) return fail(expected.error());
  if (*expected != check) {
    return fail(
        error_codes::secret_key_mismatch,
        fmt::format("The secret key from {} is not the one that {} was set up with. Give the right one by "
                    "TRUNKLINE_SECRET_KEY or TRUNKLINE_SECRET_KEY_FILE.",
                    origin, database.location()));
  }
  return std::make_unique<Keyring>(*master, origin);
}

std::string Keyring::seal(std::string_view secret, std::string_view context, Random& random) const {
  return box_.seal(secret, context, random);
}

Result<std::string> Keyring::open_sealed(std::string_view sealed, std::string_view context) const {
  return box_.open(sealed, context);
}

}  // namespace trunkline::tenancy
