#include "warehouse/store/export.hpp"

#include <algorithm>
#include <deque>

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::int64_t page_size = 5000;

// What only the store computes with stays inside.
constexpr std::array<std::string_view, 12> inner{
    "content_hash",  "event_hash", "standing",      "revision_at", "as_sent",  "feed",
    "leg_direction", "is_settled", "looked_for_at", "attempts",    "tried_at", "resource_key"};

struct Made {
  std::string name;
  std::string sql;
  std::optional<db::Statement> statement;
};

class Catalogue {
 public:
  Catalogue() {
    add(calls_table.table(), "started_at");
    add(messages_table.table(), "sent_at");
    add(recordings_table.table(), "created_at");
    add(charges_table.table(), "charged_at");
    add(billing_table.table(), "period_start");
    add(numbers_table.table(), "");
    add(agents_table.table(), "");
    add(resources_table.table(), "");
    using enum ColumnKind;
    add_plain("balance_snapshots", true,
              {{"balance", amount, Rule::key},
               {"currency", text, Rule::key},
               {"credit_limit", amount, Rule::key},
               {"snapshot_at", ColumnKind::time, Rule::key}},
              "snapshot_at");
    add_plain("sync_log", true,
              {{"sync_type", text, Rule::key},
               {"trigger", text, Rule::key},
               {"started_at", ColumnKind::time, Rule::key},
               {"completed_at", ColumnKind::time, Rule::key},
               {"records_fetched", integer, Rule::key},
               {"records_inserted", integer, Rule::key},
               {"records_updated", integer, Rule::key},
               {"records_unchanged", integer, Rule::key},
               {"pages", integer, Rule::key},
               {"requests", integer, Rule::key},
               {"retries", integer, Rule::key},
               {"status", text, Rule::key},
               {"error_message", text, Rule::key}},
              "started_at");
    add_plain("daily_call_summary", false,
              {{"call_date", date, Rule::key},
               {"provider", text, Rule::key},
               {"direction", text, Rule::key},
               {"currency", text, Rule::key},
               {"total_calls", integer, Rule::key},
               {"completed_calls", integer, Rule::key},
               {"total_duration", integer, Rule::key},
               {"total_billable", integer, Rule::key},
               {"total_cost", amount, Rule::key}},
              "call_date");
    add_plain("monthly_cost_summary", false,
              {{"month", date, Rule::key},
               {"provider", text, Rule::key},
               {"currency", text, Rule::key},
               {"total_calls", integer, Rule::key},
               {"call_costs", amount, Rule::key},
               {"number_rental", amount, Rule::key}},
              "month");
  }

  std::vector<ExportTable> tables;

 private:
  void add(const Table& table, std::string_view time_column) {
    std::vector<Column> columns;
    for (const Column& column : table.columns) {
      if (std::ranges::find(inner, column.name) == inner.end()) columns.push_back(column);
    }
    add_plain(table.name.substr(table.name.find('.') + 1), true, std::move(columns), time_column);
  }

  // Tables have ids, an owner and pages; views are small and come whole.
  void add_plain(std::string_view name, bool is_table, std::vector<Column> columns,
                 std::string_view time_column) {
    if (is_table) {
      columns.insert(columns.begin(),
                     {{"provider", ColumnKind::text, Rule::key}, {"account", ColumnKind::text, Rule::key}});
    }
    std::string list;
    for (const Column& column : columns) {
      const std::string place =
          is_table && column.name == "provider" ? "p.name" : fmt::format("t.{}", column.name);
      list += fmt::format(", CAST({} AS text)", place);
    }
    std::string condition = "true";
    const bool by_day = !time_column.empty() && std::ranges::any_of(columns, [&](const Column& column) {
      return column.name == time_column && column.kind == ColumnKind::date;
    });
    if (!time_column.empty()) {
      const std::string_view type = by_day ? "date" : "timestamptz";
      condition = fmt::format("t.{0} >= $1::text::{1} AND t.{0} < $2::text::{1}", time_column, type);
    } else {
      condition = "($1::text IS NOT NULL AND $2::text IS NOT NULL)";
    }
    Made& made = made_.emplace_back();
    made.name = fmt::format("export.{}", name);
    made.sql =
        is_table
            ? fmt::format(
                  "SELECT t.id{} FROM telco.{} t JOIN telco.providers p ON p.provider_id = t.provider_id"
                  " WHERE {} AND t.id > $3 ORDER BY t.id LIMIT $4",
                  list, name, condition)
            : fmt::format("SELECT 0{} FROM telco.{} t WHERE {} AND $3::bigint = 0 ORDER BY t.{} LIMIT $4",
                          list, name, condition, time_column);
    made.statement.emplace(made.name, made.sql, db::Reach::scan);
    tables.push_back({.name = std::string(name),
                      .columns = std::move(columns),
                      .time_column = std::string(time_column),
                      .page = &*made.statement});
  }

