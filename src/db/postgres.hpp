// PostgreSQL as the server engine: each loop has one pipelined connection for reads and a few for
// transactions.
#pragma once

#include "db/database.hpp"

namespace trunkline::db {

// Connects once to see that it works. Fails with `unavailable` and says what to do about it.
Result<std::unique_ptr<Database>> open_postgres(const std::string& url, const OpenOptions& options);

}  // namespace trunkline::db
