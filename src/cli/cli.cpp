#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "app/version.hpp"
#include "base/crypto/initialise.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/command.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/signals.hpp"

namespace trunkline::cli {
namespace {

constexpr std::string_view general_help =
    "Places, answers and bills AI phone calls.\n\n"
    "Examples:\n"
    "  trunkline serve --demo                          a server with a first simulated call\n"
    "  trunkline simulate --task \"Ask for the opening hours\"\n"
    "  trunkline doctor                                what is wrong here, and how to mend it\n"
    "  trunkline calls list --account prt_… --json";

std::string footer_of(const Command& command) {
  if (command.examples.empty()) return "";
  std::string text = "\nExamples:";
  for (const std::string& example : command.examples) text += "\n  " + example;
  return text;
}

// A command of the table as the parser knows it, with the places its values go to.
struct Parsed {
  const Command* command = nullptr;
  CLI::App* parser = nullptr;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

void add_options(const Command& command, CLI::App& parser, Parsed& parsed) {
  for (const Option& option : command.options) {
    if (option.placeholder.empty()) {
      parser.add_flag(option.name, parsed.flags[option.name], option.meaning);
      continue;
    }
    auto* added = parser.add_option(option.name, parsed.values[option.name], option.meaning);
    added->type_name(option.placeholder)
        ->allow_extra_args(false)
        ->multi_option_policy(option.repeated ? CLI::MultiOptionPolicy::TakeAll
                                              : CLI::MultiOptionPolicy::TakeLast);
    if (option.required) added->required();
  }
  for (const Positional& positional : command.positionals) {
    auto* added = parser.add_option(positional.name, parsed.values[positional.name], positional.meaning);
    added->type_name("")->expected(0, 1);
    if (positional.required) added->required()->expected(1);
  }
}

CLI::App& parser_at(CLI::App& root, const std::vector<std::string>& path, const std::string& summary) {
  CLI::App* parser = &root;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const auto present =
        parser->get_subcommands([&](const CLI::App* each) { return each->get_name() == path[i]; });
    CLI::App* next = present.empty() ? nullptr : present.front();
    if (next == nullptr)
      next = parser->add_subcommand(path[i], i + 1 == path.size() ? summary : path[i] + " …");
    parser = next;
    if (i + 1 < path.size()) parser->require_subcommand(1);
  }
  return *parser;
}

// "did you mean" for a word that is no command.
std::string suggestion(const std::vector<Command>& commands, int argument_count, char** arguments) {
  std::vector<std::string> names;
  for (const Command& command : commands) {
    names.push_back(command.path.front());
    names.push_back(join(std::vector<std::string_view>(command.path.begin(), command.path.end()), " "));
  }
  std::string typed;
  for (int i = 1; i < argument_count && std::string_view(arguments[i]).substr(0, 1) != "-"; ++i) {
    typed += (typed.empty() ? "" : " ") + std::string(arguments[i]);
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const auto meant = closest(typed, candidates);
  return meant && *meant != typed ? fmt::format("Did you mean `trunkline {}`?", *meant) : "";
}

void print_error(Output& output, const Error& error) {
  if (output.json()) {
    const json::Value code = std::string(error.code().name);
    return output.problem(json::write(
        json::object({{"error", json::object({{"code", code}, {"message", error.describe()}})}})));
  }
  output.problem("trunkline: " + error.message());
  for (const Error* cause = error.cause(); cause != nullptr; cause = cause->cause()) {
    output.note("  because: " + cause->message());
  }
}

int execute(Parsed& parsed, app::Settings settings, Output& output) {
  const Command& command = *parsed.command;
  Invocation invocation(std::move(settings), output);
  for (const auto& [name, values] : parsed.values) {
    for (const std::string& value : values) invocation.values.emplace(name, value);
  }
  for (const auto& [name, given] : parsed.flags) {
    if (given) invocation.values.emplace(name, "");
  }
  Result<void> outcome;
  try {
    runtime::run_to_completion([&] { outcome = command.run(invocation); });
  } catch (const std::exception& defect) {
    outcome = fail(trunkline::error_codes::internal, std::string("a defect: ") + defect.what());
  }
  log::shut_down();
  if (outcome) return invocation.exit_code();
  print_error(output, outcome.error());
  return static_cast<int>(exit_code_for(outcome.error().kind()));
}

}  // namespace

ExitCode exit_code_for(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
    case ErrorKind::too_large:
      return ExitCode::usage;
    case ErrorKind::unauthenticated:
    case ErrorKind::forbidden:
      return ExitCode::not_authorised;
    case ErrorKind::not_found:
      return ExitCode::not_found;
    case ErrorKind::conflict:
      return ExitCode::conflict;
    case ErrorKind::rate_limited:
    case ErrorKind::unavailable:
    case ErrorKind::timed_out:
      return ExitCode::unavailable;
    case ErrorKind::internal:
      return ExitCode::failure;
  }
  return ExitCode::failure;
}

std::optional<std::string> Invocation::option(std::string_view name) const {
  const auto [first, last] = values.equal_range(name);
  if (first == last) return std::nullopt;
  return std::prev(last)->second;
}

std::vector<std::string> Invocation::options(std::string_view name) const {
  std::vector<std::string> all;
  const auto [first, last] = values.equal_range(name);
  for (auto value = first; value != last; ++value) all.push_back(value->second);
  return all;
}

std::string Invocation::argument(std::string_view name) const {
  return option(name).value_or("");
}

Result<std::int64_t> Invocation::number(std::string_view name, std::int64_t fallback) const {
  const auto text = option(name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 0) {
    return fail(trunkline::error_codes::invalid_argument, fmt::format("{}: '{}' is no number.", name, *text));
  }
  return number;
}

std::vector<Command> all_commands() {
  std::vector<Command> all;
  for (auto group :
       {server_commands(), account_commands(), project_and_user_commands(), call_commands(),
        contact_commands(), tool_commands(), webhook_commands(), job_commands(), simulate_commands(),
        doctor_commands(), sync_commands(), provider_commands(), warehouse_commands(), telco_commands()}) {
    all.insert(all.end(), std::make_move_iterator(group.begin()), std::make_move_iterator(group.end()));
  }
  return all;
}

int run(int argument_count, char** arguments) {
  crypto::initialise();
  runtime::ignore_broken_pipes();
  Output output;
  const std::vector<Command> commands = all_commands();
  CLI::App root(std::string(general_help), "trunkline");
  root.require_subcommand(1);
  root.set_version_flag("--version", std::string(app::version));
  std::string config_file;
  bool json = false;
  std::vector<std::string> overrides;
  root.add_option("--config", config_file, "Settings file, TOML")->type_name("FILE");
  root.add_option("--set", overrides, "A setting for this run: --set listen=127.0.0.1:9000")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  root.add_flag("--json", json, "Results as JSON");
  root.fallthrough();
  std::vector<Parsed> parsed(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    parsed[i].command = &commands[i];
    CLI::App& parser = parser_at(root, commands[i].path, commands[i].summary);
    parser.footer(footer_of(commands[i]));
    parsed[i].parser = &parser;
    add_options(commands[i], parser, parsed[i]);
  }
  try {
    root.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return root.exit(error);
    output.problem(fmt::format("trunkline: {}", error.what()));
    if (const std::string hint = suggestion(commands, argument_count, arguments); !hint.empty())
      output.note(hint);
    output.note("`trunkline --help` shows the commands, `trunkline COMMAND --help` one of them.");
    return static_cast<int>(ExitCode::usage);
  }
  output.use_json(json);
  Result<app::Settings> settings =
      app::Settings::load(config_file.empty() ? std::nullopt : std::optional(config_file));
  for (const std::string& entry : overrides) {
    if (!settings) break;
    const std::size_t equals = entry.find('=');
    const auto set =
        settings->set(entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
    if (!set) settings = fail(set.error());
  }
  if (!settings) {
    print_error(output, settings.error());
    return static_cast<int>(ExitCode::usage);
  }
  for (Parsed& each : parsed) {
    if (each.parser->parsed() && each.parser->get_subcommands().empty())
      return execute(each, std::move(*settings), output);
  }
  return static_cast<int>(ExitCode::usage);
}

}  // namespace trunkline::cli
