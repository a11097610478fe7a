// SQLite as the embedded engine: one writer thread that commits many transactions at once, readers on the
// loops.
#pragma once

#include "db/database.hpp"

namespace trunkline::db {

// Opens or creates the file, with the directory it is in. Fails with `unavailable` and says what to do about
// it.
Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const OpenOptions& options);

}  // namespace trunkline::db
