// telco: the menu. provider list, check, ask: what a provider's account can do beside the sync.
#include <iostream>

#include <fmt/core.h>
#include <unistd.h>

#include "base/json/write.hpp"
#include "base/text.hpp"
#include "cli/telco.hpp"

namespace trunkline::cli {
namespace {

using warehouse::OnDemandCommand;
using warehouse::Provider;
using warehouse::SyncType;

class CommandWatch final : public warehouse::Watch {
 public:
  explicit CommandWatch(Output& output) : output_(output) {}
  void requested() override {}
  void retried(const Error& why) override { output_.progress("tries again: " + why.message()); }
  void waiting(Duration wait, std::string_view why) override {
    output_.progress(fmt::format("waits {} for {}", format_duration(wait), why));
  }

 private:
  Output& output_;
};

Result<void> list_providers(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"PROVIDER", "ACCOUNT", "FEEDS", "COMMANDS"}};
  for (const auto& provider : (*telco)->warehouse->providers()) {
    std::vector<std::string> feeds;
    for (const warehouse::Feed& feed : provider->feeds()) feeds.push_back(feed.name);
    std::vector<std::string> commands;
    for (const OnDemandCommand& command : provider->commands()) commands.push_back(command.name);
    rows.push_back(
        {provider->account().provider, provider->account().account, join(feeds, " "), join(commands, " ")});
    values.push_back(json::object({{"provider", provider->account().provider},
                                   {"account", provider->account().account},
                                   {"feeds", json::Array(feeds.begin(), feeds.end())},
                                   {"commands", json::Array(commands.begin(), commands.end())}}));
  }
  invocation.output().result(values, rows.size() == 1 ? "No provider is configured." : table(rows));
  return {};
}

Result<void> check_providers(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  const auto providers = chosen_providers(invocation, *(*telco)->warehouse);
  if (!providers) return fail(providers.error());
  CommandWatch watch(invocation.output());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ACCOUNT", "ANSWER"}};
  bool all_well = true;
  for (Provider* provider : *providers) {
    const auto answer = provider->check(watch);
    all_well = all_well && answer;
    const std::string text = answer ? *answer : answer.error().describe();
    rows.push_back({provider->account().provider + "/" + provider->account().account, text});
    values.push_back(json::object({{"provider", provider->account().provider},
                                   {"account", provider->account().account},
                                   {"ok", answer.has_value()},
                                   {"answer", text}}));
  }
  invocation.output().end_progress();
  invocation.output().result(values, table(rows));
  invocation.end_with(all_well ? 0 : 1);
  return {};
}

// "name=value", of --with.
Result<std::map<std::string, std::string>> arguments_of(const Invocation& invocation) {
  std::map<std::string, std::string> arguments;
  for (const std::string& each : invocation.options("--with")) {
    const auto parts = split_once(each, '=');
    if (!parts) return fail(error_codes::usage, fmt::format("--with: '{}' is not NAME=VALUE.", each));
    arguments.emplace(parts->first, parts->second);
  }
  return arguments;
}

std::string help_of(const Provider& provider) {
  std::vector<std::vector<std::string>> rows{{"COMMAND", "NEEDS", "WHAT IT DOES"}};
  for (const OnDemandCommand& command : provider.commands()) {
    rows.push_back({command.name, command.arguments.empty() ? "-" : join(command.arguments, " "),
                    command.instead.empty() ? command.summary + (command.costs_money ? " (costs money)" : "")
                                            : "does not exist; " + command.instead});
  }
  return table(rows);
}

Result<void> ask_provider(Invocation& invocation) {
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  invocation.values.emplace("--provider", invocation.argument("PROVIDER"));
  const auto providers = chosen_providers(invocation, *(*telco)->warehouse);
  if (!providers) return fail(providers.error());
  Provider& provider = *providers->front();
  const std::string name = invocation.argument("COMMAND");
  if (name.empty()) {
    invocation.output().line(help_of(provider));
    return {};
  }
  const auto commands = provider.commands();
  const auto command = std::ranges::find(commands, name, &OnDemandCommand::name);
  if (command == commands.end()) {
    return fail(error_codes::usage,
                fmt::format("{} has no command '{}'; `trunkline provider ask {}` lists them.",
                            provider.account().provider, name, provider.account().provider));
  }
  if (!command->instead.empty())
    return fail(warehouse::error_codes::not_offered,
                fmt::format("{} has no such thing: {}", provider.account().provider, command->instead));
  const auto arguments = arguments_of(invocation);
  if (!arguments) return fail(arguments.error());
  for (const std::string& needed : command->arguments) {
    if (!arguments->contains(needed))
      return fail(error_codes::usage, fmt::format("{} needs --with {}=VALUE.", name, needed));
  }
  CommandWatch watch(invocation.output());
  const auto answer = provider.run(name, *arguments, watch);
  invocation.output().end_progress();
  if (!answer) return fail(answer.error());
  // A message that was sent is known now or never: no provider tells of it later.
  app::Installation& installation = *(*telco)->session->installation;
  auto rows = provider.rows_of(name, *arguments, *answer, installation.clock.now(),
                               [&installation] { return to_text(installation.ids.next()); });
  if (!rows) return fail(rows.error());
  if (rows->size() > 0) {
    const auto stored = (*telco)->warehouse->engine().take_event(provider, {.rows = std::move(*rows)});
    if (!stored) return fail(stored.error());
  }
  invocation.output().result(*answer, json::write_pretty(*answer));
  return {};
}

