// For tests: a warehouse in a fresh database.
#pragma once

#include <functional>

#include "db/db_testing.hpp"
#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::store {

// Runs `body` on a fiber with a migrated database of the engine that the run is for.
void with_warehouse(const std::function<void(db::Database&)>& body);

// Everything a query answers, its columns joined with "|" and its rows with newlines; NULL is "-".
std::string all_of(db::Database& database, const db::Statement& statement);

// Writes in a transaction of its own.
Written write(const Store& store, const Source& source, const RowSet& rows);

}  // namespace trunkline::warehouse::store
