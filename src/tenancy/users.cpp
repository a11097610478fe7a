#include "tenancy/users.hpp"

#include "base/crypto/password.hpp"
#include "base/text.hpp"

namespace trunkline::tenancy {
namespace {

using db::Scope;
using db::Statement;

const Statement insert_user{"users.insert", R"sql(
  INSERT INTO users (account_id, id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6))sql"};
const Statement insert_user_directory{
    "users.insert_directory", "INSERT INTO user_directory (email, account, user_id) VALUES ($1, $2, $3)"};
const Statement find_in_directory{"users.directory",
                                  "SELECT account, user_id FROM user_directory WHERE email = $1"};
const Statement find_user{"users.find", R"sql(
  SELECT email, name, created_at, password_hash FROM users WHERE account_id = $1 AND id = $2)sql"};
const Statement update_password{"users.update_password",
                                "UPDATE users SET password_hash = $3 WHERE account_id = $1 AND id = $2"};

struct StoredUser {
  User user;
  std::string password_hash;
};

Result<std::optional<StoredUser>> find(db::Database& database, const std::string& email) {
  const auto directory = database.query(Scope::operations(), find_in_directory, {email});
  if (!directory) return fail(directory.error());
  if (directory->empty()) return std::nullopt;
  const auto account = directory->front().id<AccountId>(0);
  const auto id = directory->front().id<UserId>(1);
  const auto rows = database.query(Scope::tenant(account), find_user, {account, id});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return std::nullopt;
  const db::Row row = rows->front();
  return StoredUser{.user = {.id = id,
                             .account = account,
                             .email = std::string(row.text(0)),
                             .name = std::string(row.text(1)),
                             .created_at = row.instant(2)},
                    .password_hash = std::string(row.text(3))};
}

// Enough to catch a slip; whether it works only a message can tell.
bool looks_like_email(std::string_view email) {
  const std::size_t at = email.find('@');
  return email.size() <= 254 && at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
         email.find_first_of(" \t\r\n<>,;") == std::string_view::npos &&
         email.find('@', at + 1) == std::string_view::npos;
}

}  // namespace

Result<User> Users::create(AccountId account, std::string_view email, std::string_view name,
                           const Secret& password) {
  const std::string normal = ascii_lower(trim(email));
  if (!looks_like_email(normal)) {
    return fail(error_codes::email_format, "The e-mail address is not one: write name@example.com.");
  }
  const Result<std::string> hashed = hash(password);
  if (!hashed) return fail(hashed.error());
  User user{.id = UserId(ids_.next()),
            .account = account,
            .email = normal,
            .name = std::string(name),
            .created_at = clock_.now()};
  const auto written = database_.transact(Scope::tenant(account), [&](db::Transaction& transaction) {
    transaction.execute(insert_user, {account, user.id, user.email, user.name, *hashed, user.created_at});
    transaction.execute(insert_user_directory, {user.email, account, user.id});
  });
  if (!written && written.error().code() == db::error_codes::duplicate) {
    return fail(error_codes::email_taken, "There is a user with this e-mail address already.");
  }
  if (!written) return fail(written.error());
  return user;
}

Result<User> Users::find_by_email(std::string_view email) {
  auto stored = find(database_, ascii_lower(trim(email)));
  if (!stored) return fail(std::move(stored.error()));
  if (!*stored) return fail(error_codes::user_not_found, "There is no user with this e-mail address.");
  return std::move((*stored)->user);
}

Result<std::string> Users::hash(const Secret& password) {
  Result<Result<std::string>> hashed =
      pool_.run([&] { return crypto::hash_password(password.reveal(), random_); });
  if (!hashed) return fail(std::move(hashed.error()));
  return std::move(*hashed);
}

Result<void> Users::set_password(const User& user, const Secret& password) {
  const Result<std::string> hashed = hash(password);
  if (!hashed) return fail(hashed.error());
  const auto written =
      database_.execute(Scope::tenant(user.account), update_password, {user.account, user.id, *hashed});
  if (!written) return fail(written.error());
  return {};
}

Result<NewCredential> Users::log_in(std::string_view email, const Secret& password) {
  const auto stored = find(database_, ascii_lower(trim(email)));
  if (!stored) return fail(stored.error());
  const std::optional<std::string_view> hash =
      *stored ? std::optional<std::string_view>((*stored)->password_hash) : std::nullopt;
  const Result<bool> right = pool_.run([&] { return crypto::verify_password(password.reveal(), hash); });
  if (!right) return fail(right.error());
  if (!*right) return fail(error_codes::wrong_password, "The e-mail address or the password is wrong.");
  const User& user = (*stored)->user;
  if (crypto::needs_rehash(*hash)) {
    if (const auto renewed = set_password(user, password); !renewed) return fail(renewed.error());
  }
  return credentials_.create_user_token(user.account, user.id, clock_.now() + user_token_lifetime);
}

}  // namespace trunkline::tenancy
