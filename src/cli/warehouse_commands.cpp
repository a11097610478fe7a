// warehouse export, report costs, verify, health.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/telco.hpp"
#include "net/gzip.hpp"
#include "warehouse/store/export.hpp"
#include "warehouse/store/totals.hpp"
#include "warehouse/sync/reports.hpp"

namespace trunkline::cli {
namespace {

namespace store = warehouse::store;

constexpr std::size_t bar_width = 30;

const db::Statement health_rows{"cli.sync_health",
                                "SELECT provider, account, sync_type, CAST(last_success AS text), lag FROM "
                                "telco.sync_health ORDER BY 1, 2, 3",
                                db::Reach::scan};
const db::Statement undated_calls{
    "cli.undated_calls", "SELECT count(*) FROM telco.calls WHERE started_at IS NULL", db::Reach::scan};

// Where an export goes: a file under a temporary name until it is whole, or standard output.
class Sink {
 public:
  explicit Sink(std::string path) : path_(std::move(path)) {
    if (!path_.empty()) file_.open(path_ + ".part", std::ios::binary | std::ios::trunc);
  }
  // The members of a gzip file may follow each other (RFC 1952, section 2.2), so each page is one.
  void write(const std::string& text, bool compress) {
    std::ostream& out = path_.empty() ? std::cout : file_;
    const std::string bytes = compress ? net::gzip(text) : text;
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  Result<void> finish() {
    std::ostream& out = path_.empty() ? std::cout : file_;
    out.flush();
    if (!out)
      return fail(trunkline::error_codes::unavailable, "The export cannot be written: is the disk full?");
    if (path_.empty()) return {};
    file_.close();
    std::error_code problem;
    std::filesystem::rename(path_ + ".part", path_, problem);
    if (problem)
      return fail(trunkline::error_codes::unavailable, fmt::format("{}: {}", path_, problem.message()));
    return {};
  }

 private:
  std::string path_;
  std::ofstream file_;
};

Result<const store::ExportTable*> table_option(const Invocation& invocation) {
  const std::string name = invocation.option("--table").value_or("calls");
  const store::ExportTable* table = store::find_export_table(name);
  if (table != nullptr) return table;
  std::vector<std::string_view> names;
  for (const store::ExportTable& each : store::export_tables()) names.push_back(each.name);
  return fail(error_codes::usage,
              fmt::format("--table: there is no '{}'; there are {}.", name, join(names, ", ")));
}

Result<void> export_table(Invocation& invocation) {
  const std::string format = invocation.option("--format").value_or("csv");
  if (format != "csv" && format != "jsonl")
    return fail(error_codes::usage, "--format: must be csv or jsonl.");
  const auto table = table_option(invocation);
  if (!table) return fail(table.error());
  const auto from = time_option(invocation, "--from");
  if (!from) return fail(from.error());
  const auto to = time_option(invocation, "--to");
  if (!to) return fail(to.error());
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  const Instant begin = from->value_or(Instant(std::chrono::sys_days(std::chrono::year(1970) / 1 / 1)));
  const Instant end = to->value_or(Instant(std::chrono::sys_days(std::chrono::year(9999) / 1 / 1)));
  const bool compress = invocation.flag("--gzip");
  Sink sink(invocation.option("--output").value_or(""));
  if (format == "csv") sink.write(store::csv_heading(**table) + "\r\n", compress);
  std::int64_t rows = 0;
  for (std::int64_t at = 0;;) {
    const auto page = store::export_page((*telco)->warehouse->database(), **table, begin, end, at);
    if (!page) return fail(page.error());
    std::string text;
    for (const store::Record& row : page->rows)
      text +=
          format == "csv" ? store::csv_line(**table, row) + "\r\n" : store::json_line(**table, row) + "\n";
    if (!text.empty()) sink.write(text, compress);
    rows += static_cast<std::int64_t>(page->rows.size());
    if (page->is_last) break;
    at = page->last;
    invocation.output().progress(fmt::format("{} rows", rows));
  }
  invocation.output().end_progress();
  if (const auto finished = sink.finish(); !finished) return finished;
  invocation.output().note(fmt::format("{} rows of {}", rows, (*table)->name));
  return {};
}

std::string bar(const Decimal& value, const Decimal& most) {
  if (most.is_zero() || value.is_negative()) return "";
  const auto length = (value * static_cast<std::int64_t>(bar_width)).divide(most, 0, Rounding::up).to_int64();
  std::string text;
  for (std::int64_t i = 0; i < length.value_or(0); ++i) text += "█";
  return text;
}

Decimal amount(std::string_view text) {
  const auto parsed = Decimal::parse(text);
  return parsed ? *parsed : Decimal();
}

Result<void> report_costs(Invocation& invocation) {
  const std::string month = invocation.option("--month").value_or("");
  if (!month.empty() && !parse_month(month))
    return fail(error_codes::usage, fmt::format("--month: '{}' is no month; write 2026-05.", month));
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  return show_costs(invocation, **telco, month);
}

Result<void> verify(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  db::Database& database = (*telco)->warehouse->database();
  if (invocation.flag("--rebuild")) {
    if (const auto rebuilt = store::rebuild_totals(database); !rebuilt) return rebuilt;
  }
  const auto differences = store::verify_totals(database);
  if (!differences) return fail(differences.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{
      {"DAY", "PROVIDER", "ACCOUNT", "DIRECTION", "CURRENCY", "KEPT", "COUNTED"}};
  for (const store::TotalsDifference& each : *differences) {
    rows.push_back({each.call_date, each.provider, each.account, each.direction,
                    each.currency.empty() ? "-" : each.currency, each.kept.empty() ? "-" : each.kept,
                    each.counted.empty() ? "-" : each.counted});
    values.push_back(json::object({{"call_date", each.call_date},
                                   {"provider", each.provider},
                                   {"account", each.account},
                                   {"direction", each.direction},
                                   {"currency", each.currency},
                                   {"kept", each.kept},
                                   {"counted", each.counted}}));
  }
  invocation.output().result(
      values, differences->empty() ? "The kept sums are the sums of the calls."
                                   : table(rows) + "\n`trunkline warehouse verify --rebuild` mends them.");
  invocation.end_with(differences->empty() ? 0 : 1);
  return {};
}

Result<void> health(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  return show_health(invocation, **telco);
}

}  // namespace

Result<void> show_costs(Invocation& invocation, TelcoSession& telco, std::string_view month) {
  db::Database& database = telco.warehouse->database();
  const auto costs = warehouse::sync::month_costs(database, month, telco.session->installation->clock.now());
  if (!costs) return fail(costs.error());
  const auto undated = database.query(db::Scope::operations(), undated_calls, {});
  if (!undated) return fail(undated.error());
  // Bars compare amounts of one currency.
  std::map<std::string, Decimal> most;
  const auto total_of = [](const warehouse::sync::MonthCost& each) {
    return amount(each.call_costs.value_or("")) + amount(each.number_rental.value_or(""));
  };
  for (const auto& each : *costs) most[each.currency] = std::max(most[each.currency], total_of(each));
  std::vector<std::vector<std::string>> shown{
      {"MONTH", "PROVIDER", "CURRENCY", "CALLS", "CALL COSTS", "RENTAL", "TOTAL", ""}};
  const auto text_of = [](const std::optional<std::string>& text) {
    return text ? amount(*text).to_text(4) : std::string("-");
  };
  for (const auto& each : *costs) {
    const Decimal total = total_of(each);
    const bool has_currency = !each.currency.empty();
    shown.push_back({each.month, each.provider, has_currency ? each.currency : "-",
                     std::to_string(each.total_calls), text_of(each.call_costs), text_of(each.number_rental),
                     has_currency ? total.to_text(4) : "-", bar(total, most[each.currency])});
  }
  std::string text =
      costs->empty() ? "Nothing in that month. `trunkline sync all` reads what there is." : table(shown);
  if (const std::int64_t count = undated->front().integer(0); count > 0)
    text += fmt::format("\n{} calls have no start and are in no month.", count);
  invocation.output().result(to_json(*costs), text);
  return {};
}

Result<void> show_health(Invocation& invocation, TelcoSession& telco) {
  const auto rows = telco.warehouse->database().query(db::Scope::operations(), health_rows, {});
  if (!rows) return fail(rows.error());
  json::Array values;
  std::vector<std::vector<std::string>> shown{{"PROVIDER", "ACCOUNT", "TYPE", "LAST SUCCESS", "LAG"}};
  for (const db::Row row : *rows) {
    const auto lag = row.optional_integer(4);
    shown.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)),
                     row.optional_text(3).value_or("never"), lag ? format_duration(seconds(*lag)) : "-"});
    values.push_back(json::object(
        {{"provider", row.text(0)},
         {"account", row.text(1)},
         {"type", row.text(2)},
         {"last_success", row.optional_text(3) ? json::Value(*row.optional_text(3)) : json::Value()},
         {"lag_seconds", lag ? json::Value(*lag) : json::Value()}}));
  }
  invocation.output().result(values, rows->empty() ? "Nothing was synced yet." : table(shown));
  return {};
}

