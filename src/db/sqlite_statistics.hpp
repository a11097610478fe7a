// What SQLite's planner is told of our tables. Without it an account's rows in a table are taken for ten, and
// the primary key, which begins with the account, for the shorter way past an index that names the row: a
// read then goes through all that an account has. The truth of one day would be as wrong on another, and
// ANALYZE takes long on a large table; so the planner gets this once, with each migration: an account has
// many rows, every further column of an index narrows them down to a few, and a unique key to one.
#pragma once

#include <string_view>

namespace trunkline::db {

inline constexpr std::string_view tell_sqlite_of_accounts = R"sql(
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat)
SELECT tbl, idx,
       CASE WHEN columns = 1 THEN CASE WHEN is_unique THEN '1000000 1' ELSE '1000000 100000' END
            ELSE '1000000 100000' || replace(hex(zeroblob(columns - 2)), '00', ' 10') ||
                 CASE WHEN is_unique THEN ' 1' ELSE ' 8' END
       END
FROM (SELECT t.name AS tbl, CASE WHEN i.origin = 'pk' AND t.wr THEN t.name ELSE i.name END AS idx,
             i."unique" AS is_unique, (SELECT count(*) FROM pragma_index_info(i.name)) AS columns
      FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i JOIN pragma_index_info(i.name) AS first
      WHERE t.schema = 'main' AND t.type = 'table' AND first.seqno = 0 AND first.name = 'account_id') AS led
WHERE NOT EXISTS (SELECT 1 FROM sqlite_stat1 AS told WHERE told.tbl = led.tbl AND told.idx = led.idx);
ANALYZE sqlite_schema;
)sql";

}  // namespace trunkline::db
