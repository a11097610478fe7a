// simulate: a call from beginning to end on this machine, without a server, a phone or a key; for trying
// things out and for testing agents in CI.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "app/receiver.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/scratch_directory.hpp"
#include "base/text.hpp"
#include "cli/session.hpp"
#include "cli/transcript.hpp"

namespace trunkline::cli {
namespace {

using carriers::local::Scenario;

constexpr std::string_view default_number = "+12025550101";
constexpr std::string_view default_speed = "200";

Result<Scenario> scenario_of(const Invocation& invocation) {
  const auto path = invocation.option("--scenario");
  if (!path) return Scenario();
  std::ifstream file(*path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) return fail(error_codes::usage, fmt::format("--scenario: {} cannot be read.", *path));
  return carriers::local::parse_scenario(text.str());
}

std::map<std::string, app::Receiver::Tool> tools_of(const Scenario& scenario) {
  std::map<std::string, app::Receiver::Tool> tools;
  for (const carriers::local::ScenarioTool& tool : scenario.tools) {
    tools.emplace(tool.name, [tool](const json::Value&) {
      if (!tool.error.empty()) return json::write(json::object({{"error", tool.error}}));
      return json::write(json::object({{"result", *json::parse(tool.result)}}));
    });
  }
  return tools;
}

// What did not come true, in words.
std::vector<std::string> disappointments(const carriers::local::Expectation& expected,
                                         const calls::CallDetail& detail,
                                         const std::vector<std::string>& tools_called) {
  std::vector<std::string> problems;
  std::string said;
  for (const calls::Transcript::Line line : detail.transcript) {
    if (line.role == to_text(calls::EntryKind::agent)) said += ascii_lower(line.text) + "\n";
  }
  const calls::Call& call = detail.call;
  if (!expected.status.empty() && expected.status != calls::to_text(call.state.status)) {
    problems.push_back(
        fmt::format("the status is {}, expected {}", calls::to_text(call.state.status), expected.status));
  }
  for (const std::string& words : expected.agent_says) {
    if (said.find(ascii_lower(words)) == std::string::npos)
      problems.push_back(fmt::format("the agent never said \"{}\"", words));
  }
  for (const std::string& words : expected.agent_never_says) {
    if (said.find(ascii_lower(words)) != std::string::npos)
      problems.push_back(fmt::format("the agent said \"{}\"", words));
  }
  for (const std::string& tool : expected.tools_called) {
    if (std::ranges::find(tools_called, tool) == tools_called.end())
      problems.push_back(fmt::format("the tool {} was not called", tool));
  }
  if (expected.at_most && seconds(call.duration_seconds()) > *expected.at_most) {
    problems.push_back(fmt::format("it took {} s, expected at most {}", call.duration_seconds(),
                                   format_duration(*expected.at_most)));
  }
  return problems;
}

// The pieces of one simulation, in the order in which they depend on each other.
struct Simulation {
  ScratchDirectory scratch;
  std::unique_ptr<Session> session;
  std::unique_ptr<app::Receiver> receiver;
  tenancy::TenantScope scope;
  CallId call;
};

Result<void> prepare(Simulation& simulation, Invocation& invocation, const Scenario& scenario) {
  const std::string speed = invocation.option("--speed").value_or(std::string(default_speed));
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string_view, std::string>>{
           {"database_url", "sqlite:" + simulation.scratch.path() + "/simulation.db"},
           {"warehouse_schedule", "0"},
           {"local_speed", speed},
           {"allow_private_urls", "1"}}) {
    if (const auto set = invocation.settings().set(key, value); !set) return set;
  }
  auto session = Session::open(invocation);
  if (!session) return fail(std::move(session.error()));
  simulation.session = std::move(*session);
  Session& here = *simulation.session;
  here.worker->carrier().directory().add(scenario);
  const auto account = here.domain().accounts.create("simulation", tenancy::SubscriptionStatus::active);
  if (!account) return fail(account.error());
  simulation.scope = {.account = account->account.id};
  const auto endpoint = here.domain().endpoints.find(simulation.scope);
  if (!endpoint) return fail(endpoint.error());
  simulation.receiver =
      std::make_unique<app::Receiver>(*here.installation, endpoint->secret, tools_of(scenario));
  if (const auto started = simulation.receiver->start(); !started) return started;
  const auto set = here.domain().endpoints.set(
      simulation.scope,
      {.url = simulation.receiver->events_url(), .tool_url = simulation.receiver->tools_url()});
  if (!set) return fail(set.error());
  for (const carriers::local::ScenarioTool& tool : scenario.tools) {
    const auto added =
        here.domain().tools.add(simulation.scope, {.name = tool.name,
                                                   .description = tool.description,
                                                   .input_schema = *json::parse(tool.input_schema),
                                                   .output_schema = json::Object()});
    if (!added) return fail(added.error());
  }
  return here.worker->start();
}

Result<void> place(Simulation& simulation, const Invocation& invocation, const Scenario& scenario) {
  const std::string first = scenario.callees.empty() ? std::string(default_number)
                                                     : std::string(scenario.callees.front().number.text());
  const auto to = PhoneNumber::parse_e164(invocation.option("--to").value_or(first));
  if (!to) return fail(to.error());
  const auto duration = invocation.number("--max-duration", calls::default_max_duration_seconds);
  if (!duration) return fail(duration.error());
  const auto text = [&](std::string_view name, std::string_view fallback = "") {
    return invocation.option(name).value_or(std::string(fallback));
  };
  const auto placed =
      simulation.session->domain().calls.place(simulation.scope,
                                               {.to = *to,
                                                .task = text("--task", "Ask for the opening hours."),
                                                .instructions = text("--instructions"),
                                                .locale = text("--locale"),
                                                .agent_name = text("--agent-name", "Ava"),
                                                .caller_name = text("--caller-name", "Dana Smith"),
                                                .max_duration_seconds = *duration},
                                               std::nullopt);
  if (!placed) return fail(placed.error());
  simulation.call = placed->call.id;
  return {};
}

json::Value report(const calls::CallDetail& detail, const Simulation& simulation,
                   const std::vector<std::string>& problems) {
  json::Array transcript;
  for (const calls::Transcript::Line line : detail.transcript) {
    transcript.push_back(json::object({{"role", line.role}, {"text", line.text}}));
  }
  json::Array events;
  for (const app::ReceivedEvent& event : simulation.receiver->events()) events.push_back(event.name);
  json::Array tools;
  for (const std::string& tool : simulation.receiver->tools_called()) tools.push_back(tool);
  json::Array failed;
  for (const std::string& problem : problems) failed.push_back(problem);
  return json::object({{"status", calls::to_text(detail.call.state.status)},
                       {"ended_reason", calls::to_text(detail.call.state.reason)},
                       {"duration_seconds", detail.call.duration_seconds()},
                       {"summary", detail.call.summary ? json::Value(*detail.call.summary) : json::Value()},
                       {"transcript", std::move(transcript)},
                       {"events", std::move(events)},
                       {"tools_called", std::move(tools)},
                       {"problems", std::move(failed)}});
}

Result<void> simulate(Invocation& invocation) {
  if (invocation.flag("--print-callees")) {
    invocation.output().raw(carriers::local::builtin_scenario());
    return {};
  }
  const auto scenario = scenario_of(invocation);
  if (!scenario) return fail(scenario.error());
  Simulation simulation;
  if (const auto prepared = prepare(simulation, invocation, *scenario); !prepared) return prepared;
  if (const auto placed = place(simulation, invocation, *scenario); !placed) return placed;
  app::Domain& domain = simulation.session->domain();
  Output quiet;
  quiet.use_json(invocation.output().json());
  if (!invocation.output().json()) {
    const auto followed =
        follow_call(invocation.output(), domain.calls, simulation.scope, simulation.call, minutes(10));
    if (!followed) return followed;
  }
  // The last event follows the end by a moment.
  Result<calls::CallDetail> detail = domain.calls.find_with_transcript(simulation.scope, simulation.call);
  const auto until = std::chrono::steady_clock::now() + minutes(10);
  const auto told = [&] {
    return std::ranges::any_of(simulation.receiver->events(), [](const app::ReceivedEvent& event) {
      return event.name == "call.completed" || event.name == "call.failed" || event.name == "call.cancelled";
    });
  };
  while (!told() && std::chrono::steady_clock::now() < until) runtime::sleep_for(milliseconds(10));
  detail = domain.calls.find_with_transcript(simulation.scope, simulation.call);
  if (!detail) return fail(detail.error());
  const auto problems = disappointments(scenario->expectation, *detail, simulation.receiver->tools_called());
  std::string text = problems.empty() ? "As expected." : "Not as expected:";
  for (const std::string& problem : problems) text += "\n  " + problem;
  invocation.output().result(report(*detail, simulation, problems), text);
  simulation.session->worker->stop(std::chrono::steady_clock::now() + seconds(2));
  if (!problems.empty())
    return fail(trunkline::error_codes::internal, "The simulation did not go as the scenario expects.");
  return {};
}

}  // namespace