std::vector<Command> warehouse_commands() {
  return {
      {.path = {"warehouse", "export"},
       .summary = "Write a table or view as CSV or JSON lines",
       .examples =
           {"trunkline warehouse export --table calls --format csv --from 2026-05-01 --to 2026-06-01",
            "trunkline warehouse export --table messages --format jsonl --gzip --output messages.jsonl.gz"},
       .options = {{.name = "--table", .placeholder = "NAME", .meaning = "calls, messages, …; default calls"},
                   {.name = "--format", .placeholder = "FORMAT", .meaning = "csv or jsonl; default csv"},
                   {.name = "--from", .placeholder = "TIME", .meaning = "Only rows from here on"},
                   {.name = "--to", .placeholder = "TIME", .meaning = "Only rows before"},
                   {.name = "--gzip", .meaning = "Compress it"},
                   {.name = "--output", .placeholder = "FILE", .meaning = "Default: standard output"}},
       .run = export_table},
      {.path = {"warehouse", "report", "costs"},
       .summary = "Show what calls and numbers cost, by month, provider and currency",
       .examples = {"trunkline warehouse report costs --month 2026-05"},
       .options = {{.name = "--month",
                    .placeholder = "MONTH",
                    .meaning = "YYYY-MM; else the last twelve months"}},
       .run = report_costs},
      {.path = {"warehouse", "verify"},
       .summary = "Check the kept daily sums against the calls",
       .options = {{.name = "--rebuild", .meaning = "Count them anew first"}},
       .run = verify},
      {.path = {"warehouse", "health"},
       .summary = "Show when each kind of record was last read",
       .run = health},
  };
}

}  // namespace trunkline::cli
