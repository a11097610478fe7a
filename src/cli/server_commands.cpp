// serve, migrate, openapi, config, version.
#include <fmt/core.h>

#include "app/demo.hpp"
#include "app/demo_providers.hpp"
#include "app/version.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"
#include "base/scratch_directory.hpp"
#include "cli/configuration_page.hpp"
#include "cli/session.hpp"
#include "net/openapi.hpp"

namespace trunkline::cli {
namespace {

void print_access(Output& output, const app::Server& server, const app::Demo::Access& access) {
  output.line("");
  output.line(table({{"Address", server.url()},
                     {"API key", access.api_key},
                     {"Log-in", access.email + "  " + access.password},
                     {"Account", access.account.text()}}));
  output.line("");
  output.line("Try it:");
  output.line(fmt::format(
      "  curl -s {}/api/b2b/v1/calls -H 'Authorization: Bearer {}' \\\n"
      "    -d '{{\"to\": \"+12025550108\", \"task\": \"Return a part\", \"agent_name\": \"Ava\"}}'",
      server.url(), access.api_key));
  output.line("\nThe telecom warehouse fills from three simulated providers. In a minute or two:");
  output.line("  trunkline warehouse report costs");
  output.line("  TRUNKLINE_TELCO_ACCOUNTS_FILE=var/demo-telco.toml trunkline sync coverage");
  output.line("\nServing until Ctrl-C.");
}

// The server logs; other commands speak to whoever called them.
Result<void> start_log(const Invocation& invocation) {
  const app::Settings& settings = invocation.settings();
  const auto level = log::parse_level(settings.text("log_level"));
  if (!level) return fail(error_codes::usage, "log_level: must be debug, info, warning, error or off.");
  const std::string& format = settings.text("log_format");
  if (!format.empty() && format != "pretty" && format != "json") {
    return fail(error_codes::usage, "log_format: must be json or pretty.");
  }
  const bool pretty = format == "pretty" || (format.empty() && invocation.output().is_terminal());
  log::initialise({.level = *level, .format = pretty ? log::Format::pretty : log::Format::json});
  return {};
}

Result<void> serve(Invocation& invocation) {
  const bool demo = invocation.flag("--demo");
  if (demo && invocation.settings().origin("allow_private_urls") == app::SettingOrigin::fallback) {
    // The demo's webhook receiver is on this machine.
    if (const auto set = invocation.settings().set("allow_private_urls", "1"); !set) return set;
  }
  if (demo && invocation.settings().origin("log_level") == app::SettingOrigin::fallback) {
    if (const auto set = invocation.settings().set("log_level", "warning"); !set) return set;
  }
  for (const std::string& unknown : invocation.settings().unknown_environment())
    invocation.output().note("warning: " + unknown);
  if (const auto logging = start_log(invocation); !logging) return logging;
  std::unique_ptr<app::DemoProviders> providers;
  if (demo) {
    auto started = app::DemoProviders::start(invocation.settings(), SystemClock().now());
    if (!started) return fail(started.error());
    providers = std::move(*started);
  }
  auto installation = app::Installation::open(invocation.settings(), true);
  if (!installation) return fail(std::move(installation.error()));
  // Fibers may still wait in here when the process ends; what they hold goes with it.
  app::Installation& held = *installation->release();
  auto started = app::Server::start(held);
  if (!started) return fail(std::move(started.error()));
  app::Server& server = *started->release();
  if (demo) {
    Output& output = invocation.output();
    auto shown = app::Demo::run(held, server, [&output](std::string_view line) { output.line(line); });
    if (!shown) return fail(std::move(shown.error()));
    print_access(output, server, shown->release()->access());
  } else {
    invocation.output().note(fmt::format("Trunkline {} serves on {}", app::version, server.url()));
  }
  server.run_until_told();
  return {};
}

Result<void> migrate_up(Invocation& invocation) {
  const auto installation = app::Installation::open_database(invocation.settings());
  if (!installation) return fail(installation.error());
  const auto ran = (*installation)->migrator().up();
  if (!ran) return fail(ran.error());
  json::Array names;
  std::string text = ran->empty() ? "Nothing to do: the database is up to date." : "";
  for (const db::Migration& migration : *ran) {
    names.push_back(json::object({{"number", migration.number}, {"name", migration.name}}));
    text += fmt::format("{}ran {:04} {}", text.empty() ? "" : "\n", migration.number, migration.name);
  }
  invocation.output().result(json::object({{"ran", std::move(names)}}), text);
  return {};
}

Result<void> migrate_status(Invocation& invocation) {
  const auto installation = app::Installation::open_database(invocation.settings());
  if (!installation) return fail(installation.error());
  const auto status = (*installation)->migrator().status();
  if (!status) return fail(status.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"NUMBER", "NAME", "APPLIED"}};
  for (const db::MigrationStatus& each : *status) {
    values.push_back(json::object({{"number", each.migration.number},
                                   {"name", each.migration.name},
                                   {"applied_at", format_rfc3339(each.applied_at)}}));
    rows.push_back({fmt::format("{:04}", each.migration.number), std::string(each.migration.name),
                    each.applied_at ? shown_time(to_microseconds(*each.applied_at)) : "pending"});
  }
  invocation.output().result(values, table(rows));
  return {};
}

Result<void> migrate_plan(Invocation& invocation) {
  const auto installation = app::Installation::open_database(invocation.settings());
  if (!installation) return fail(installation.error());
  const auto plan = (*installation)->migrator().plan();
  if (!plan) return fail(plan.error());
  invocation.output().result(json::object({{"sql", *plan}}),
                             plan->empty() ? "Nothing to do: the database is up to date." : *plan);
  return {};
}

// The document comes from the route table that the server runs by; an empty database stands in for the real
// one.
Result<void> print_openapi(Invocation& invocation) {
  const ScratchDirectory scratch;
  if (const auto set = invocation.settings().set("database_url", "sqlite:" + scratch.path() + "/empty.db");
      !set)
    return set;
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto doors =
      app::Doors::make(*(*session)->installation, (*session)->worker->network(), (*session)->domain(),
                       [] { return std::vector<doors::operations::Check>(); });
  if (!doors) return fail(doors.error());
  invocation.output().line(json::write_pretty(
      net::open_api((*doors)->router, app::version, invocation.settings().text("public_url"))));
  return {};
}

// "postgresql://ann:secret@db/calls" as "postgresql://ann:***@db/calls".
std::string without_password(std::string url) {
  const std::size_t user = url.find("://");
  const std::size_t at = url.rfind('@');
  if (user == std::string::npos || at == std::string::npos) return url;
  const std::size_t colon = url.find(':', user + 3);
  if (colon < at) url.replace(colon + 1, at - colon - 1, "***");
  return url;
}

Result<void> show_config(Invocation& invocation) {
  if (invocation.flag("--markdown")) {
    invocation.output().raw(configuration_page());
    return {};
  }
  json::Object values;
  std::vector<std::vector<std::string>> rows{{"SETTING", "VALUE", "FROM", "ENVIRONMENT", "MEANING"}};
  for (const app::SettingDescription& setting : app::all_settings()) {
    const std::string& text = invocation.settings().text(setting.key);
    const bool is_url = setting.key == "database_url";
    const bool hidden = setting.secret && !text.empty() && !is_url;
    const std::string shown = hidden ? "(set)" : is_url ? without_password(text) : text;
    const auto origin = app::to_text(invocation.settings().origin(setting.key));
    values.set(std::string(setting.key),
               json::object({{"value", shown}, {"from", origin}, {"environment", setting.environment}}));
    rows.push_back({std::string(setting.key), shown.empty() ? "-" : shown, std::string(origin),
                    std::string(setting.environment), std::string(setting.meaning)});
  }
  invocation.output().result(values, table(rows));
  for (const std::string& unknown : invocation.settings().unknown_environment())
    invocation.output().note("warning: " + unknown);
  return {};
}

Result<void> show_version(Invocation& invocation) {
  invocation.output().result(json::object({{"version", app::version}}),
                             "trunkline " + std::string(app::version));
  return {};
}

}  // namespace

