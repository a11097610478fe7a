// sync calls, recordings, messages, balance, billing, phone-numbers, agents, all, coverage.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/telco.hpp"
#include "runtime/signals.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/sync/reports.hpp"

namespace trunkline::cli {
namespace {

using warehouse::Provider;
using warehouse::SyncType;
using warehouse::sync::RunOptions;
using warehouse::sync::RunReport;

std::string progress_line(const warehouse::sync::Progress& progress) {
  const double seconds_spent = std::max(std::chrono::duration<double>(progress.elapsed).count(), 0.001);
  std::string line =
      fmt::format("{}/{} {} {}: {} pages, {} rows, {:.0f} rows/s", progress.provider, progress.account,
                  warehouse::to_text(progress.type), progress.feed, progress.pages, progress.rows,
                  static_cast<double>(progress.rows) / seconds_spent);
  if (!progress.waiting_for.empty()) line += "; waits for " + progress.waiting_for;
  return line;
}

json::Value json_of(const RunReport& report) {
  const auto& log = report.log;
  return json::object({{"provider", report.provider},
                       {"account", report.account},
                       {"type", warehouse::to_text(report.type)},
                       {"status", log.status},
                       {"fetched", log.rows.received},
                       {"inserted", log.rows.inserted},
                       {"updated", log.rows.updated},
                       {"unchanged", log.rows.unchanged},
                       {"pages", log.pages},
                       {"requests", log.requests},
                       {"retries", log.retries},
                       {"problem", unless_empty(log.problem)}});
}

Result<void> sync(Invocation& invocation, const std::vector<SyncType>& types) {
  const auto from = time_option(invocation, "--from");
  if (!from) return fail(from.error());
  const auto to = time_option(invocation, "--to");
  if (!to) return fail(to.error());
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  const auto providers = chosen_providers(invocation, *(*telco)->warehouse);
  if (!providers) return fail(providers.error());
  const auto reports = run_syncs(invocation.output(), *(*telco)->warehouse, *providers, types,
                                 {.trigger = *from ? "backfill" : "manual", .from = *from, .to = *to});
  if (!reports) return fail(reports.error());
  print_reports(invocation.output(), *reports);
  invocation.end_with(warehouse::sync::exit_code(*reports));
  return {};
}

std::string span_of(const warehouse::Window& window) {
  return format_rfc3339(window.begin) + " to " + format_rfc3339(window.end);
}

Result<void> coverage(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  return show_coverage(invocation, **telco, invocation.flag("--fill"));
}

std::vector<Option> account_options() {
  return {{.name = "--provider", .placeholder = "NAME", .meaning = "zadarma, telnyx or retell; else all"},
          {.name = "--account", .placeholder = "NAME", .meaning = "One of its accounts; else all"}};
}

Command sync_command(std::string name, std::string summary, std::vector<SyncType> types) {
  std::vector<Option> options = account_options();
  options.push_back({.name = "--from", .placeholder = "TIME", .meaning = "Only records from here on"});
  options.push_back(
      {.name = "--to", .placeholder = "TIME", .meaning = "Only records before; else until now"});
  return {.path = {"sync", name},
          .summary = std::move(summary),
          .examples = {fmt::format("trunkline sync {}", name),
                       fmt::format("trunkline sync {} --provider telnyx --from 2026-01-01 --to 2026-02-01",
                                   name)},
          .options = std::move(options),
          .run = [types = std::move(types)](Invocation& invocation) { return sync(invocation, types); }};
}

}  // namespace

Result<std::unique_ptr<TelcoSession>> TelcoSession::open(Invocation& invocation) {
  auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  auto opened = app::Warehouse::open(*(*session)->installation, (*session)->worker->network());
  if (!opened) return fail(opened.error());
  auto telco = std::make_unique<TelcoSession>();
  telco->session = std::move(*session);
  telco->warehouse = std::move(*opened);
  return telco;
}

Result<std::vector<Provider*>> chosen_providers(const Invocation& invocation, const app::Warehouse& all) {
  const auto provider = invocation.option("--provider");
  const auto account = invocation.option("--account");
  std::vector<Provider*> chosen;
  for (const auto& each : all.providers()) {
    if (provider && each->account().provider != *provider) continue;
    if (account && each->account().account != *account) continue;
    chosen.push_back(each.get());
  }
  // Own calls alone are no reason to say that all is well.
  const bool only_own =
      chosen.size() == 1 && chosen.front()->account().provider == warehouse::store::own_provider_name;
  if (!chosen.empty() && (!only_own || provider)) return chosen;
  if (provider || account) {
    return fail(error_codes::usage,
                fmt::format("No account of {} called {} is configured.", provider.value_or("any provider"),
                            account.value_or("anything")));
  }
  return fail(
      error_codes::usage,
      "No provider is configured: set ZADARMA_KEY and ZADARMA_SECRET, TELNYX_API_KEY or RETELL_API_KEY. "
      "`trunkline serve --demo` shows the warehouse without any.");
}

Result<std::vector<RunReport>> run_syncs(Output& output, app::Warehouse& warehouse,
                                         const std::vector<Provider*>& providers,
                                         const std::vector<SyncType>& types, RunOptions options) {
  std::atomic<bool> cancelled = false;
  const runtime::TerminationSignals signals(*runtime::EventLoop::current(), [&] {
    // What is stored stays; the next run goes on from there. A second signal does not wait.
    if (cancelled.exchange(true)) std::_Exit(static_cast<int>(ExitCode::interrupted));
  });
  options.cancelled = &cancelled;
  options.progress = [&output](const warehouse::sync::Progress& progress) {
    output.progress(progress_line(progress));
  };
  std::vector<RunReport> reports;
  for (Provider* provider : providers) {
    for (const SyncType type : types) {
      if (cancelled) break;
      const bool has_any = std::ranges::any_of(
          provider->feeds(), [type](const warehouse::Feed& feed) { return feed.type == type; });
      if (!has_any && type != SyncType::billing) continue;
      auto report = warehouse.run(*provider, type, options);
      if (!report) {
        output.end_progress();
        return fail(report.error());
      }
      reports.push_back(std::move(*report));
    }
  }
  output.end_progress();
  return reports;
}

void print_reports(Output& output, const std::vector<RunReport>& reports) {
  json::Array values;
  std::vector<std::vector<std::string>> rows{
      {"ACCOUNT", "TYPE", "STATUS", "PAGES", "FETCHED", "NEW", "CHANGED", "SAME", "PROBLEM"}};
  for (const RunReport& report : reports) {
    const auto& log = report.log;
    values.push_back(json_of(report));
    rows.push_back({report.provider + "/" + report.account, std::string(warehouse::to_text(report.type)),
                    log.status, std::to_string(log.pages), std::to_string(log.rows.received),
                    std::to_string(log.rows.inserted), std::to_string(log.rows.updated),
                    std::to_string(log.rows.unchanged), log.problem.empty() ? "-" : log.problem});
  }
  output.result(values, reports.empty() ? "None of the accounts has such records." : table(rows));
}

namespace {

// Reads again what is not proven.
Result<void> fill_holes(Output& output, TelcoSession& telco, const warehouse::sync::CoverageReport& report) {
  const auto read = [&](std::string_view provider, std::string_view account, SyncType type,
                        RunOptions options) -> Result<void> {
    Provider* const found = telco.warehouse->find(provider, account);
    if (found == nullptr) return {};
    const auto reports = run_syncs(output, *telco.warehouse, {found}, {type}, std::move(options));
    if (!reports) return fail(reports.error());
    return {};
  };
  for (const auto& proof : report.windows) {
    for (const warehouse::Window& hole : proof.holes) {
      const auto filled = read(proof.provider, proof.account, proof.type,
                               {.trigger = "backfill", .from = hole.begin, .to = hole.end});
      if (!filled) return filled;
    }
  }
  for (const auto& proof : report.listings) {
    if (!proof.last || proof.is_proven()) continue;
    if (const auto filled = read(proof.provider, proof.account, proof.type, {.trigger = "backfill"}); !filled)
      return filled;
  }
  return {};
}

std::string windows_table(const warehouse::sync::CoverageReport& report) {
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "FEED", "PROVEN FROM", "TO", "WINDOWS", "HOLES"}};
  std::string details;
  for (const auto& proof : report.windows) {
    const std::string name = proof.provider + "/" + proof.account;
    for (const warehouse::Window& hole : proof.holes)
      details += fmt::format("\nhole: {} {} {}", name, proof.feed, span_of(hole));
    for (const auto& window : proof.unproven)
      details += fmt::format("\n  {} {}: {}", proof.feed, span_of(window.window), window.problem);
    rows.push_back({name, proof.feed, proof.windows == 0 ? "-" : format_rfc3339(proof.range.begin),
                    proof.windows == 0 ? "-" : format_rfc3339(proof.range.end), std::to_string(proof.windows),
                    std::to_string(proof.holes.size())});
  }
  return table(rows) + details;
}

