#include "warehouse/sync/view_figures_testing.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::sync {
namespace {

using fakes::TrueCall;
using fakes::TrueRental;

const db::Statement daily_shown{
    "test.view_daily",
    "SELECT CAST(call_date AS text), direction, currency, CAST(total_calls AS text),"
    " CAST(completed_calls AS text), CAST(total_duration AS text), CAST(total_billable AS text),"
    " CAST(total_cost AS text) FROM telco.daily_call_summary"};
const db::Statement monthly_shown{
    "test.view_monthly",
    "SELECT CAST(month AS text), currency, CAST(total_calls AS text), CAST(call_costs AS text),"
    " CAST(number_rental AS text) FROM telco.monthly_cost_summary"};
const db::Statement rentals_shown{
    "test.view_rentals",
    "SELECT CAST(month AS text), phone_number, currency, CAST(sum(units) AS text),"
    " CAST(count(DISTINCT source) AS text) FROM telco.number_rentals GROUP BY month, phone_number, currency"};
const db::Statement missed_shown{
    "test.view_missed",
    "SELECT external_call_id, account, CAST(started_at AS text), from_number, to_number, status, disposition"
    " FROM telco.missed_calls"};
const db::Statement numbers_shown{
    "test.view_numbers",
    "SELECT phone_number, currency, CAST(total_calls AS text), CAST(total_duration AS text),"
    " CAST(total_cost AS text) FROM telco.cost_by_number"};
const db::Statement agents_shown{
    "test.view_agents",
    "SELECT agent_id, currency, agent_name, CAST(total_calls AS text), CAST(completed_calls AS text),"
    " CAST(total_seconds AS text), CAST(total_cost AS text), CAST(last_call_at AS text)"
    " FROM telco.agent_summary"};
const db::Statement health_shown{
    "test.view_health",
    "SELECT sync_type, CAST(last_start AS text), CAST(last_success AS text) FROM telco.sync_health"};
const db::Statement lags_shown{
    "test.view_lags", "SELECT CAST(last_success AS text), lag FROM telco.sync_health WHERE lag IS NOT NULL"};

std::string shown(const std::optional<std::string>& text) {
  return text.value_or("-");
}
std::string shown(const std::optional<Decimal>& amount) {
  return amount ? amount->to_text() : "-";
}
std::string shown(const std::optional<Instant>& instant) {
  return instant ? store::stored_time(*instant) : "-";
}

// A view's rows. The kinds of its columns: k is part of the key, x a text, a an amount, u an amount in units,
// t a time.
Sheet sheet_of(db::Database& database, const db::Statement& statement, std::string_view kinds) {
  const auto rows = database.query(db::Scope::operations(), statement, {});
  if (!rows) FAIL(rows.error().describe());
  Sheet sheet;
  for (const db::Row row : *rows) {
    std::string key;
    std::string text;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      std::string cell = row.optional_text(i).value_or("-");
      if (kinds[i] == 'a' && cell != "-") cell = Decimal::parse(cell)->to_text();
      if (kinds[i] == 'u' && cell != "-")
        cell = Decimal::from_units(*parse_integer(cell), store::unit_places).to_text();
      if (kinds[i] == 't' && cell != "-") cell = shown(store::read_stored_time(cell));
      std::string& part = kinds[i] == 'k' ? key : text;
      part += (part.empty() ? "" : " ") + cell;
    }
    CHECK_MESSAGE(sheet.emplace(key, text).second, "twice: " << key);
  }
  return sheet;
}

// Counts and seconds of primary calls, costs of all.
struct Sums {
  std::int64_t calls = 0, completed = 0, seconds = 0, billable = 0;
  std::optional<Decimal> cost = {};
  std::optional<Instant> last = {};

  void add(const TrueCall& call) {
    if (call.cost) cost = cost.value_or(Decimal()) + *call.cost;
    if (!last || call.started_at > *last) last = call.started_at;
    if (!call.is_primary) return;
    ++calls;
    if (call.status == "completed") ++completed;
    seconds += call.duration_seconds;
    billable += call.billable_seconds.value_or(0);
  }
};

using Groups = std::map<std::string, Sums>;

// Calls without a key are in no group.
Groups grouped(const std::vector<TrueCall>& calls,
               const std::function<std::optional<std::string>(const TrueCall&)>& key_of) {
  Groups groups;
  for (const TrueCall& call : calls) {
    if (const auto key = key_of(call)) groups[*key].add(call);
  }
  return groups;
}

std::string day_of(const TrueCall& call) {
  return store::stored_time(call.started_at).substr(0, 10);
}

Sheet true_days(const std::vector<TrueCall>& calls) {
  Sheet sheet;
  for (const auto& [key, sums] : grouped(calls, [](const TrueCall& call) {
         return fmt::format("{} {} {}", day_of(call), call.direction.value_or("unknown"),
                            shown(call.currency));
       })) {
    if (sums.calls > 0 || sums.cost)
      sheet[key] = fmt::format("{} {} {} {} {}", sums.calls, sums.completed, sums.seconds, sums.billable,
                               shown(sums.cost));
  }
  return sheet;
}

