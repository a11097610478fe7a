#include "warehouse/store/links.hpp"

#include <fmt/core.h>

namespace trunkline::warehouse::store {
namespace {

// Loose rows of a table that name a call, or a session whose primary call it is, among those that were
// written. One statement for each engine, which are given lists in their own ways.
struct LinkStatements {
  LinkStatements(std::string_view table, std::string_view assignments, bool by_session)
      : postgres_sql(sql(table, assignments, by_session, "= ANY($3::text::text[])")),
        sqlite_sql(sql(table, assignments, by_session, "IN (SELECT value FROM json_each($3))")),
        name(fmt::format("warehouse.link_{}{}", table, by_session ? "_by_session" : "")),
        postgres_name(name + "_postgresql"),
        sqlite_name(name + "_sqlite"),
        postgres(postgres_name, postgres_sql),
        sqlite(sqlite_name, sqlite_sql) {}

  static std::string sql(std::string_view table, std::string_view assignments, bool by_session,
                         std::string_view is_listed) {
    const std::string call =
        fmt::format("FROM telco.calls c WHERE {} AND c.provider_id = r.provider_id AND c.account = r.account",
                    by_session ? "c.session_id = r.session_id AND c.is_primary = true"
                               : "c.external_call_id = r.external_call_id");
    return fmt::format(
        "UPDATE telco.{} AS r SET {} call_id = (SELECT min(c.id) {}) WHERE r.provider_id = $1 AND r.account "
        "= $2 AND r.call_id IS NULL AND r.{} {} AND EXISTS (SELECT 1 {})",
        table, assignments, call, by_session ? "session_id" : "external_call_id", is_listed, call);
  }

  std::int64_t run(db::Transaction& transaction, bool on_postgres, const Source& source,
                   const std::vector<std::string>& keys) const {
    if (keys.empty()) return 0;
    const std::string listed = key_list(on_postgres, keys);
    const db::Statement& statement = on_postgres ? postgres : sqlite;
    const Owner& owner = source.owner;
    if (!sets_time) return transaction.execute_counted(statement, {owner.provider_id, owner.account, listed});
    return transaction.execute_counted(statement,
                                       {owner.provider_id, owner.account, listed, stored_time(source.now)});
  }

