// The warehouse's tables and views as rows of text, a page at a time, for files and other tools.
#pragma once

#include "db/database.hpp"
#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::store {

struct ExportTable {
  std::string name;  // without the schema: "calls"
  std::vector<Column> columns;
  std::string time_column;  // "" when rows have no time of their own

  // Both are made with the table.
  const db::Statement* page = nullptr;
};

const std::vector<ExportTable>& export_tables();
const ExportTable* find_export_table(std::string_view name);

struct ExportPage {
  std::vector<Record> rows;
  std::int64_t last = 0;  // where the next page begins
  bool is_last = false;
};
// Rows behind `after` whose time is in [from, to). Suspends.
Result<ExportPage> export_page(db::Database& database, const ExportTable& table, Instant from, Instant to,
                               std::int64_t after);

// One line each, without a line end: RFC 4180 and JSON Lines. Amounts and counts are JSON numbers with the
// digits that are stored.
std::string csv_heading(const ExportTable& table);
std::string csv_line(const ExportTable& table, const Record& row);
std::string json_line(const ExportTable& table, const Record& row);

}  // namespace trunkline::warehouse::store
