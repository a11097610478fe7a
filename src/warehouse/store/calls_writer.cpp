#include <algorithm>

#include "base/json/parse.hpp"
#include "warehouse/store/correlate.hpp"
#include "warehouse/store/rows_writer.hpp"
#include "warehouse/store/totals.hpp"

namespace trunkline::warehouse::store {
namespace {

// How far around the touched calls a pair may lie that is nearer than theirs.
constexpr Duration neighbourhood = hours(1);

// The whole of a call that comes in parts: those that are stored and those that came.
CallRow whole_call(const Source& source, const CallRow& row, const StoredRecord* stored) {
  json::Array parts;
  std::map<std::string, std::size_t> places;
  const auto add = [&](const json::Value& part) {
    const json::Value* key = part.find(source.part_key);
    const std::string name = text_of(key).value_or("");
    const auto [place, is_new] = places.try_emplace(name, parts.size());
    if (is_new) {
      parts.push_back(part);
    } else {
      parts[place->second] = part;
    }
  };
  if (stored != nullptr && stored->cells[call_columns.raw_data]) {
    const auto raw = json::parse(*stored->cells[call_columns.raw_data], {.bytes = 16UL << 20U});
    const json::Value* legs = raw ? raw->find("legs") : nullptr;
    if (legs != nullptr && legs->as_array() != nullptr) {
      for (const json::Value& leg : *legs->as_array()) add(leg);
    }
  }
  for (const json::Value& part : row.parts) add(part);
  CallRow whole = source.provider->fold(parts);
  whole.external_call_id = row.external_call_id;
  whole.revision = row.revision;
  return whole;
}

std::vector<Record> records_of(db::Transaction& transaction, bool postgres, const Source& source,
                               const RowSet& rows) {
  const Stamp stamp{.now = source.now, .feed = source.feed};
  std::map<std::string, CallRow> in_parts;
  std::vector<Record> records;
  records.reserve(rows.calls.size());
  for (const CallRow& row : rows.calls) {
    if (row.parts.empty()) {
      records.push_back(record_of(row, stamp));
      continue;
    }
    const auto [place, is_new] = in_parts.try_emplace(row.external_call_id, row);
    if (!is_new) place->second.parts.insert(place->second.parts.end(), row.parts.begin(), row.parts.end());
  }
  if (in_parts.empty()) return records;
  std::vector<std::string> keys;
  keys.reserve(in_parts.size());
  for (const auto& [key, row] : in_parts) keys.push_back(key);
  const auto stored = calls_table.read(transaction, postgres, source.owner, keys);
  for (const auto& [key, row] : in_parts) {
    const auto known = stored.find(key);
    const StoredRecord* before = known == stored.end() ? nullptr : &known->second;
    records.push_back(record_of(whole_call(source, row, before), stamp));
  }
  return records;
}

// The legs of the sessions that the page touched, and which of them leads.
void correlate_sessions(RowsWriter& writer, db::Transaction& transaction, bool postgres,
                        const Source& source) {
  std::vector<std::string> sessions;
  sessions.reserve(writer.rows().size());
  for (const auto& [key, row] : writer.rows()) {
    const Cell& session = row.current[call_columns.session_id];
    if (session && *session != key) sessions.push_back(*session);
  }
  if (sessions.empty()) return;
  std::ranges::sort(sessions);
  sessions.erase(std::ranges::unique(sessions).begin(), sessions.end());
  for (StoredRecord& stored : calls_by_session.read_all(transaction, postgres, source.owner, sessions))
    writer.adopt(std::move(stored));
  std::vector<std::vector<Record*>> legs(sessions.size());
  for (auto& [key, row] : writer.rows()) {
    const Cell& session = row.current[call_columns.session_id];
    if (!session) continue;
    const auto place = std::ranges::lower_bound(sessions, *session);
    if (place != sessions.end() && *place == *session)
      legs[static_cast<std::size_t>(place - sessions.begin())].push_back(&row.current);
  }
  for (std::vector<Record*>& members : legs) choose_primary(members);
}

// The amount that moves from a statistics row to the PBX row.
ChargeRow charge_of(const Record& exchange, const Record& shadow) {
  return {.external_charge_id = "trunk:" + *shadow[call_columns.external_call_id],
          .external_call_id = exchange[call_columns.external_call_id],
          .component = "trunk",
          .amount = decimal_in(shadow[call_columns.cost]),
          .currency = shadow[call_columns.currency],
          .charged_at = time_in(shadow[call_columns.started_at]),
          .is_in_call_cost = true};
}

// Zadarma's statistics and PBX rows around those that the page touched, paired anew.
void correlate_exchange(RowsWriter& writer, db::Transaction& transaction, const Source& source,
                        std::vector<ChargeRow>& charges) {
  std::optional<Instant> first;
  std::optional<Instant> last;
  for (const auto& [key, row] : writer.rows()) {
    const auto start = time_in(row.current[call_columns.started_at]);
    if (!start) continue;
    if (!first || *start < *first) first = start;
    if (!last || *start > *last) last = start;
  }
  if (!first) return;
  const db::Rows near = transaction.query(
      calls_between, {source.owner.provider_id, source.owner.account, stored_time(*first - neighbourhood),
                      stored_time(*last + neighbourhood)});
  for (const db::Row row : near) writer.adopt(calls_table.record_in(row));
  std::vector<Record*> calls;
  for (auto& [key, row] : writer.rows()) {
    restore_as_sent(row.current);
    calls.push_back(&row.current);
  }
  for (const Shadow& pair : find_shadows(calls)) {
    charges.push_back(charge_of(*pair.exchange, *pair.shadow));
    join_shadow(pair);
  }
}

std::vector<CostChange> cost_changes(const WorkingSet& rows) {
  std::vector<CostChange> changes;
  for (const auto& [key, row] : rows) {
    if (!row.stored) continue;
    const Cell& before = row.stored->cells[call_columns.cost];
    const Cell& after = row.current[call_columns.cost];
    if (before && after && before != after) changes.push_back({key, *before, *after});
  }
  return changes;
}

}  // namespace

Written write_calls(db::Transaction& transaction, bool postgres, const Source& source, const RowSet& rows,
                    const TimeZone& zone, std::vector<ChargeRow>& charges, Touched& touched) {
  if (rows.calls.empty()) return {};
  RowsWriter writer(calls_table, call_columns.external_call_id, transaction, postgres, source);
  writer.take(records_of(transaction, postgres, source, rows), restore_as_sent);
  writer.counts.received = static_cast<std::int64_t>(rows.calls.size());
  if (provider_name(source.owner.provider_id) == "zadarma") {
    correlate_exchange(writer, transaction, source, charges);
  } else {
    correlate_sessions(writer, transaction, postgres, source);
  }
  TotalsDelta totals;
  for (auto& [key, row] : writer.rows()) {
    row.current[call_columns.call_date] = call_date(row.current[call_columns.started_at], zone);
    if (row.stored) totals.subtract(row.stored->cells);
    totals.add(row.current);
  }
  writer.finish();
  totals.apply(transaction, source.owner);
  touch(touched, writer.rows(), call_columns.external_call_id, call_columns.session_id);
  Written written = std::move(writer.counts);
  written.cost_changes = cost_changes(writer.rows());
  return written;
}

}  // namespace trunkline::warehouse::store
