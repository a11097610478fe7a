#include "db/database.hpp"

#include "db/postgres.hpp"
#include "db/sqlite.hpp"

namespace trunkline::db {

Result<std::int64_t> Database::execute(Scope scope, const Statement& statement, Parameters parameters) {
  return transact(
      scope, [&](Transaction& transaction) { return transaction.execute_counted(statement, parameters); });
}

Result<std::unique_ptr<Database>> open(const std::string& url, const OpenOptions& options) {
  static constexpr std::string_view sqlite_prefix = "sqlite:";
  if (url.starts_with(sqlite_prefix)) return open_sqlite(url.substr(sqlite_prefix.size()), options);
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) return open_postgres(url, options);
  return fail(trunkline::error_codes::invalid_argument,
              "The database URL must be sqlite:PATH or postgresql://USER@HOST/DATABASE.");
}

}  // namespace trunkline::db
