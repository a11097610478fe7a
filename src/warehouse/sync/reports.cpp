#include "warehouse/sync/reports.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "warehouse/sync/schedule.hpp"

namespace trunkline::warehouse::sync {
namespace {

json::Value to_json(const FeedCoverage& proof) {
  json::Array holes;
  for (const Window& hole : proof.holes)
    holes.push_back(json::object({{"from", format_rfc3339(hole.begin)}, {"to", format_rfc3339(hole.end)}}));
  const bool has_range = proof.range.begin < proof.range.end;
  return json::object({{"provider", proof.provider},
                       {"account", proof.account},
                       {"feed", proof.feed},
                       {"kind", "windows"},
                       {"from", format_rfc3339(has_range ? std::optional(proof.range.begin) : std::nullopt)},
                       {"to", format_rfc3339(has_range ? std::optional(proof.range.end) : std::nullopt)},
                       {"windows", proof.windows},
                       {"holes", std::move(holes)}});
}

json::Value to_json(const ListingProof& proof) {
  const auto& whole = proof.whole;
  return json::object(
      {{"provider", proof.provider},
       {"account", proof.account},
       {"feed", proof.feed},
       {"kind", "list"},
       {"asked_at", format_rfc3339(proof.last ? std::optional(proof.last->window.begin) : std::nullopt)},
       {"whole_at", format_rfc3339(whole ? std::optional(whole->window.begin) : std::nullopt)},
       {"records", whole ? json::Value(whole->rows) : json::Value()},
       {"total_said", whole && whole->total_said ? json::Value(*whole->total_said) : json::Value()},
       {"end_said", unless_empty(whole ? whole->end_said : "")},
       {"is_proven", proof.is_proven()},
       {"problem", unless_empty(proof.last ? proof.last->problem : "")}});
}

}  // namespace

bool CoverageReport::is_whole() const {
  return std::ranges::all_of(windows, [](const FeedCoverage& proof) { return proof.holes.empty(); }) &&
         std::ranges::all_of(listings,
                             [](const ListingProof& proof) { return !proof.last || proof.is_proven(); });
}

Result<CoverageReport> coverage_report(db::Database& database, const std::vector<Provider*>& providers,
                                       std::optional<Instant> from, std::optional<Instant> until) {
  CoverageReport report;
  for (const Provider* provider : providers) {
    for (const Feed& feed : provider->feeds()) {
      if (feed.scope == FeedScope::window) {
        auto proof = coverage_of(database, *provider, feed, from, until);
        if (!proof) return fail(proof.error());
        report.windows.push_back(std::move(*proof));
      } else if (feed.scope == FeedScope::listing) {
        auto proof = listing_of(database, *provider, feed);
        if (!proof) return fail(proof.error());
        report.listings.push_back(std::move(*proof));
      }
    }
  }
  return report;
}

json::Value to_json(const CoverageReport& report) {
  json::Array values;
  for (const FeedCoverage& proof : report.windows) values.push_back(to_json(proof));
  for (const ListingProof& proof : report.listings) values.push_back(to_json(proof));
  return values;
}

namespace {

const db::Statement select_month_costs{
    "report.month_costs",
    "SELECT month::text, provider, coalesce(currency, ''), total_calls, call_costs::text, number_rental::text"
    " FROM telco.monthly_cost_summary WHERE substr(month::text, 1, 7) = $1 OR ($1 = '' AND month::text >= $2)"
    " ORDER BY month, provider, currency",
    db::Reach::scan};
const db::Statement select_last_run{
    "report.last_run",
    "SELECT started_at::text, completed_at::text, status, trigger, error_message FROM telco.sync_log"
    " WHERE provider_id = $1 AND sync_type = $2 AND account = $3 AND (($4::text = 'any' AND status <> "
    "'skipped')"
    " OR ($4::text = 'success' AND status = 'success') OR ($4::text = 'problem' AND status IN ('failed', "
    "'partial')))"
    " ORDER BY started_at DESC, id DESC LIMIT 1"};
const db::Statement select_watermarks{
    "report.watermarks",
    "SELECT feed, watermark::text FROM telco.sync_state WHERE provider_id = $1 AND account = $2"};
const db::Statement select_log{
    "report.sync_log",
    "SELECT p.name, l.account, l.sync_type, l.trigger, l.status, l.started_at::text, l.completed_at::text,"
    " l.date_range_start::text, l.date_range_end::text, l.records_fetched, l.records_inserted,"
    " l.records_updated, l.records_unchanged, l.pages, l.requests, l.retries, l.error_message"
    " FROM telco.sync_log l JOIN telco.providers p ON p.provider_id = l.provider_id ORDER BY l.id DESC LIMIT "
    "$1",
    db::Reach::scan};

// A run of a kind is late when the next one should have ended too.
constexpr int fresh_intervals = 2;

std::optional<Instant> time_in(const db::Row& row, std::size_t column) {
  const auto text = row.optional_text(column);
  return text ? store::read_stored_time(*text) : std::nullopt;
}
struct PastRun {
  Instant started_at{};
  std::optional<Instant> completed_at;
  std::string status;
  std::string trigger;
  std::optional<std::string> problem;
};

// The runs that a kind of an account is judged by.
struct PastRuns {
  std::optional<PastRun> last, success, problem;
};

Result<std::optional<PastRun>> last_run(db::Database& database, const Owner& owner, SyncType type,
                                        std::string_view which) {
  const auto rows = database.query(db::Scope::operations(), select_last_run,
                                   {owner.provider_id, to_text(type), owner.account, which});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return std::nullopt;
  const db::Row row = rows->front();
  return PastRun{.started_at = *store::read_stored_time(row.text(0)),
                 .completed_at = time_in(row, 1),
                 .status = std::string(row.text(2)),
                 .trigger = std::string(row.text(3)),
                 .problem = row.optional_text(4)};
}

Result<PastRuns> past_runs(db::Database& database, const Owner& owner, SyncType type) {
  PastRuns runs;
  for (const auto& [which, place] :
       {std::pair{"any", &runs.last}, {"success", &runs.success}, {"problem", &runs.problem}}) {
    auto found = last_run(database, owner, type, which);
    if (!found) return fail(found.error());
    *place = std::move(*found);
  }
  return runs;
}

json::Value last_run_json(const std::optional<PastRun>& run) {
  if (!run) return {};
  return json::object({{"started_at", format_rfc3339(run->started_at)},
                       {"completed_at", format_rfc3339(run->completed_at)},
                       {"status", run->status},
                       {"trigger", run->trigger}});
}
json::Value last_error_json(const std::optional<PastRun>& run) {
  if (!run) return {};
  return json::object(
      {{"at", format_rfc3339(run->started_at)}, {"status", run->status}, {"message", run->problem}});
}

json::Value status_of(const ProviderAccount& account, const Feed& feed, const PastRuns& runs,
                      const std::optional<Instant>& watermark, Instant now) {
  const auto success = runs.success ? runs.success->completed_at : std::nullopt;
  const auto age = [now](const std::optional<Instant>& since) {
    return since ? json::Value(std::chrono::floor<seconds>(now - *since).count()) : json::Value();
  };
  const Duration late = interval_of(feed.type) * fresh_intervals;
  return json::object({{"provider", account.provider},
                       {"account", account.account},
                       {"feed", feed.name},
                       {"type", to_text(feed.type)},
                       {"watermark", format_rfc3339(watermark)},
                       {"watermark_age_seconds", age(watermark)},
                       {"last_run", last_run_json(runs.last)},
                       {"last_success", format_rfc3339(success)},
                       {"lag_seconds", age(success)},
                       {"is_fresh", success && now - *success <= late},
                       {"last_error", last_error_json(runs.problem)}});
}

// Of a list the moment at which it was last read to its end.
Result<std::optional<Instant>> watermark_of(db::Database& database, const Owner& owner, const Feed& feed,
                                            const std::map<std::string, std::optional<Instant>>& kept) {
  if (feed.scope == FeedScope::listing) {
    const auto whole = last_window(database, owner, feed.name, "complete");
    if (!whole) return fail(whole.error());
    return *whole ? std::optional((*whole)->window.begin) : std::nullopt;
  }
  const auto found = kept.find(feed.name);
  return found == kept.end() ? std::nullopt : found->second;
}

Result<void> add_status(json::Array& values, db::Database& database, const Provider& provider, Instant now) {
  const ProviderAccount& account = provider.account();
  const auto number = store::provider_number(account.provider);
  if (!number) return fail(number.error());
  const Owner owner{.provider_id = *number, .account = account.account};
  const auto rows =
      database.query(db::Scope::operations(), select_watermarks, {owner.provider_id, owner.account});
  if (!rows) return fail(rows.error());
  std::map<std::string, std::optional<Instant>> kept;
  for (const db::Row row : *rows) kept.emplace(row.text(0), time_in(row, 1));
  std::map<SyncType, PastRuns> runs;
  for (const Feed& feed : provider.feeds()) {
    if (!runs.contains(feed.type)) {
      auto past = past_runs(database, owner, feed.type);
      if (!past) return fail(past.error());
      runs.emplace(feed.type, std::move(*past));
    }
    const auto watermark = watermark_of(database, owner, feed, kept);
    if (!watermark) return fail(watermark.error());
    values.push_back(status_of(account, feed, runs.at(feed.type), *watermark, now));
  }
  return {};
}

}  // namespace

Result<std::vector<MonthCost>> month_costs(db::Database& database, std::string_view month, Instant now) {
  // Numbers may have been held for years; without a month the last twelve are shown.
  const auto rows = database.query(db::Scope::operations(), select_month_costs,
                                   {month, to_text(month_of(now - days(365))) + "-01"});
  if (!rows) return fail(rows.error());
  std::vector<MonthCost> costs;
  for (const db::Row row : *rows) {
    costs.push_back({.month = std::string(row.text(0).substr(0, 7)),
                     .provider = std::string(row.text(1)),
                     .currency = std::string(row.text(2)),
                     .total_calls = row.integer(3),
                     .call_costs = row.optional_text(4),
                     .number_rental = row.optional_text(5)});
  }
  return costs;
}

json::Value to_json(const std::vector<MonthCost>& costs) {
  json::Array values;
  for (const MonthCost& each : costs) {
    values.push_back(json::object({{"month", each.month},
                                   {"provider", each.provider},
                                   {"currency", unless_empty(each.currency)},
                                   {"total_calls", each.total_calls},
                                   {"call_costs", each.call_costs},
                                   {"number_rental", each.number_rental}}));
  }
  return values;
}

Result<json::Value> status_report(db::Database& database, const std::vector<Provider*>& providers,
                                  Instant now) {
  json::Array values;
  for (const Provider* provider : providers) {
    if (const auto added = add_status(values, database, *provider, now); !added) return fail(added.error());
  }
  return values;
}

Result<json::Value> log_report(db::Database& database, std::int64_t limit) {
  const auto rows = database.query(db::Scope::operations(), select_log, {limit});
  if (!rows) return fail(rows.error());
  json::Array values;
  for (const db::Row row : *rows) {
    values.push_back(json::object({{"provider", row.text(0)},
                                   {"account", row.text(1)},
                                   {"type", row.text(2)},
                                   {"trigger", row.text(3)},
                                   {"status", row.text(4)},
                                   {"started_at", format_rfc3339(time_in(row, 5))},
                                   {"completed_at", format_rfc3339(time_in(row, 6))},
                                   {"from", format_rfc3339(time_in(row, 7))},
                                   {"to", format_rfc3339(time_in(row, 8))},
                                   {"fetched", row.integer(9)},
                                   {"inserted", row.integer(10)},
                                   {"updated", row.integer(11)},
                                   {"unchanged", row.integer(12)},
                                   {"pages", row.integer(13)},
                                   {"requests", row.integer(14)},
                                   {"retries", row.integer(15)},
                                   {"problem", row.optional_text(16)}}));
  }
  return values;
}

}  // namespace trunkline::warehouse::sync
