// Migrations: numbered SQL files, forward only, embedded in the program. A slice keeps its own under
// src/<slice>/migrations/NNNN_name.sql; the numbers are global. Each runs in one transaction, as a rule
// together with the others that are pending, so a killed migration leaves nothing behind.
#pragma once

#include <span>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace trunkline::db {

struct Migration {
  int number;
  std::string_view name;
  std::string_view sql;
};

struct MigrationStatus {
  Migration migration;
  std::optional<Instant> applied_at;
};

class Migrator {
 public:
  // `all` in rising order of their numbers; it must outlive the Migrator.
  Migrator(Database& database, const Clock& clock, std::span<const Migration> all)
      : database_(database), clock_(clock), all_(all) {}

  // Which have run and which have not. Fails with `schema_mismatch` when the database has migrations that
  // this program does not know, or knows with another text.
  Result<std::vector<MigrationStatus>> status();

  // Runs what is pending; the migrations that ran. Two programs at once do each of them once. Suspends.
  Result<std::vector<Migration>> up();

  // The SQL that `up` would run.
  Result<std::string> plan();

 private:
  Result<void> apply(const Migration& migration);
  // False when they cannot run as one; then nothing has changed.
  bool apply_together(std::span<const Migration> migrations);
  std::string script_of(const Migration& migration) const;

  Database& database_;
  const Clock& clock_;
  std::span<const Migration> all_;
};

}  // namespace trunkline::db
