// What the commands around the telecom warehouse share.
#pragma once

#include "app/warehouse.hpp"
#include "cli/session.hpp"

namespace trunkline::cli {

struct TelcoSession {
  // Suspends.
  static Result<std::unique_ptr<TelcoSession>> open(Invocation& invocation);

  std::unique_ptr<Session> session;
  std::unique_ptr<app::Warehouse> warehouse;
};

// The accounts that --provider and --account leave; an error that says how to configure one when there is
// none.
Result<std::vector<warehouse::Provider*>> chosen_providers(const Invocation& invocation,
                                                           const app::Warehouse& warehouse);

// Runs these kinds for these accounts with a line of progress; the reports.
Result<std::vector<warehouse::sync::RunReport>> run_syncs(Output& output, app::Warehouse& warehouse,
                                                          const std::vector<warehouse::Provider*>& providers,
                                                          const std::vector<warehouse::SyncType>& types,
                                                          warehouse::sync::RunOptions options);
void print_reports(Output& output, const std::vector<warehouse::sync::RunReport>& reports);

// The menu's entries are these commands.
Result<void> show_coverage(Invocation& invocation, TelcoSession& telco, bool fill);
Result<void> show_costs(Invocation& invocation, TelcoSession& telco, std::string_view month);
Result<void> show_health(Invocation& invocation, TelcoSession& telco);

}  // namespace trunkline::cli
