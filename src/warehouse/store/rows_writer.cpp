#include "warehouse/store/rows_writer.hpp"

#include <algorithm>

namespace trunkline::warehouse::store {
namespace {

bool says_the_same(const Cell& incoming, const Cell& stored) {
  return !incoming || incoming == stored;
}

}  // namespace

void RowsWriter::take(std::vector<Record> incoming, const std::function<void(Record&)>& prepare) {
  const Table& table = access_.table();
  counts.received += static_cast<std::int64_t>(incoming.size());
  for (Record& record : incoming) {
    const auto [place, is_new] = rows_.try_emplace(record[key_].value_or(""));
    Record& current = place->second.current;
    current = is_new ? std::move(record) : merge(table, current, record);
  }
  std::vector<std::string> keys;
  keys.reserve(rows_.size());
  for (const auto& [key, row] : rows_) keys.push_back(key);
  const auto fingerprints = access_.fingerprints(transaction_, postgres_, source_.owner, keys);
  const std::size_t content = table.position("content_hash");
  const auto event = table.find("event_hash");
  const auto released = table.find("released_at");
  std::vector<std::string> to_read;
  for (auto row = rows_.begin(); row != rows_.end();) {
    const auto& [key, working] = *row;
    const auto known = fingerprints.find(key);
    // A number that was released and is back has the same words as before it went.
    if (known != fingerprints.end() && !released &&
        says_the_same(working.current[content], known->second.content_hash) &&
        (!event || says_the_same(working.current[*event], known->second.event_hash))) {
      ++counts.unchanged;
      unchanged_.push_back(key);
      row = rows_.erase(row);
      continue;
    }
    if (known != fingerprints.end()) to_read.push_back(key);
    ++row;
  }
  for (auto& [key, stored] : access_.read(transaction_, postgres_, source_.owner, to_read)) {
    Working& row = rows_.at(key);
    Record base = stored.cells;
    if (prepare) prepare(base);
    row.current = merge(table, base, row.current);
    row.stored = std::move(stored);
  }
}

void RowsWriter::adopt(StoredRecord stored) {
  const std::string key = stored.cells[key_].value_or("");
  const auto [place, is_new] = rows_.try_emplace(key);
  if (!is_new) return;
  place->second.is_neighbour = true;
  place->second.current = stored.cells;
  place->second.stored = std::move(stored);
}

void RowsWriter::finish() {
  const Table& table = access_.table();
  std::vector<const Record*> inserts;
  std::vector<StoredRecord> updates;
  const auto synced = table.find("synced_at");
  const auto seen = table.find(table.name == "telco.provider_resources" ? "last_seen" : "last_synced");
  for (auto& [key, row] : rows_) {
    if (!row.stored) {
      ++counts.inserted;
      row.is_written = true;
      inserts.push_back(&row.current);
      continue;
    }
    const Difference difference = compare(table, row.stored->cells, row.current);
    row.is_written = difference == Difference::content;
    if (row.is_written) {
      if (!row.is_neighbour) ++counts.updated;
      for (const auto& column : {synced, seen}) {
        if (column) row.current[*column] = stored_time(source_.now);
      }
    } else if (!row.is_neighbour) {
      ++counts.unchanged;
      unchanged_.push_back(key);
    }
    if (difference != Difference::none) updates.push_back({row.stored->id, row.current});
  }
  access_.insert(transaction_, postgres_, source_.owner, inserts);
  access_.update(transaction_, postgres_, updates);
}

void touch(Touched& touched, const WorkingSet& rows, std::size_t call, std::size_t session) {
  for (const auto& [key, row] : rows) {
    if (!row.is_written) continue;
    if (row.current[call]) touched.calls.push_back(*row.current[call]);
    if (row.current[session]) touched.sessions.push_back(*row.current[session]);
  }
}

}  // namespace trunkline::warehouse::store