  std::deque<Made> made_;
};

const Catalogue& catalogue() {
  static const Catalogue made;
  return made;
}

bool is_day(const ExportTable& table) {
  return std::ranges::any_of(table.columns, [&](const Column& column) {
    return column.name == table.time_column && column.kind == ColumnKind::date;
  });
}

// As both engines would show it.
Cell shown(const Cell& raw, ColumnKind kind) {
  if (!raw) return raw;
  switch (kind) {
    case ColumnKind::time:
      return cell(read_stored_time(*raw));
    case ColumnKind::boolean:
      return *raw == "1" || *raw == "true" ? "true" : "false";
    case ColumnKind::amount:
      return cell(decimal_in(raw));
    default:
      return raw;
  }
}

}  // namespace

const std::vector<ExportTable>& export_tables() {
  return catalogue().tables;
}

const ExportTable* find_export_table(std::string_view name) {
  const auto found = std::ranges::find(export_tables(), name, &ExportTable::name);
  return found == export_tables().end() ? nullptr : &*found;
}

Result<ExportPage> export_page(db::Database& database, const ExportTable& table, Instant from, Instant to,
                               std::int64_t after) {
  const std::size_t size = is_day(table) ? 10 : std::string::npos;
  const std::string begin = stored_time(from).substr(0, size);
  const std::string end = stored_time(to).substr(0, size);
  const bool is_table = table.columns[1].name == "account";
  const std::int64_t limit = is_table ? page_size : std::int64_t{1} << 40U;
  const auto rows = database.query(db::Scope::operations(), *table.page, {begin, end, after, limit});
  if (!rows) return fail(rows.error());
  ExportPage page{.last = after};
  for (const db::Row row : *rows) {
    page.last = row.integer(0);
    Record record;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      record.push_back(shown(row.optional_text(i + 1), table.columns[i].kind));
    page.rows.push_back(std::move(record));
  }
  page.is_last = static_cast<std::int64_t>(page.rows.size()) < limit;
  return page;
}

std::string csv_heading(const ExportTable& table) {
  std::string line;
  for (const Column& column : table.columns) {
    if (!line.empty()) line += ',';
    line += column.name;
  }
  return line;
}

std::string csv_line(const ExportTable& table, const Record& row) {
  std::string line;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) line += ',';
    if (!row[i]) continue;
    if (row[i]->find_first_of(",\"\r\n") == std::string::npos) {
      line += *row[i];
      continue;
    }
    line += '"';
    for (const char character : *row[i]) {
      if (character == '"') line += '"';
      line += character;
    }
    line += '"';
  }
  return line;
}

std::string json_line(const ExportTable& table, const Record& row) {
  std::string line;
  json::Writer writer(line);
  writer.begin_object();
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    writer.key(column.name);
    const bool is_raw = column.kind == ColumnKind::integer || column.kind == ColumnKind::amount ||
                        column.kind == ColumnKind::boolean || column.kind == ColumnKind::json;
    if (!row[i]) {
      writer.value(nullptr);
    } else if (is_raw) {
      writer.raw(*row[i]);
    } else {
      writer.value(*row[i]);
    }
  }
  writer.end_object();
  return line;
}

}  // namespace trunkline::warehouse::store
