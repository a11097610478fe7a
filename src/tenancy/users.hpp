// People who log in: e-mail and password in, a token out.
#pragma once

#include "runtime/thread_pool.hpp"
#include "tenancy/credentials.hpp"

namespace trunkline::tenancy {

struct User {
  UserId id;
  AccountId account;
  std::string email;
  std::string name;
  Instant created_at{};
};

namespace error_codes {
inline constexpr ErrorCode user_not_found{"user_not_found", ErrorKind::not_found};
inline constexpr ErrorCode email_taken{"email_taken", ErrorKind::conflict};
inline constexpr ErrorCode email_format{"email_format", ErrorKind::invalid};
// The same for an unknown e-mail and a wrong password, and in the same time.
inline constexpr ErrorCode wrong_password{"wrong_password", ErrorKind::unauthenticated};
}  // namespace error_codes

inline constexpr Duration user_token_lifetime = hours(24);

class Users {
 public:
  // Passwords are hashed on `pool`: 20 ms each.
  Users(db::Database& database, Credentials& credentials, IdSource& ids, const Clock& clock, Random& random,
        runtime::ThreadPool& pool)
      : database_(database),
        credentials_(credentials),
        ids_(ids),
        clock_(clock),
        random_(random),
        pool_(pool) {}

  Result<User> create(AccountId account, std::string_view email, std::string_view name,
                      const Secret& password);
  Result<User> find_by_email(std::string_view email);
  Result<void> set_password(const User& user, const Secret& password);
  // Suspends for the hash.
  Result<NewCredential> log_in(std::string_view email, const Secret& password);

 private:
  Result<std::string> hash(const Secret& password);

  db::Database& database_;
  Credentials& credentials_;
  IdSource& ids_;
  const Clock& clock_;
  Random& random_;
  runtime::ThreadPool& pool_;
};

}  // namespace trunkline::tenancy
