#include "warehouse/store/bulk.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/json/write.hpp"
#include "warehouse/store/cell_text.hpp"

namespace trunkline::warehouse::store {
namespace {

// A statement call of PostgreSQL takes its parameters as a list of fixed length.
constexpr std::size_t parameters_max = 60;

// COPY costs a third less a row than unnest() and three trips to the server more.
constexpr std::size_t copied_from = 20;

using Sender = std::int64_t (*)(db::Transaction&, const db::Statement&, const db::Parameter*);

template <std::size_t... Position>
std::int64_t send_all(db::Transaction& transaction, const db::Statement& statement,
                      const db::Parameter* parameters, std::index_sequence<Position...>) {
  return transaction.execute_counted(statement, {parameters[Position]...});
}

template <std::size_t... Count>
constexpr std::array<Sender, sizeof...(Count)> make_senders(std::index_sequence<Count...>) {
  return {[](db::Transaction& transaction, const db::Statement& statement, const db::Parameter* parameters) {
    return send_all(transaction, statement, parameters, std::make_index_sequence<Count>());
  }...};
}

constexpr auto senders = make_senders(std::make_index_sequence<parameters_max + 1>());

std::string_view sql_type(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::text:
      return "text";
    case ColumnKind::integer:
      return "bigint";
    case ColumnKind::boolean:
      return "boolean";
    case ColumnKind::time:
      return "timestamptz";
    case ColumnKind::date:
      return "date";
    case ColumnKind::amount:
      return "numeric";
    case ColumnKind::json:
      return "jsonb";
  }
  return "text";
}

bool is_number(ColumnKind kind) {
  return kind == ColumnKind::integer || kind == ColumnKind::boolean;
}

void append_json_cell(json::Writer& writer, const Cell& cell, ColumnKind kind) {
  if (!cell) {
    writer.value(nullptr);
  } else if (is_number(kind)) {
    writer.raw(*cell);
  } else {
    writer.value(*cell);
  }
}

// "a, b, c", made of each column by `one`.
template <class One>
std::string list(const Table& table, One one) {
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) text += ", ";
    text += one(table.columns[i], i);
  }
  return text;
}

std::string names(const Table& table) {
  return list(table, [](const Column& column, std::size_t) { return std::string(column.name); });
}

std::string arrays(const Table& table, std::size_t first) {
  return list(table,
              [first](const Column&, std::size_t i) { return fmt::format("${}::text::text[]", i + first); });
}

std::string casts(const Table& table) {
  return list(table, [](const Column& column, std::size_t) {
    return fmt::format("u.{}::{}", column.name, sql_type(column.kind));
  });
}

std::string json_columns(const Table& table, std::size_t first) {
  return list(table, [first](const Column& column, std::size_t i) {
    return fmt::format("json_extract(value, '$[{}]') AS {}", i + first, column.name);
  });
}

std::string readable(const Table& table) {
  return "id, " + list(table, [](const Column& column, std::size_t) {
           return std::string(column.name) + (is_number(column.kind) ? "" : "::text");
         });
}

std::string insert_for_postgres(const Table& table) {
  return fmt::format(
      "INSERT INTO {} (provider_id, account, {}) SELECT $1::bigint, $2::text, {} FROM unnest({}) AS u ({})",
      table.name, names(table), casts(table), arrays(table, 3), names(table));
}

std::string insert_for_sqlite(const Table& table) {
  return fmt::format(
      "INSERT INTO {} (provider_id, account, {}) SELECT $1, $2, {} FROM json_each($3) WHERE true", table.name,
      names(table), json_columns(table, 0));
}

std::string copy_for_postgres(const Table& table) {
  return fmt::format("COPY {} (provider_id, account, {}) FROM STDIN (FORMAT binary)", table.name,
                     names(table));
}

std::string update_for_postgres(const Table& table) {
  const std::string assignments = list(table, [](const Column& column, std::size_t) {
    return fmt::format("{0} = u.{0}::{1}", column.name, sql_type(column.kind));
  });
  return fmt::format(
      "UPDATE {} AS t SET {} FROM unnest($1::text::text[], {}) AS u (row_id, {}) WHERE t.id = "
      "u.row_id::bigint",
      table.name, assignments, arrays(table, 2), names(table));
}

std::string update_for_sqlite(const Table& table) {
  const std::string assignments =
      list(table, [](const Column& column, std::size_t) { return fmt::format("{0} = u.{0}", column.name); });
  return fmt::format(
      "UPDATE {} AS t SET {} FROM (SELECT json_extract(value, '$[0]') AS row_id, {} FROM json_each($1)) AS u "
      "WHERE t.id = u.row_id",
      table.name, assignments, json_columns(table, 1));
}

