#include "db/migration.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/encoding.hpp"

namespace trunkline::db {
namespace {

constexpr std::string_view create_journal =
    "CREATE TABLE IF NOT EXISTS schema_migrations (number bigint PRIMARY KEY, name text NOT NULL,"
    " checksum text NOT NULL, applied_at bigint NOT NULL);";

const Statement read_journal{
    "migrations.journal", "SELECT number, name, checksum, applied_at FROM schema_migrations ORDER BY number"};

// Tells a migration whose text was changed after it ran.
std::string checksum(const Migration& migration) {
  return fmt::format("{:08x}", crc32(migration.sql));
}

}  // namespace

Result<std::vector<MigrationStatus>> Migrator::status() {
  if (Result<std::string> created = database_.run_script(create_journal, false); !created) {
    return fail(std::move(created.error()));
  }
  const Result<Rows> journal = database_.query(Scope::operations(), read_journal, {});
  if (!journal) return fail(journal.error());

  std::vector<MigrationStatus> result;
  for (const Migration& migration : all_) result.push_back({migration, std::nullopt});
  for (const Row row : *journal) {
    const auto known = std::ranges::find(
        result, row.integer(0), [](const MigrationStatus& status) { return status.migration.number; });
    if (known == result.end()) {
      return fail(
          error_codes::schema_mismatch,
          fmt::format("The database has migration {} ({}), which this program does not know: run a newer "
                      "version of Trunkline.",
                      row.integer(0), row.text(1)));
    }
    if (row.text(2) != checksum(known->migration)) {
      return fail(
          error_codes::schema_mismatch,
          fmt::format("Migration {} ({}) ran with another text than this program has: the program and the "
                      "database come from different builds.",
                      row.integer(0), row.text(1)));
    }
    known->applied_at = row.instant(3);
  }
  return result;
}

Result<std::vector<Migration>> Migrator::up() {
  const auto before = status();
  if (!before) return fail(before.error());
  std::vector<Migration> ran;
  for (const MigrationStatus& entry : *before) {
    if (!entry.applied_at) ran.push_back(entry.migration);
  }
  // All in one transaction costs one flush. What cannot run so says why when it runs alone.
  if (ran.size() > 1 && apply_together(ran)) return ran;
  ran.clear();
  for (const MigrationStatus& entry : *before) {
    if (entry.applied_at) continue;
    if (Result<void> applied = apply(entry.migration); !applied) {
      // Another program may have been quicker; then it is there and all is well.
      const auto now = status();
      const bool done = now && std::ranges::any_of(*now, [&](const MigrationStatus& other) {
                          return other.migration.number == entry.migration.number && other.applied_at;
                        });
      if (!done) return fail(std::move(applied.error()));
      continue;
    }
    ran.push_back(entry.migration);
  }
  return ran;
}

// The journal row goes first: it makes a second program that runs the same migration wait, and then fail on
// the key.
std::string Migrator::script_of(const Migration& migration) const {
  return fmt::format(
      "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ({}, '{}', '{}', {});\n{}\n",
      migration.number, migration.name, checksum(migration), to_microseconds(clock_.now()), migration.sql);
}

bool Migrator::apply_together(std::span<const Migration> migrations) {
  std::string script;
  for (const Migration& migration : migrations) script += script_of(migration);
  return database_.run_script(script, false).has_value();
}

Result<void> Migrator::apply(const Migration& migration) {
  if (Result<std::string> ran = database_.run_script(script_of(migration), false); !ran) {
    return fail(
        Error(ran.error().code(), fmt::format("Migration {} ({}) failed.", migration.number, migration.name))
            .caused_by(ran.error()));
  }
  return {};
}

Result<std::string> Migrator::plan() {
  const auto current = status();
  if (!current) return fail(current.error());
  std::string text;
  for (const MigrationStatus& entry : *current) {
    if (entry.applied_at) continue;
    const Result<std::string> script = database_.run_script(entry.migration.sql, true);
    if (!script) return script;
    text += fmt::format("-- {} {}\n{}", entry.migration.number, entry.migration.name, *script);
  }
  return text;
}

}  // namespace trunkline::db
