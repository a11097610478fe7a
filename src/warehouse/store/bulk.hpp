// Reads and writes whole pages of a table with one statement each. PostgreSQL is given new rows by binary
// COPY, for which no staging table is needed since it is known that they are new, and changed ones as one
// array a column, which it unpacks by unnest(); SQLite is given one JSON text and unpacks it by json_each().
// Only what is new or has changed is ever sent.
#pragma once

#include <memory>
#include <unordered_map>

#include "db/database.hpp"
#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::store {

// Whose rows: the leading part of every key.
struct Owner {
  std::int64_t provider_id = 0;
  std::string account;
};

struct StoredRecord {
  std::int64_t id = 0;
  Record cells;
};

// The statements of one table, for one engine.
class TableAccess {
 public:
  // `key` is the column that names a row within its owner.
  TableAccess(const Table& table, std::string_view key);
  ~TableAccess();

  const Table& table() const { return table_; }

  // The fingerprints of the rows that are there, by key: the column content_hash, and event_hash where there
  // is one.
  struct Fingerprint {
    Cell content_hash;
    Cell event_hash;
  };
  std::unordered_map<std::string, Fingerprint> fingerprints(db::Transaction& transaction, bool postgres,
                                                            const Owner& owner,
                                                            std::span<const std::string> keys) const;
  std::unordered_map<std::string, StoredRecord> read(db::Transaction& transaction, bool postgres,
                                                     const Owner& owner,
                                                     std::span<const std::string> keys) const;
  // The same with a key that several rows may share.
  std::vector<StoredRecord> read_all(db::Transaction& transaction, bool postgres, const Owner& owner,
                                     std::span<const std::string> keys) const;
  void insert(db::Transaction& transaction, bool postgres, const Owner& owner,
              std::span<const Record* const> records) const;
  void update(db::Transaction& transaction, bool postgres, std::span<const StoredRecord> records) const;

  // Makes the table's cells of an answer whose first column is the id and whose others are read_columns().
  StoredRecord record_in(const db::Row& row) const;
  // "id, external_call_id, …", with casts to what we can read.
  const std::string& read_columns() const { return read_columns_; }

 private:
  struct Statements;

  // False, and nothing is done, when a cell cannot be written in COPY's binary format.
  bool copy(db::Transaction& transaction, const Owner& owner, std::span<const Record* const> records) const;

  const Table& table_;
  std::size_t key_;
  std::string read_columns_;
  std::unique_ptr<const Statements> statements_;
};

// A list of keys as one parameter: an array literal or a JSON array.
std::string key_list(bool postgres, std::span<const std::string> keys);

}  // namespace trunkline::warehouse::store