// Each key is looked up by itself: OFFSET keeps the planner, which has no statistics of a table that is being
// filled, from reading the whole table for a thousand keys. Provider and account are kept out of its sight
// where the key has an index of its own, since it takes their prefix of another for the shorter way.
std::string select(const Table& table, std::string_view columns, std::string_view key, bool postgres) {
  const bool is_shared = key == "session_id";
  const std::string owned = fmt::format("{} = $1 AND {} = $2", is_shared ? "provider_id + 0" : "provider_id",
                                        is_shared ? "account || ''" : "account");
  if (!postgres) {
    return fmt::format("SELECT {} FROM {} WHERE {} AND {} IN (SELECT value FROM json_each($3))", columns,
                       table.name, owned, key);
  }
  return fmt::format(
      "SELECT found.* FROM unnest($3::text::text[]) AS wanted (the_key) CROSS JOIN LATERAL (SELECT {} FROM "
      "{} "
      "WHERE {} = wanted.the_key AND {} OFFSET 0) AS found",
      columns, table.name, key, owned);
}

}  // namespace

// A Statement refers to its text: both live as long as the table's access, which is as long as the program.
struct OwnedStatement {
  OwnedStatement(std::string statement_name, std::string statement_sql)
      : name(std::move(statement_name)), sql(std::move(statement_sql)), statement(name, sql) {}
  std::string name;
  std::string sql;
  db::Statement statement;
};

struct EngineStatements {
  EngineStatements(const Table& table, std::string_view key, const std::string& read_columns, bool postgres)
      : fingerprints(label(table, "fingerprints", key, postgres),
                     select(table, fingerprint_columns(table, key), key, postgres)),
        read(label(table, "read", key, postgres), select(table, read_columns, key, postgres)),
        insert(label(table, "insert", key, postgres),
               postgres ? insert_for_postgres(table) : insert_for_sqlite(table)),
        copy(label(table, "copy", key, postgres),
             postgres ? copy_for_postgres(table) : std::string("SELECT 1")),
        update(label(table, "update", key, postgres),
               postgres ? update_for_postgres(table) : update_for_sqlite(table)) {}

  static std::string label(const Table& table, std::string_view what, std::string_view key, bool postgres) {
    return fmt::format("{}.{}_by_{}_{}", table.name, what, key, postgres ? "postgresql" : "sqlite");
  }
  static std::string fingerprint_columns(const Table& table, std::string_view key) {
    const bool has_event =
        std::ranges::any_of(table.columns, [](const Column& column) { return column.name == "event_hash"; });
    return fmt::format("{}, content_hash, {}", key, has_event ? "event_hash" : "NULL::text");
  }

  OwnedStatement fingerprints;
  OwnedStatement read;
  OwnedStatement insert;
  OwnedStatement copy;  // PostgreSQL only
  OwnedStatement update;
};

struct TableAccess::Statements {
  Statements(const Table& table, std::string_view key, const std::string& read_columns)
      : postgres(table, key, read_columns, true), sqlite(table, key, read_columns, false) {}
  const EngineStatements& of(bool for_postgres) const { return for_postgres ? postgres : sqlite; }

  EngineStatements postgres;
  EngineStatements sqlite;
};

TableAccess::TableAccess(const Table& table, std::string_view key)
    : table_(table),
      key_(table.position(key)),
      read_columns_(readable(table)),
      statements_(std::make_unique<Statements>(table, key, read_columns_)) {}

TableAccess::~TableAccess() = default;

std::string key_list(bool postgres, std::span<const std::string> keys) {
  std::string text;
  if (postgres) {
    text = "{";
    for (const std::string& key : keys) append_array_item(text, key);
    return text + "}";
  }
  json::Writer writer(text);
  writer.begin_array();
  for (const std::string& key : keys) writer.value(key);
  writer.end_array();
  return text;
}

std::unordered_map<std::string, TableAccess::Fingerprint> TableAccess::fingerprints(
    db::Transaction& transaction, bool postgres, const Owner& owner,
    std::span<const std::string> keys) const {
  std::unordered_map<std::string, Fingerprint> found;
  if (keys.empty()) return found;
  const db::Rows rows = transaction.query(statements_->of(postgres).fingerprints.statement,
                                          {owner.provider_id, owner.account, key_list(postgres, keys)});
  found.reserve(rows.size());
  for (const db::Row row : rows) {
    found.emplace(row.text(0), Fingerprint{row.optional_text(1), row.optional_text(2)});
  }
  return found;
}

