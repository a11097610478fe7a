#include <fmt/core.h>

#include "base/json/write.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/store/totals.hpp"

namespace trunkline::warehouse::store {
namespace {

constexpr std::int64_t page_size = 5000;

const db::Statement read_zone{"warehouse.reporting_zone",
                              "SELECT value FROM telco.settings WHERE name = 'reporting_time_zone'"};
const db::Statement write_zone{"warehouse.write_reporting_zone",
                               "UPDATE telco.settings SET value = $1 WHERE name = 'reporting_time_zone'"};
const db::Statement calls_after{"warehouse.calls_after",
                                "SELECT id, started_at::text FROM telco.calls WHERE id > $1 AND started_at "
                                "IS NOT NULL ORDER BY id LIMIT $2"};
const db::Statement set_days_postgres{"warehouse.set_days_postgresql",
                                      "UPDATE telco.calls AS c SET call_date = u.day::date FROM "
                                      "unnest($1::text::text[], $2::text::text[]) AS u (id,"
                                      " day) WHERE c.id = u.id::bigint"};
const db::Statement set_days_sqlite{
    "warehouse.set_days_sqlite",
    "UPDATE telco.calls AS c SET call_date = u.day FROM (SELECT k.value AS id, v.value AS day FROM "
    "json_each($1) k "
    "JOIN json_each($2) v ON v.key = k.key) AS u WHERE c.id = CAST(u.id AS integer)"};

Result<std::int64_t> date_page(const Store& store, const TimeZone& zone, std::int64_t after) {
  return store.database().transact(db::Scope::operations(), [&](db::Transaction& transaction) {
    const db::Rows rows = transaction.query(calls_after, {after, page_size});
    std::vector<std::string> ids;
    std::vector<std::string> dates;
    std::int64_t last = after;
    for (const db::Row row : rows) {
      last = row.integer(0);
      const auto start = read_stored_time(row.text(1));
      if (!start) continue;
      ids.push_back(std::to_string(last));
      dates.push_back(zone.day(*start));
    }
    if (!ids.empty()) {
      transaction.execute(store.is_postgres() ? set_days_postgres : set_days_sqlite,
                          {key_list(store.is_postgres(), ids), key_list(store.is_postgres(), dates)});
    }
    return rows.empty() ? std::int64_t{-1} : last;
  });
}

}  // namespace

Result<bool> use_reporting_zone(const Store& store, const TimeZone& zone) {
  const auto rows = store.database().query(db::Scope::operations(), read_zone, {});
  if (!rows) return fail(rows.error());
  if (!rows->empty() && rows->front().text(0) == zone.name()) return false;
  std::int64_t at = 0;
  while (at >= 0) {
    const auto dated = date_page(store, zone, at);
    if (!dated) return fail(dated.error());
    at = *dated;
  }
  if (const auto rebuilt = rebuild_totals(store.database()); !rebuilt) return fail(rebuilt.error());
  const auto written = store.database().execute(db::Scope::operations(), write_zone, {zone.name()});
  if (!written) return fail(written.error());
  return true;
}

}  // namespace trunkline::warehouse::store
