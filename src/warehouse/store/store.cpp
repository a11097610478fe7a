#include "warehouse/store/store.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "warehouse/store/links.hpp"
#include "warehouse/store/rows_writer.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::array<std::string_view, own_provider> provider_names{"zadarma", "telnyx", "retell",
                                                                    own_provider_name};

const db::Statement release_numbers{
    "warehouse.release_numbers",
    "UPDATE telco.phone_numbers SET released_at = $4::text::timestamptz, status = 'released'"
    " WHERE provider_id = $1 AND account = $2 AND released_at IS NULL AND last_synced < "
    "$3::text::timestamptz"};
const db::Statement release_agents{"warehouse.release_agents",
                                   "UPDATE telco.retell_agents SET released_at = $4::text::timestamptz"
                                   " WHERE provider_id = $1 AND account = $2 AND released_at IS NULL AND "
                                   "last_synced < $3::text::timestamptz"};
const db::Statement release_resources{
    "warehouse.release_resources",
    "UPDATE telco.provider_resources SET released_at = $4::text::timestamptz"
    " WHERE provider_id = $1 AND account = $2 AND kind = $5 AND released_at IS NULL"
    " AND last_seen < $3::text::timestamptz"};

// Which rows of a listing were there again although nothing about them changed.
struct SeenStatements {
  std::string_view column;
  const db::Statement postgres;
  const db::Statement sqlite;
};
const SeenStatements seen_numbers{
    "phone_number",
    {"warehouse.seen_numbers_postgresql",
     "UPDATE telco.phone_numbers SET last_synced = $4::text::timestamptz WHERE provider_id = $1 AND account "
     "= $2"
     " AND phone_number = ANY($3::text::text[])"},
    {"warehouse.seen_numbers_sqlite",
     "UPDATE telco.phone_numbers SET last_synced = $4 WHERE provider_id = $1 AND account = $2"
     " AND phone_number IN (SELECT value FROM json_each($3))"}};
const SeenStatements seen_agents{"agent_id",
                                 {"warehouse.seen_agents_postgresql",
                                  "UPDATE telco.retell_agents SET last_synced = $4::text::timestamptz, "
                                  "released_at = NULL WHERE provider_id = $1 AND account "
                                  "= $2"
                                  " AND agent_id = ANY($3::text::text[])"},
                                 {"warehouse.seen_agents_sqlite",
                                  "UPDATE telco.retell_agents SET last_synced = $4, released_at = NULL WHERE "
                                  "provider_id = $1 AND account = $2"
                                  " AND agent_id IN (SELECT value FROM json_each($3))"}};
const SeenStatements seen_resources{"resource_key",
                                    {"warehouse.seen_resources_postgresql",
                                     "UPDATE telco.provider_resources SET last_seen = $4::text::timestamptz, "
                                     "released_at = NULL WHERE provider_id = $1"
                                     " AND account = $2 AND resource_key = ANY($3::text::text[])"},
                                    {"warehouse.seen_resources_sqlite",
                                     "UPDATE telco.provider_resources SET last_seen = $4, released_at = NULL "
                                     "WHERE provider_id = $1 AND account = $2"
                                     " AND resource_key IN (SELECT value FROM json_each($3))"}};

template <class Row>
Written write_table(const TableAccess& access, std::string_view key, const SeenStatements* seen,
                    db::Transaction& transaction, bool postgres, const Source& source,
                    const std::vector<Row>& rows, Touched* touched = nullptr) {
  if (rows.empty()) return {};
  const Stamp stamp{.now = source.now, .feed = source.feed};
  std::vector<Record> records;
  records.reserve(rows.size());
  for (const Row& row : rows) records.push_back(record_of(row, stamp));
  RowsWriter writer(access, access.table().position(key), transaction, postgres, source);
  writer.take(std::move(records));
  writer.finish();
  if (touched != nullptr) {
    const Table& table = access.table();
    touch(*touched, writer.rows(), table.position("external_call_id"), table.position("session_id"));
  }
  if (seen != nullptr && !writer.unchanged_keys().empty()) {
    transaction.execute(postgres ? seen->postgres : seen->sqlite,
                        {source.owner.provider_id, source.owner.account,
                         key_list(postgres, writer.unchanged_keys()), stored_time(source.now)});
  }
  return std::move(writer.counts);
}

}  // namespace

