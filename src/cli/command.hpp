// Commands as data: what they are called, what they take, what they do. cli.cpp turns the table into a
// parser; the help, the completion and the tests read the same table.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "base/error.hpp"
#include "base/json/value.hpp"
#include "cli/output.hpp"

namespace trunkline::cli {

// ux.md, section 1.2.
enum class ExitCode : int {
  ok = 0,
  failure = 1,
  usage = 2,
  not_authorised = 3,
  not_found = 4,
  conflict = 5,
  unavailable = 6,
  interrupted = 130,
};

ExitCode exit_code_for(ErrorKind kind);

struct Option {
  std::string name;         // "--account"
  std::string placeholder;  // "ID"; "" for a flag
  std::string meaning;
  bool required = false;
  bool repeated = false;
};

struct Positional {
  std::string name;  // "CALL"
  std::string meaning;
  bool required = true;
};

// What a command was called with.
class Invocation {
 public:
  Invocation(app::Settings settings, Output& output) : settings_(std::move(settings)), output_(output) {}

  std::optional<std::string> option(std::string_view name) const;  // the last one
  std::vector<std::string> options(std::string_view name) const;
  bool flag(std::string_view name) const { return option(name).has_value(); }
  // A positional argument; "" when it is optional and absent.
  std::string argument(std::string_view name) const;
  Result<std::int64_t> number(std::string_view name, std::int64_t fallback) const;

  const app::Settings& settings() const { return settings_; }
  app::Settings& settings() { return settings_; }
  Output& output() const { return output_; }

  // For commands whose exit code says more than success: a sync that was partial.
  void end_with(int exit_code) { exit_code_ = exit_code; }
  int exit_code() const { return exit_code_; }

  std::multimap<std::string, std::string, std::less<>> values;

 private:
  app::Settings settings_;
  Output& output_;
  int exit_code_ = 0;
};

struct Command {
  std::vector<std::string> path;  // {"accounts", "create"}
  std::string summary;
  std::vector<std::string> examples;
  std::vector<Option> options;
  std::vector<Positional> positionals;
  // Runs on a fiber. An error is printed with its cause and decides the exit code.
  std::function<Result<void>(Invocation&)> run;
};

// The groups of commands, one file each.
std::vector<Command> server_commands();
std::vector<Command> account_commands();
std::vector<Command> project_and_user_commands();
std::vector<Command> call_commands();
std::vector<Command> contact_commands();
std::vector<Command> webhook_commands();
std::vector<Command> job_commands();
std::vector<Command> tool_commands();
std::vector<Command> simulate_commands();
std::vector<Command> doctor_commands();
std::vector<Command> sync_commands();
std::vector<Command> provider_commands();
std::vector<Command> warehouse_commands();
std::vector<Command> telco_commands();

std::vector<Command> all_commands();

// Parses, runs, prints; the exit code. What main() does.
int run(int argument_count, char** arguments);

}  // namespace trunkline::cli
