#include "warehouse/store/store_testing.hpp"

#include <doctest/doctest.h>

#include "base/json/write.hpp"
#include "migrations.hpp"

namespace trunkline::warehouse::store {

void with_warehouse(const std::function<void(db::Database&)>& body) {
  db::with_database([&](db::TestDatabase& database) {
    const SystemClock clock;
    db::Migrator migrator(*database, clock, all_migrations());
    const auto ran = migrator.up();
    if (!ran) FAIL(ran.error().describe());
    body(*database);
  });
}

std::string all_of(db::Database& database, const db::Statement& statement) {
  const auto rows = database.query(db::Scope::operations(), statement, {});
  if (!rows) FAIL(rows.error().describe());
  std::string text;
  for (const db::Row row : *rows) {
    if (!text.empty()) text += '\n';
    text += row.optional_text(0).value_or("-");
  }
  return text;
}

Written write(const Store& store, const Source& source, const RowSet& rows) {
  const auto written = store.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    return store.write(transaction, source, rows);
  });
  if (!written) FAIL(written.error().describe());
  return *written;
}

}  // namespace trunkline::warehouse::store
