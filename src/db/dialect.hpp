// The few words in which the engines differ. Statements and migrations are written once, in PostgreSQL's
// words; these functions say the same to SQLite.
//
// The telecom warehouse stands in a schema of its own, with the column types that other people's SQL tools
// expect. Its tables are written `telco.calls`; for SQLite that is `telco_calls`, timestamptz, date, numeric
// and jsonb are text, casts are dropped and telco.money() is spelt out. A statement of a migration that opens
// with the comment `-- @postgresql` or `-- @sqlite` is for that engine alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::db {

// A statement for SQLite: `$1` becomes `?1` (as `$1` it would be a name, numbered by first appearance), row
// locks are dropped (there is one writer).
std::string statement_for_sqlite(std::string_view sql);

// A migration for SQLite: column types become its own, and tables with a primary key of several columns are
// clustered by it (WITHOUT ROWID).
std::string script_for_sqlite(std::string_view script);

// A migration for PostgreSQL: each table with an account_id also gets its row-level security policy, so that
// no table can be forgotten.
std::string script_for_postgres(std::string_view script);

// The same with another name for the schema `telco`.
std::string in_schema(std::string_view sql, std::string_view schema);

// The statements of a script, without comments and empty ones. A semicolon inside quotes does not end a
// statement.
std::vector<std::string> split_script(std::string_view script);

}  // namespace trunkline::db