Result<std::int64_t> provider_number(std::string_view name) {
  for (std::size_t i = 0; i < provider_names.size(); ++i) {
    if (provider_names[i] == name) return static_cast<std::int64_t>(i) + 1;
  }
  return fail(unknown_provider,
              fmt::format("'{}' is no provider; there are zadarma, telnyx and retell.", name));
}

std::string_view provider_name(std::int64_t number) {
  return provider_names.at(static_cast<std::size_t>(number - 1));
}

Written& Written::operator+=(const Written& other) {
  received += other.received;
  inserted += other.inserted;
  updated += other.updated;
  unchanged += other.unchanged;
  cost_changes.insert(cost_changes.end(), other.cost_changes.begin(), other.cost_changes.end());
  return *this;
}

Written Store::write(db::Transaction& transaction, const Source& source, const RowSet& rows) const {
  std::vector<ChargeRow> charges = rows.charges;
  Touched touched;
  Written written = write_calls(transaction, postgres_, source, rows, zone_, charges, touched);
  const Written charged = write_table(charges_table, "external_charge_id", nullptr, transaction, postgres_,
                                      source, charges, &touched);
  // Charges and recordings that come along with a call are no rows of their own in the log, unless the feed
  // is about them.
  const Written recorded = write_table(recordings_table, "external_recording_id", nullptr, transaction,
                                       postgres_, source, rows.recordings, &touched);
  if (rows.calls.empty()) {
    written += charged;
    written += recorded;
  }
  written += write_table(messages_table, "external_message_id", nullptr, transaction, postgres_, source,
                         rows.messages);
  const Written billed =
      write_table(billing_table, "item_key", nullptr, transaction, postgres_, source, rows.billing);
  if (rows.phone_numbers.empty()) written += billed;
  written += write_table(numbers_table, "phone_number", &seen_numbers, transaction, postgres_, source,
                         rows.phone_numbers);
  note_number_months(transaction, source, rows.phone_numbers);
  written += write_table(agents_table, "agent_id", &seen_agents, transaction, postgres_, source, rows.agents);
  const Written resources = write_table(resources_table, "resource_key", &seen_resources, transaction,
                                        postgres_, source, rows.resources);
  if (rows.agents.empty() && rows.phone_numbers.empty()) written += resources;
  written += write_balances(transaction, source, rows.balances);
  touched.recordings = recorded.inserted + recorded.updated > 0;
  if (!touched.calls.empty() || !touched.sessions.empty())
    link_to_calls(transaction, postgres_, source, touched);
  return written;
}

void Store::release_missing(db::Transaction& transaction, const Source& source, const Feed& feed,
                            Instant since) const {
  const std::string before = stored_time(since);
  const std::string now = stored_time(source.now);
  const std::int64_t provider = source.owner.provider_id;
  const std::string& account = source.owner.account;
  if (feed.lists_phone_numbers) transaction.execute(release_numbers, {provider, account, before, now});
  // Agents are listed together with what the provider says of each in full.
  if (std::ranges::find(feed.resource_kinds, "agent") != feed.resource_kinds.end())
    transaction.execute(release_agents, {provider, account, before, now});
  for (const std::string& kind : feed.resource_kinds)
    transaction.execute(release_resources, {provider, account, before, now, kind});
}

std::vector<std::string> Store::changed_calls(db::Transaction& transaction, const Source& source,
                                              const std::vector<CallRow>& calls) const {
  const Stamp stamp{.now = source.now, .feed = source.feed};
  const std::size_t hash = calls_table.table().position("content_hash");
  std::map<std::string, Cell> hashes;
  for (const CallRow& call : calls) hashes[call.external_call_id] = record_of(call, stamp)[hash];
  std::vector<std::string> keys;
  keys.reserve(hashes.size());
  for (const auto& [key, value] : hashes) keys.push_back(key);
  const auto known = calls_table.fingerprints(transaction, postgres_, source.owner, keys);
  std::vector<std::string> changed;
  for (const auto& [key, value] : hashes) {
    const auto stored = known.find(key);
    if (stored == known.end() || stored->second.content_hash != value) changed.push_back(key);
  }
  return changed;
}

}  // namespace trunkline::warehouse::store
