#include "warehouse/retell/commands.hpp"

#include <algorithm>

namespace trunkline::warehouse::retell {
namespace {

constexpr std::array<CommandRequest, 7> requests{{
    {"call", net::Method::get, "/v2/get-call/{call_id}"},
    {"call_create", net::Method::post, "/v2/create-phone-call"},
    {"agent", net::Method::get, "/get-agent/{agent_id}"},
    {"agent_versions", net::Method::get, "/get-agent-versions/{agent_id}"},
    {"concurrency", net::Method::get, "/get-concurrency"},
    {"api_key", net::Method::get, "/get-api-key-info"},
    {"exports", net::Method::get, "/v2/list-export-requests"},
}};

OnDemandCommand absent(std::string name, std::string summary, std::string instead) {
  return {.name = std::move(name), .summary = std::move(summary), .instead = std::move(instead)};
}

}  // namespace

std::vector<OnDemandCommand> all_commands() {
  return {
      {.name = "call", .summary = "A call with its transcript", .arguments = {"call_id"}},
      {.name = "call_create",
       .summary = "Place a call",
       .arguments = {"from_number", "to_number"},
       .costs_money = true},
      {.name = "agent", .summary = "An agent's settings", .arguments = {"agent_id"}},
      {.name = "agent_versions", .summary = "An agent's versions", .arguments = {"agent_id"}},
      {.name = "concurrency", .summary = "How many calls run, and how many may"},
      {.name = "api_key", .summary = "Whose key it is"},
      {.name = "exports", .summary = "The exports that were started in the dashboard"},
      absent(
          "recordings_list", "All recordings",
          "Retell has no list of recordings: links are members of each call. Sync calls; the recordings come "
          "along."),
      absent("webhooks_list", "All webhooks",
             "Retell has no list of webhooks: they are settings of agents and numbers, kept as the resources "
             "agent_webhook and number_webhook. The account's own URL cannot be read."),
      absent("analytics", "The dashboard's figures",
             "Retell has no call for them. They are computed from calls: the views daily_call_summary, "
             "monthly_cost_summary and agent_summary."),
      absent("billing", "Invoices and balance",
             "Retell has no billing call. Each call carries its cost; monthly_cost_summary adds them up."),
  };
}

const CommandRequest* request_of(std::string_view command) {
  const auto* const found = std::ranges::find(requests, command, &CommandRequest::name);
  return found == requests.end() ? nullptr : found;
}

}  // namespace trunkline::warehouse::retell