std::string listings_table(const warehouse::sync::CoverageReport& report) {
  if (report.listings.empty()) return "";
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "LIST", "WHOLE AT", "RECORDS", "SAID", "END"}};
  std::string details;
  for (const auto& proof : report.listings) {
    const std::string name = proof.provider + "/" + proof.account;
    if (proof.last && !proof.is_proven())
      details += fmt::format("\nnot whole: {} {} at {}: {}", name, proof.feed,
                             format_rfc3339(proof.last->window.begin), proof.last->problem);
    const auto& whole = proof.whole;
    rows.push_back({name, proof.feed, whole ? format_rfc3339(whole->window.begin) : "-",
                    whole ? std::to_string(whole->rows) : "-",
                    whole && whole->total_said ? std::to_string(*whole->total_said) : "-",
                    whole ? whole->end_said : "-"});
  }
  return "\n\n" + table(rows) + details;
}

}  // namespace

Result<void> show_coverage(Invocation& invocation, TelcoSession& telco, bool fill) {
  const auto providers = chosen_providers(invocation, *telco.warehouse);
  if (!providers) return fail(providers.error());
  db::Database& database = telco.warehouse->database();
  auto report = warehouse::sync::coverage_report(database, *providers, {}, {});
  if (report && fill && !report->is_whole()) {
    if (const auto filled = fill_holes(invocation.output(), telco, *report); !filled) return filled;
    report = warehouse::sync::coverage_report(database, *providers, {}, {});
  }
  if (!report) return fail(report.error());
  invocation.output().result(to_json(*report), windows_table(*report) + listings_table(*report));
  invocation.end_with(report->is_whole() ? 0 : 2);
  return {};
}

std::vector<Command> sync_commands() {
  std::vector<Command> commands{
      sync_command("calls", "Read call records into the warehouse", {SyncType::calls}),
      sync_command("recordings", "Read recordings, and store their files if configured",
                   {SyncType::recordings}),
      sync_command("messages", "Read message records", {SyncType::messages}),
      sync_command("balance", "Take snapshots of the balances", {SyncType::balance}),
      sync_command("billing", "Read invoices, charges and rentals", {SyncType::billing}),
      sync_command("phone-numbers", "Read phone numbers, connections and profiles",
                   {SyncType::phone_numbers}),
      sync_command("agents", "Read Retell's agents, models, voices and concurrency", {SyncType::agents}),
      sync_command("all", "Read everything, in order",
                   {warehouse::all_sync_types.begin(), warehouse::all_sync_types.end()})};
  std::vector<Option> options = account_options();
  options.push_back({.name = "--fill", .meaning = "Read the holes again"});
  commands.push_back({.path = {"sync", "coverage"},
                      .summary = "Show which time is proven complete, and where there are holes",
                      .examples = {"trunkline sync coverage", "trunkline sync coverage --fill"},
                      .options = std::move(options),
                      .run = coverage});
  return commands;
}

}  // namespace trunkline::cli
