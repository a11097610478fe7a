#include "db/database.hpp"

#include "db/postgres.hpp"
#include "db/sqlite.hpp"

namespace trunkline::db {

Error engine_failure(ErrorCode code, std::string engine_words) {
  Error said(code, std::move(engine_words));
  if (code.kind != ErrorKind::unavailable) return said;
  const char* message = code == error_codes::full
                            ? "The database's disk is full; nothing was changed."
                            : "The database cannot be used just now; nothing was changed. Try again shortly.";
  return Error(code, message).after(seconds(1)).caused_by(std::move(said));
}

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