std::vector<Command> simulate_commands() {
  const auto text = [](std::string name, std::string placeholder, std::string meaning) {
    return Option{
        .name = std::move(name), .placeholder = std::move(placeholder), .meaning = std::move(meaning)};
  };
  return {
      {.path = {"simulate"},
       .summary = "Runs a call in the phone network in a box and checks what a scenario expects",
       .examples =
           {"trunkline simulate --task \"Ask for the opening hours\"",
            "trunkline simulate --to +12025550106 --task \"Pick up a prescription at the pharmacy\"",
            "trunkline simulate --scenario returns.toml --json    # exit code 1 when an expectation fails",
            "trunkline simulate --print-callees > my-callees.toml"},
       .options = {text("--to", "NUMBER", "Whom to call; the scenario's first callee, or +12025550101"),
                   text("--task", "TEXT", "What the call is to achieve"),
                   text("--instructions", "TEXT", "Further guidance"),
                   text("--agent-name", "NAME", "The agent's name"),
                   text("--caller-name", "NAME", "On whose behalf it calls"),
                   text("--locale", "TAG", "Language, e.g. es-ES"),
                   text("--max-duration", "SECONDS", "1 to 3600"),
                   text("--scenario", "FILE", "Callees, tools and expectations, TOML"),
                   text("--speed", "FACTOR", "How much faster than real time; 200 unless given"),
                   text("--print-callees", "", "Print the built-in callees, as an example, and stop")},
       .run = simulate}};
}

}  // namespace trunkline::cli