StoredRecord TableAccess::record_in(const db::Row& row) const {
  StoredRecord record{.id = row.integer(0), .cells = Record(table_.columns.size())};
  for (std::size_t i = 0; i < table_.columns.size(); ++i) {
    if (row.is_null(i + 1)) continue;
    const ColumnKind kind = table_.columns[i].kind;
    Cell& cell_read = record.cells[i];
    if (is_number(kind)) {
      cell_read = std::to_string(row.integer(i + 1));
    } else if (kind == ColumnKind::time) {
      cell_read = cell(read_stored_time(row.text(i + 1)));
    } else if (kind == ColumnKind::amount) {
      cell_read = cell(decimal_in(std::string(row.text(i + 1))));
    } else {
      cell_read = std::string(row.text(i + 1));
    }
  }
  return record;
}

std::vector<StoredRecord> TableAccess::read_all(db::Transaction& transaction, bool postgres,
                                                const Owner& owner, std::span<const std::string> keys) const {
  std::vector<StoredRecord> found;
  if (keys.empty()) return found;
  const db::Rows rows = transaction.query(statements_->of(postgres).read.statement,
                                          {owner.provider_id, owner.account, key_list(postgres, keys)});
  found.reserve(rows.size());
  for (const db::Row row : rows) found.push_back(record_in(row));
  return found;
}

std::unordered_map<std::string, StoredRecord> TableAccess::read(db::Transaction& transaction, bool postgres,
                                                                const Owner& owner,
                                                                std::span<const std::string> keys) const {
  std::unordered_map<std::string, StoredRecord> found;
  for (StoredRecord& record : read_all(transaction, postgres, owner, keys)) {
    std::string key = record.cells[key_].value_or("");
    found.emplace(std::move(key), std::move(record));
  }
  return found;
}

void TableAccess::insert(db::Transaction& transaction, bool postgres, const Owner& owner,
                         std::span<const Record* const> records) const {
  if (records.empty()) return;
  if (postgres && records.size() >= copied_from && copy(transaction, owner, records)) return;
  const db::Statement& statement = statements_->of(postgres).insert.statement;
  if (postgres) {
    std::vector<std::string> columns(table_.columns.size(), "{");
    for (const Record* record : records) {
      for (std::size_t i = 0; i < record->size(); ++i) append_array_item(columns[i], (*record)[i]);
    }
    std::vector<db::Parameter> parameters{owner.provider_id, owner.account};
    for (std::string& column : columns) {
      column += '}';
      parameters.emplace_back(column);
    }
    senders.at(parameters.size())(transaction, statement, parameters.data());
    return;
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const Record* record : records) {
    writer.begin_array();
    for (std::size_t i = 0; i < record->size(); ++i)
      append_json_cell(writer, (*record)[i], table_.columns[i].kind);
    writer.end_array();
  }
  writer.end_array();
  transaction.execute(statement, {owner.provider_id, owner.account, text});
}

bool TableAccess::copy(db::Transaction& transaction, const Owner& owner,
                       std::span<const Record* const> records) const {
  constexpr std::size_t owner_cells = 2;
  BinaryRows rows(owner_cells + table_.columns.size());
  for (const Record* record : records) {
    rows.begin_row();
    rows.add(owner.provider_id);
    rows.add(owner.account);
    for (std::size_t i = 0; i < record->size(); ++i) {
      if (!rows.add((*record)[i], table_.columns[i].kind)) return false;
    }
    if (record == records.front()) rows.reserve_like_first(records.size());
  }
  transaction.copy_in(statements_->postgres.copy.statement, rows.take());
  return true;
}

void TableAccess::update(db::Transaction& transaction, bool postgres,
                         std::span<const StoredRecord> records) const {
  if (records.empty()) return;
  const db::Statement& statement = statements_->of(postgres).update.statement;
  if (postgres) {
    std::vector<std::string> columns(table_.columns.size() + 1, "{");
    for (const StoredRecord& record : records) {
      append_array_item(columns[0], std::to_string(record.id));
      for (std::size_t i = 0; i < record.cells.size(); ++i)
        append_array_item(columns[i + 1], record.cells[i]);
    }
    std::vector<db::Parameter> parameters;
    for (std::string& column : columns) {
      column += '}';
      parameters.emplace_back(column);
    }
    senders.at(parameters.size())(transaction, statement, parameters.data());
    return;
  }
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const StoredRecord& record : records) {
    writer.begin_array().value(record.id);
    for (std::size_t i = 0; i < record.cells.size(); ++i)
      append_json_cell(writer, record.cells[i], table_.columns[i].kind);
    writer.end_array();
  }
  writer.end_array();
  transaction.execute(statement, {text});
}

}  // namespace trunkline::warehouse::store