std::vector<Command> server_commands() {
  return {
      {.path = {"serve"},
       .summary = "Runs the server",
       .examples = {"trunkline serve", "trunkline serve --demo",
                    "TRUNKLINE_DATABASE_URL=postgresql://trunkline@db/trunkline trunkline serve"},
       .options = {{.name = "--demo",
                    .placeholder = "",
                    .meaning = "Set up an account and place a first simulated call"}},
       .run = serve},
      {.path = {"migrate", "up"},
       .summary = "Runs pending migrations",
       .examples = {"trunkline migrate up"},
       .run = migrate_up},
      {.path = {"migrate", "status"},
       .summary = "Shows which migrations have run",
       .examples = {"trunkline migrate status --json"},
       .run = migrate_status},
      {.path = {"migrate", "plan"},
       .summary = "Prints the SQL that `up` would run",
       .examples = {"trunkline migrate plan > pending.sql"},
       .run = migrate_plan},
      {.path = {"openapi"},
       .summary = "Prints the API's description, OpenAPI 3.1",
       .examples = {"trunkline openapi > openapi.json"},
       .run = print_openapi},
      {.path = {"config"},
       .summary = "Shows every setting, its value and where that comes from",
       .examples = {"trunkline config", "trunkline config --markdown > docs/configuration.md"},
       .options = {{.name = "--markdown",
                    .placeholder = "",
                    .meaning = "Print the reference of all settings instead: docs/configuration.md"}},
       .run = show_config},
      {.path = {"version"},
       .summary = "Prints the version",
       .examples = {"trunkline version --json"},
       .run = show_version},
  };
}

}  // namespace trunkline::cli
