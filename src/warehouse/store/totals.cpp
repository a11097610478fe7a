#include "warehouse/store/totals.hpp"

#include <fmt/core.h>

#include "warehouse/store/store.hpp"
#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::store {
namespace {

const db::Statement add_totals{
    "warehouse.add_totals",
    "INSERT INTO telco.call_totals AS t (call_date, provider_id, account, direction, currency, calls,"
    " completed_calls, duration_seconds, billable_seconds, costed_calls, cost_units)"
    " VALUES ($1::text::date, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (call_date, provider_id, account, direction, currency) DO UPDATE SET"
    " calls = t.calls + excluded.calls, completed_calls = t.completed_calls + excluded.completed_calls,"
    " duration_seconds = t.duration_seconds + excluded.duration_seconds,"
    " billable_seconds = t.billable_seconds + excluded.billable_seconds,"
    " costed_calls = t.costed_calls + excluded.costed_calls, cost_units = t.cost_units + "
    "excluded.cost_units"};

// What the kept sums must be.
constexpr std::string_view counted =
    "SELECT call_date, provider_id, account, coalesce(direction, 'unknown') AS direction,"
    " coalesce(currency, '') AS currency,"
    " sum(CASE WHEN is_primary = true THEN 1 ELSE 0 END)::bigint AS calls,"
    " sum(CASE WHEN is_primary = true AND status = 'completed' THEN 1 ELSE 0 END)::bigint AS completed_calls,"
    " sum(CASE WHEN is_primary = true THEN coalesce(duration_seconds, 0) ELSE 0 END)::bigint AS "
    "duration_seconds,"
    " sum(CASE WHEN is_primary = true THEN coalesce(billable_seconds, 0) ELSE 0 END)::bigint AS "
    "billable_seconds,"
    " sum(CASE WHEN cost_units IS NULL THEN 0 ELSE 1 END)::bigint AS costed_calls,"
    " coalesce(sum(cost_units), 0)::bigint AS cost_units"
    " FROM telco.calls WHERE call_date IS NOT NULL"
    " GROUP BY call_date, provider_id, account, coalesce(direction, 'unknown'), coalesce(currency, '')";

const std::string rebuild_sql = fmt::format(
    "INSERT INTO telco.call_totals (call_date, provider_id, account, direction, currency, calls,"
    " completed_calls, duration_seconds, billable_seconds, costed_calls, cost_units) {}",
    counted);
const db::Statement clear_totals{"warehouse.clear_totals", "DELETE FROM telco.call_totals"};
const db::Statement fill_totals{"warehouse.fill_totals", rebuild_sql};

constexpr std::string_view sums_as_text =
    "(x.calls::text || '/' || x.completed_calls::text || '/' || x.duration_seconds::text || '/' ||"
    " x.billable_seconds::text || '/' || x.costed_calls::text || '/' || x.cost_units::text)";

// Both ways, since SQLite of Debian 12 has full joins and PostgreSQL wants them hashed: a union of keys does.
const std::string kept_sql = fmt::format(
    "SELECT x.call_date::text, x.provider_id, x.account, x.direction, x.currency, {} FROM telco.call_totals x"
    " WHERE x.calls <> 0 OR x.completed_calls <> 0 OR x.duration_seconds <> 0 OR x.billable_seconds <> 0"
    " OR x.costed_calls <> 0 OR x.cost_units <> 0",
    sums_as_text);
const std::string counted_sql = fmt::format(
    "SELECT x.call_date::text, x.provider_id, x.account, x.direction, x.currency, {} FROM ({}) x"
    " WHERE x.calls <> 0 OR x.completed_calls <> 0 OR x.duration_seconds <> 0 OR x.billable_seconds <> 0"
    " OR x.costed_calls <> 0 OR x.cost_units <> 0",
    sums_as_text, counted);
const db::Statement read_kept{"warehouse.kept_totals", kept_sql, db::Reach::scan};
const db::Statement read_counted{"warehouse.counted_totals", counted_sql, db::Reach::scan};

using Sheet = std::map<std::vector<std::string>, std::string>;

Sheet sheet_of(const db::Rows& rows) {
  Sheet sheet;
  for (const db::Row row : rows) {
    sheet[{std::string(row.text(0)), std::string(provider_name(row.integer(1))), std::string(row.text(2)),
           std::string(row.text(3)), std::string(row.text(4))}] = std::string(row.text(5));
  }
  return sheet;
}

}  // namespace

Cell call_date(const Cell& started_at, const TimeZone& zone) {
  const auto instant = time_in(started_at);
  return instant ? Cell(zone.day(*instant)) : std::nullopt;
}

void TotalsDelta::add(const Record& call, std::int64_t sign) {
  const CallColumns& at = call_columns;
  if (!call[at.call_date]) return;
  Sums& sums =
      sums_[{*call[at.call_date], call[at.direction].value_or("unknown"), call[at.currency].value_or("")}];
  if (truth_in(call[at.is_primary])) {
    sums.calls += sign;
    if (call[at.status] == "completed") sums.completed += sign;
    sums.duration += sign * integer_in(call[at.duration_seconds]);
    sums.billable += sign * integer_in(call[at.billable_seconds]);
  }
  if (call[at.cost_units]) {
    sums.costed += sign;
    sums.units += sign * integer_in(call[at.cost_units]);
  }
}

void TotalsDelta::apply(db::Transaction& transaction, const Owner& owner) const {
  for (const auto& [key, sums] : sums_) {
    if (sums == Sums()) continue;
    transaction.execute(add_totals,
                        {key.date, owner.provider_id, owner.account, key.direction, key.currency, sums.calls,
                         sums.completed, sums.duration, sums.billable, sums.costed, sums.units});
  }
}

Result<std::vector<TotalsDifference>> verify_totals(db::Database& database) {
  const auto kept = database.query(db::Scope::operations(), read_kept, {});
  if (!kept) return fail(kept.error());
  const auto recounted = database.query(db::Scope::operations(), read_counted, {});
  if (!recounted) return fail(recounted.error());
  const Sheet left = sheet_of(*kept);
  const Sheet right = sheet_of(*recounted);
  std::vector<TotalsDifference> differences;
  const auto note = [&](const std::vector<std::string>& key, std::string kept_sums, std::string real_sums) {
    differences.push_back(
        {key[0], key[1], key[2], key[3], key[4], std::move(kept_sums), std::move(real_sums)});
  };
  for (const auto& [key, sums] : left) {
    const auto other = right.find(key);
    if (other == right.end()) {
      note(key, sums, "");
    } else if (other->second != sums) {
      note(key, sums, other->second);
    }
  }
  for (const auto& [key, sums] : right) {
    if (!left.contains(key)) note(key, "", sums);
  }
  return differences;
}

Result<void> rebuild_totals(db::Database& database) {
  return database.transact(db::Scope::operations(), [](db::Transaction& transaction) {
    transaction.execute(clear_totals, {});
    transaction.execute(fill_totals, {});
  });
}

}  // namespace trunkline::warehouse::store
