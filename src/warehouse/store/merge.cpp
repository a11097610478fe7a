#include "warehouse/store/merge.hpp"

#include <algorithm>
#include <array>

#include "warehouse/rows.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::array<std::string_view, 7> marks{"synced_at",    "last_synced", "last_seen",  "standing",
                                                "content_hash", "event_hash",  "revision_at"};

// Lists and single objects that were read are equally true; events know less.
std::int64_t rank(std::int64_t standing) {
  return std::min(standing, static_cast<std::int64_t>(Standing::record));
}

bool incoming_wins(const Table& table, const Record& stored, const Record& incoming) {
  const auto standing = table.find("standing");
  if (!standing) return true;
  const std::int64_t old_rank = rank(integer_in(stored[*standing]));
  const std::int64_t new_rank = rank(integer_in(incoming[*standing]));
  if (old_rank != new_rank) return new_rank > old_rank;
  if (new_rank == static_cast<std::int64_t>(Standing::record)) return true;
  const std::size_t at = table.position("revision_at");
  const auto old_time = time_in(stored[at]);
  const auto new_time = time_in(incoming[at]);
  return !old_time || !new_time || *new_time >= *old_time;
}

// A call that ended stays ended, whoever says that it still runs.
Cell merged_status(const Cell& stored, const Cell& incoming, bool wins) {
  if (!stored || stored == "unknown") return incoming ? incoming : stored;
  if (!incoming || incoming == "unknown") return stored;
  if (stored == "in_progress") return incoming;
  if (incoming == "in_progress") return stored;
  return wins ? incoming : stored;
}

// The store's own columns that follow the versions.
void merge_marks(const Table& table, const Record& stored, const Record& incoming, bool wins,
                 Record& merged) {
  for (const std::string_view name : {"content_hash", "event_hash"}) {
    const auto at = table.find(name);
    if (at && incoming[*at]) merged[*at] = incoming[*at];
  }
  if (const auto standing = table.find("standing")) {
    merged[*standing] =
        std::to_string(std::max(integer_in(stored[*standing]), integer_in(incoming[*standing])));
    const std::size_t at = table.position("revision_at");
    if (wins && incoming[at]) merged[at] = incoming[at];
  }
}

}  // namespace

Record merge(const Table& table, const Record& stored, const Record& incoming) {
  const bool wins = incoming_wins(table, stored, incoming);
  Record merged = stored;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    switch (table.columns[i].rule) {
      case Rule::key:
      case Rule::first:
      case Rule::kept:
        break;
      case Rule::merge:
        if (incoming[i] && (wins || !stored[i])) merged[i] = incoming[i];
        break;
      case Rule::truth:
        merged[i] = incoming[i];
        break;
      case Rule::either:
        if (truth_in(incoming[i])) merged[i] = incoming[i];
        break;
      case Rule::status:
        merged[i] = merged_status(stored[i], incoming[i], wins);
        break;
    }
  }
  merge_marks(table, stored, incoming, wins, merged);
  return merged;
}

Difference compare(const Table& table, const Record& before, const Record& after) {
  Difference difference = Difference::none;
  const auto hash_differs = [&](std::string_view name) {
    const auto at = table.find(name);
    return at && before[*at] != after[*at];
  };
  const bool other_version = hash_differs("content_hash") || hash_differs("event_hash");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (before[i] == after[i]) continue;
    // PostgreSQL writes JSON in its own way; the fingerprint tells whether it is another.
    if (table.columns[i].kind == ColumnKind::json && !other_version) continue;
    if (std::ranges::find(marks, table.columns[i].name) == marks.end()) return Difference::content;
    if (table.columns[i].name != "synced_at") difference = Difference::marks;
  }
  return difference;
}

}  // namespace trunkline::warehouse::store