struct MenuEntry {
  std::string_view title;
  std::function<Result<void>(Invocation&, TelcoSession&)> run;
};

Result<void> menu_sync(Invocation& invocation, TelcoSession& telco, const std::vector<SyncType>& types) {
  const auto providers = chosen_providers(invocation, *telco.warehouse);
  if (!providers) return fail(providers.error());
  const auto reports = run_syncs(invocation.output(), *telco.warehouse, *providers, types, {});
  if (!reports) return fail(reports.error());
  print_reports(invocation.output(), *reports);
  return {};
}

std::vector<MenuEntry> menu_entries() {
  std::vector<MenuEntry> entries;
  entries.push_back({"Read everything", [](Invocation& invocation, TelcoSession& telco) {
                       return menu_sync(invocation, telco,
                                        {warehouse::all_sync_types.begin(), warehouse::all_sync_types.end()});
                     }});
  static constexpr std::array<std::pair<std::string_view, SyncType>, 7> kinds{
      {{"Read calls", SyncType::calls},
       {"Read recordings", SyncType::recordings},
       {"Read messages", SyncType::messages},
       {"Read balances", SyncType::balance},
       {"Read billing", SyncType::billing},
       {"Read phone numbers", SyncType::phone_numbers},
       {"Read agents", SyncType::agents}}};
  for (const auto& [title, type] : kinds) {
    entries.push_back({title, [type](Invocation& invocation, TelcoSession& telco) {
                         return menu_sync(invocation, telco, {type});
                       }});
  }
  entries.push_back({"Costs by month", [](Invocation& invocation, TelcoSession& telco) {
                       return show_costs(invocation, telco, "");
                     }});
  entries.push_back({"What is proven complete", [](Invocation& invocation, TelcoSession& telco) {
                       return show_coverage(invocation, telco, false);
                     }});
  entries.push_back({"When each kind was last read", [](Invocation& invocation, TelcoSession& telco) {
                       return show_health(invocation, telco);
                     }});
  return entries;
}

// For a person on a terminal; scripts use the commands that the entries stand for.
Result<void> menu(Invocation& invocation) {
  if (::isatty(STDIN_FILENO) == 0 || !invocation.output().is_terminal()) {
    return fail(error_codes::usage,
                "telco is a menu for a terminal; scripts use `trunkline sync …`, `trunkline "
                "warehouse …` and `trunkline provider …`.");
  }
  auto telco = TelcoSession::open(invocation);
  if (!telco) return fail(telco.error());
  const std::vector<MenuEntry> entries = menu_entries();
  while (true) {
    invocation.output().line("");
    for (std::size_t i = 0; i < entries.size(); ++i)
      invocation.output().line(fmt::format("  {:>2}  {}", i + 1, entries[i].title));
    invocation.output().line("   q  Leave");
    invocation.output().raw("> ");
    std::string answer;
    if (!std::getline(std::cin, answer) || trim(answer) == "q") return {};
    const auto number = Decimal::parse(trim(answer));
    const auto choice = number ? number->to_int64() : std::nullopt;
    if (!choice || *choice < 1 || *choice > static_cast<std::int64_t>(entries.size())) {
      invocation.output().note("Type a number of the list, or q.");
      continue;
    }
    const auto done = entries[static_cast<std::size_t>(*choice - 1)].run(invocation, **telco);
    if (!done) invocation.output().problem(done.error().describe());
    invocation.end_with(0);
  }
}

}  // namespace

std::vector<Command> provider_commands() {
  const std::vector<Option> choice{
      {.name = "--provider", .placeholder = "NAME", .meaning = "zadarma, telnyx or retell; else all"},
      {.name = "--account", .placeholder = "NAME", .meaning = "One of its accounts; else all"}};
  return {
      {.path = {"provider", "list"},
       .summary = "Show the accounts of telephone providers that are configured",
       .run = list_providers},
      {.path = {"provider", "check"},
       .summary = "Ask each account whether its key works",
       .options = choice,
       .run = check_providers},
      {.path = {"provider", "ask"},
       .summary = "Run a command of a provider that stores nothing: a price, live calls, a key",
       .examples = {"trunkline provider ask zadarma",
                    "trunkline provider ask zadarma price --with number=61412345678"},
       .options =
           {{.name = "--account", .placeholder = "NAME", .meaning = "One of its accounts"},
            {.name = "--with", .placeholder = "NAME=VALUE", .meaning = "What it needs", .repeated = true}},
       .positionals = {{.name = "PROVIDER", .meaning = "zadarma, telnyx or retell"},
                       {.name = "COMMAND",
                        .meaning = "Without one, its commands are listed",
                        .required = false}},
       .run = ask_provider},
  };
}

std::vector<Command> telco_commands() {
  return {{.path = {"telco"}, .summary = "A menu of everything around the telecom warehouse", .run = menu}};
}

}  // namespace trunkline::cli
