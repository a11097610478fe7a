// One table's part of a page: finds out which rows are new, which changed and which did not, and writes the
// first two kinds.
#pragma once

#include <functional>
#include <map>

#include "warehouse/store/links.hpp"
#include "warehouse/store/merge.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::store {

// A row that is being worked on. What the database has of it is in `stored`.
struct Working {
  std::optional<StoredRecord> stored;
  Record current;
  bool is_neighbour = false;  // not of the page: looked at because of a row that is
  bool is_written = false;    // new or changed
};
// By key, in the order of the keys, so that two writers lock in the same order.
using WorkingSet = std::map<std::string, Working>;

class RowsWriter {
 public:
  RowsWriter(const TableAccess& access, std::size_t key, db::Transaction& transaction, bool postgres,
             const Source& source)
      : access_(access), key_(key), transaction_(transaction), postgres_(postgres), source_(source) {}

  // Takes a page's records: merges repeats, drops what is stored already in the same words, reads the rest.
  // `prepare` is applied to a stored row before the page's version is merged into it.
  void take(std::vector<Record> incoming, const std::function<void(Record&)>& prepare = {});
  // Adds a stored row that the page did not bring, unless it is there.
  void adopt(StoredRecord stored);

  WorkingSet& rows() { return rows_; }
  const std::vector<std::string>& unchanged_keys() const { return unchanged_; }

  // Writes what is new or changed.
  void finish();

  Written counts;

 private:
  const TableAccess& access_;
  std::size_t key_;
  db::Transaction& transaction_;
  bool postgres_;
  const Source& source_;
  WorkingSet rows_;
  std::vector<std::string> unchanged_;
};

// Adds to `touched` what the rows that were written name in these columns.
void touch(Touched& touched, const WorkingSet& rows, std::size_t call, std::size_t session);

// The table's calls; correlates, dates and sums them too.
// What calls gain by correlation goes into `charges`.
Written write_calls(db::Transaction& transaction, bool postgres, const Source& source, const RowSet& rows,
                    const TimeZone& zone, std::vector<ChargeRow>& charges, Touched& touched);

}  // namespace trunkline::warehouse::store