Sheet true_months(const std::vector<TrueCall>& calls, const std::vector<TrueRental>& rentals) {
  Groups groups = grouped(calls, [](const TrueCall& call) {
    return fmt::format("{}-01 {}", day_of(call).substr(0, 7), shown(call.currency));
  });
  std::map<std::string, Decimal> rented;
  for (const TrueRental& rental : rentals) {
    const std::string key = fmt::format("{} {}", rental.month, rental.currency);
    rented[key] += rental.amount;
    groups.try_emplace(key);
  }
  Sheet sheet;
  for (const auto& [key, sums] : groups) {
    const auto rental = rented.find(key);
    if (sums.calls > 0 || sums.cost || rental != rented.end())
      sheet[key] = fmt::format("{} {} {}", sums.calls, shown(sums.cost),
                               rental == rented.end() ? "-" : rental->second.to_text());
  }
  return sheet;
}

// Each of them from one source only: billed, or by price.
Sheet true_rentals(const std::vector<TrueRental>& rentals) {
  Sheet sheet;
  for (const TrueRental& rental : rentals)
    sheet[fmt::format("{} {} {}", rental.month, rental.phone_number, rental.currency)] =
        rental.amount.to_text() + " 1";
  return sheet;
}

Sheet true_missed(const std::vector<TrueCall>& calls) {
  Sheet sheet;
  for (const TrueCall& call : calls) {
    const bool is_missed = call.status == "no_answer" || call.status == "canceled" || call.status == "busy";
    if (call.direction != "inbound" || !is_missed || !call.is_primary) continue;
    sheet[call.external_call_id] =
        fmt::format("default {} {} {} {} {}", store::stored_time(call.started_at), shown(call.from_number),
                    shown(call.to_number), call.status, shown(call.disposition));
  }
  return sheet;
}

Sheet true_numbers(const std::vector<TrueCall>& calls) {
  Sheet sheet;
  for (const auto& [key, sums] : grouped(calls, [](const TrueCall& call) {
         const auto& ours = call.direction == "inbound" ? call.to_number : call.from_number;
         return fmt::format("{} {}", shown(ours), shown(call.currency));
       })) {
    sheet[key] = fmt::format("{} {} {}", sums.calls, sums.seconds, shown(sums.cost));
  }
  return sheet;
}

Sheet true_agents(const std::vector<TrueCall>& calls) {
  std::map<std::string, std::string> names;
  Sheet sheet;
  for (const auto& [key, sums] : grouped(calls, [&](const TrueCall& call) -> std::optional<std::string> {
         if (!call.retell_agent_id) return std::nullopt;
         std::string group = fmt::format("{} {}", *call.retell_agent_id, shown(call.currency));
         names[group] = shown(call.retell_agent_name);
         return group;
       })) {
    sheet[key] = fmt::format("{} {} {} {} {} {}", names[key], sums.calls, sums.completed, sums.seconds,
                             shown(sums.cost), shown(sums.last));
  }
  return sheet;
}

Sheet true_health(const std::map<std::string, LastRuns>& runs) {
  Sheet sheet;
  for (const auto& [kind, times] : runs)
    sheet[kind] = fmt::format("{} {}", store::stored_time(times.start), shown(times.success));
  return sheet;
}

// The database counts the lag by its own clock, to a second.
void check_lags(db::Database& database) {
  const SystemClock clock;
  const Instant before = clock.now();
  const auto rows = database.query(db::Scope::operations(), lags_shown, {});
  if (!rows) FAIL(rows.error().describe());
  const Instant after = clock.now();
  CHECK(!rows->empty());
  for (const db::Row row : *rows) {
    const Instant success = *store::read_stored_time(row.text(0));
    const seconds lag(row.integer(1));
    CHECK(lag >= std::chrono::floor<seconds>(before - success) - seconds(1));
    CHECK(lag <= std::chrono::ceil<seconds>(after - success) + seconds(1));
  }
}

}  // namespace

void check_sheet(std::string_view what, const Sheet& stored, const Sheet& truth) {
  CAPTURE(what);
  CHECK(stored.size() == truth.size());
  int differences = 0;
  for (const auto& [id, expected] : truth) {
    const auto found = stored.find(id);
    const std::string is = found == stored.end() ? "missing" : found->second;
    if (is != expected && differences++ < 5) CHECK_MESSAGE(is == expected, id);
  }
  CHECK(differences == 0);
}

void check_views(db::Database& database, const WorldFigures& world) {
  check_sheet("daily_call_summary", sheet_of(database, daily_shown, "kkkxxxxa"), true_days(world.calls));
  check_sheet("monthly_cost_summary", sheet_of(database, monthly_shown, "kkxaa"),
              true_months(world.calls, world.rentals));
  check_sheet("number_rentals", sheet_of(database, rentals_shown, "kkkux"), true_rentals(world.rentals));
  check_sheet("missed_calls", sheet_of(database, missed_shown, "kxtxxxx"), true_missed(world.calls));
  check_sheet("cost_by_number", sheet_of(database, numbers_shown, "kkxxa"), true_numbers(world.calls));
  check_sheet("agent_summary", sheet_of(database, agents_shown, "kkxxxxat"), true_agents(world.calls));
  check_sheet("sync_health", sheet_of(database, health_shown, "ktt"), true_health(world.runs));
  check_lags(database);
}

}  // namespace trunkline::warehouse::sync