  std::string postgres_sql, sqlite_sql, name, postgres_name, sqlite_name;
  db::Statement postgres, sqlite;
  bool sets_time = postgres_sql.find("$4") != std::string::npos;
};
constexpr std::string_view linked_now = "synced_at = $4::text::timestamptz,";
const LinkStatements link_recordings("recordings", linked_now, false);
const LinkStatements link_recordings_by_session("recordings", linked_now, true);
const LinkStatements link_charges("call_charges", "", false);
const LinkStatements link_charges_by_session("call_charges", "", true);

const db::Statement has_loose{
    "warehouse.has_loose",
    "SELECT EXISTS (SELECT 1 FROM telco.recordings r WHERE r.provider_id = $1 AND r.account = $2 AND "
    "r.call_id IS NULL), EXISTS (SELECT 1 FROM telco.call_charges h WHERE h.provider_id = $1 AND h.account = "
    "$2 AND h.call_id IS NULL)"};

// A call shows the first of its recordings; those of other cuts (":multi") sort behind it.
const db::Statement show_recordings{
    "warehouse.show_recordings",
    "UPDATE telco.calls AS c SET has_recording = true, recording_url = (SELECT r.recording_url FROM "
    "telco.recordings r WHERE r.call_id = c.id ORDER BY r.external_recording_id LIMIT 1),"
    " recording_url_expires_at = (SELECT r.recording_url_expires_at FROM telco.recordings r WHERE r.call_id "
    "= "
    "c.id ORDER BY r.external_recording_id LIMIT 1), recording_duration_seconds = (SELECT r.duration_seconds "
    "FROM "
    "telco.recordings r WHERE r.call_id = c.id ORDER BY r.external_recording_id LIMIT 1)"
    " WHERE c.provider_id = $1 AND c.account = $2 AND c.id IN (SELECT r.call_id FROM telco.recordings r"
    " WHERE r.provider_id = $1 AND r.account = $2 AND r.synced_at = $3::text::timestamptz AND r.call_id IS "
    "NOT "
    "NULL)"};

const db::Statement note_month{
    "warehouse.note_number_month",
    "INSERT INTO telco.number_months AS m (provider_id, account, phone_number, month, currency, price_units)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (provider_id, account, phone_number, month) DO UPDATE"
    " SET currency = excluded.currency, price_units = excluded.price_units WHERE $7 = true"};

const db::Statement last_balance{
    "warehouse.last_balance",
    "SELECT balance::text, currency, credit_limit::text, slot::text FROM telco.balance_snapshots"
    " WHERE provider_id = $1 AND account = $2 ORDER BY slot DESC LIMIT 1"};

const db::Statement insert_balance{
    "warehouse.insert_balance",
    "INSERT INTO telco.balance_snapshots (provider_id, account, balance, currency, credit_limit, "
    "snapshot_at, "
    "slot, raw_data) VALUES ($1, $2, $3::text::numeric, $4, $5::text::numeric, $6::text::timestamptz,"
    " $7::text::timestamptz, $8::text::jsonb) ON CONFLICT (provider_id, account, slot) DO NOTHING"};

// No number is older than this; a wrong date of purchase must not make thousands of months.
constexpr int months_max = 240;

std::string first_day(Month month) {
  return to_text(month) + "-01";
}

}  // namespace

void link_to_calls(db::Transaction& transaction, bool postgres, const Source& source,
                   const Touched& touched) {
  const std::int64_t provider = source.owner.provider_id;
  const std::string& account = source.owner.account;
  const db::Rows loose = transaction.query(has_loose, {provider, account});
  bool shows = touched.recordings;
  if (loose.front().boolean(0)) {
    shows = link_recordings.run(transaction, postgres, source, touched.calls) > 0 || shows;
    shows = link_recordings_by_session.run(transaction, postgres, source, touched.sessions) > 0 || shows;
  }
  if (loose.front().boolean(1)) {
    link_charges.run(transaction, postgres, source, touched.calls);
    link_charges_by_session.run(transaction, postgres, source, touched.sessions);
  }
  if (shows) transaction.execute(show_recordings, {provider, account, stored_time(source.now)});
}

void note_number_months(db::Transaction& transaction, const Source& source,
                        const std::vector<PhoneNumberRow>& numbers) {
  const Month current = month_of(source.now);
  for (const PhoneNumberRow& number : numbers) {
    if (!number.monthly_cost || number.status == "released" || number.status == "pending") continue;
    const auto units = rounded_cost(*number.monthly_cost).to_units(unit_places);
    if (!units) continue;
    Month month = number.held_since ? month_of(*number.held_since) : current;
    for (int i = 0; i < months_max && month <= current; ++i, month = month_of(month.end())) {
      // A month that is over keeps the price it had; only the current one follows a change.
      transaction.execute(note_month, {source.owner.provider_id, source.owner.account, number.phone_number,
                                       first_day(month), number.currency, *units, month == current});
    }
  }
}

Written write_balances(db::Transaction& transaction, const Source& source,
                       const std::vector<BalanceRow>& balances) {
  Written written;
  for (const BalanceRow& row : balances) {
    ++written.received;
    const Cell balance = cell(std::optional(row.balance));
    const Cell limit = cell(row.credit_limit);
    const Instant hour = std::chrono::floor<hours>(source.now);
    const db::Rows last = transaction.query(last_balance, {source.owner.provider_id, source.owner.account});
    bool is_same_value = false;
    std::optional<Instant> slot;
    if (!last.empty()) {
      const auto amount = [](const std::optional<std::string>& text) { return cell(decimal_in(text)); };
      is_same_value = amount(last.front().optional_text(0)) == balance &&
                      last.front().optional_text(1) == row.currency &&
                      amount(last.front().optional_text(2)) == limit;
      slot = read_stored_time(last.front().text(3));
    }
    if (is_same_value && slot && *slot >= hour) {
      ++written.unchanged;
      continue;
    }
    // Within an hour only a change makes another snapshot, at its own time.
    const bool is_first_of_hour = !slot || *slot < hour;
    transaction.execute(
        insert_balance,
        {source.owner.provider_id, source.owner.account, balance, row.currency, limit,
         stored_time(source.now), stored_time(is_first_of_hour ? hour : source.now), cell(row.raw_data)});
    ++written.inserted;
  }
  return written;
}

}  // namespace trunkline::warehouse::store
