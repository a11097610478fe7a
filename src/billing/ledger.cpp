#include "billing/ledger.hpp"

namespace trunkline::billing {
namespace {

using db::Statement;
using tenancy::TenantScope;

const Statement insert_entry{"usage_entries.insert", R"sql(
  INSERT INTO usage_entries (account_id, id, project_id, type, month, started_at, duration_seconds, billed_minutes,
                             unit_price, amount, currency, meter_identifier, metered_at, sync_state, created_at)
  VALUES ($1, $2, $3, 'api_usage', $4, $5, $6, $7, $8, $9, $10, $11, $5, 'pending', $12))sql"};
const Statement sum_month{"usage_entries.sum", R"sql(
  SELECT count(*), CAST(coalesce(sum(billed_minutes), 0) AS bigint), CAST(coalesce(sum(amount), 0) AS bigint)
  FROM usage_entries WHERE account_id = $1 AND month = $2 AND ($3 OR project_id = $4))sql",
                          db::Reach::scan};
const Statement find_entry{"usage_entries.find", R"sql(
  SELECT project_id, started_at, duration_seconds, billed_minutes, unit_price, amount, currency, meter_identifier,
         sync_state
  FROM usage_entries WHERE account_id = $1 AND id = $2)sql"};

std::int64_t stored(const Decimal& amount) {
  return amount.to_units(stored_places).value();
}

}  // namespace

void Ledger::add(db::Transaction& transaction, const TenantScope& scope, const ConnectedCall& call) {
  const std::int64_t minutes = billed_minutes(call.duration_seconds);
  const Money amount = price_of(call.price, minutes);
  transaction.execute(
      insert_entry,
      {scope.account, call.call, call.project, to_text(month_of(call.started_at)), call.started_at,
       call.duration_seconds, minutes, stored(call.price.per_minute), stored(amount.amount),
       call.price.currency.code(), "um_" + to_base32(call.call.uuid()), clock_.now()});
}

Result<UsageSummary> Ledger::summary(const TenantScope& scope, Month month) {
  const auto rows = database_.query(scope, sum_month,
                                    {scope.account, to_text(month), scope.project.is_nil(), scope.project});
  if (!rows) return fail(rows.error());
  const db::Row row = rows->front();
  return UsageSummary{
      .call_count = row.integer(0),
      .minutes = row.integer(1),
      .amount = {Decimal::from_units(row.integer(2), stored_places), current_price().currency}};
}

Result<std::optional<UsageEntry>> Ledger::find(const TenantScope& scope, CallId call) {
  const auto rows = database_.query(scope, find_entry, {scope.account, call});
  if (!rows) return fail(rows.error());
  if (rows->empty() || !scope.covers(rows->front().id<ProjectId>(0))) return std::nullopt;
  const db::Row row = rows->front();
  const Currency currency = Currency::parse(row.text(6)).value();
  return UsageEntry{
      .call = call,
      .project = row.id<ProjectId>(0),
      .started_at = row.instant(1),
      .duration_seconds = row.integer(2),
      .billed_minutes = row.integer(3),
      .price = {.per_minute = Decimal::from_units(row.integer(4), stored_places), .currency = currency},
      .amount = {Decimal::from_units(row.integer(5), stored_places), currency},
      .meter_identifier = std::string(row.text(7)),
      .sync_state = std::string(row.text(8))};
}

}  // namespace trunkline::billing
