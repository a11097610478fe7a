// accounts, projects, users, keys.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/session.hpp"

namespace trunkline::cli {
namespace {

using tenancy::SubscriptionStatus;

json::Value account_json(const tenancy::Account& account) {
  return json::object({{"id", account.id.text()},
                       {"partner_id", account.id.text()},
                       {"name", account.name},
                       {"subscription", tenancy::to_text(account.subscription.status)},
                       {"past_due_since", format_rfc3339(account.subscription.past_due_since)},
                       {"grace_period_ends_at", format_rfc3339(account.subscription.grace_ends_at())},
                       {"created_at", format_rfc3339(account.created_at)}});
}

Result<SubscriptionStatus> status_option(const Invocation& invocation, std::string_view name,
                                         std::string_view fallback) {
  const std::string text = invocation.option(name).value_or(std::string(fallback));
  const auto status = tenancy::parse_subscription_status(text);
  if (!status)
    return fail(error_codes::usage, fmt::format("{}: is one of active, past_due, canceled, none.", name));
  return *status;
}

Result<void> create_account(Invocation& invocation) {
  const auto status = status_option(invocation, "--subscription", "none");
  if (!status) return fail(status.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  const auto created = domain.accounts.create(invocation.option("--name").value_or(""), *status);
  if (!created) return fail(created.error());
  // Its webhook secret exists from the beginning.
  if (const auto endpoint = domain.endpoints.find({.account = created->account.id}); !endpoint) {
    return fail(endpoint.error());
  }
  json::Value value = account_json(created->account);
  value.as_object()->set("project_id", created->project.id.text());
  invocation.output().result(
      value, fmt::format("Account {} with project {}.\nNext: trunkline keys create --account {}",
                         created->account.id.text(), created->project.id.text(), created->account.id.text()));
  return {};
}

Result<void> list_accounts(Invocation& invocation) {
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto accounts = (*session)->domain().accounts.list();
  if (!accounts) return fail(accounts.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ID", "NAME", "SUBSCRIPTION", "CREATED"}};
  for (const tenancy::Account& account : *accounts) {
    values.push_back(account_json(account));
    rows.push_back({account.id.text(), account.name,
                    std::string(tenancy::to_text(account.subscription.status)),
                    shown_time(to_microseconds(account.created_at))});
  }
  invocation.output().result(
      values, accounts->empty() ? "No accounts yet: trunkline accounts create --name NAME" : table(rows));
  return {};
}

Result<void> set_subscription(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto status = status_option(invocation, "--status", "");
  if (!status) return fail(status.error());
  const auto since = time_option(invocation, "--since");
  if (!since) return fail(since.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto changed = (*session)->domain().accounts.set_subscription(*account, *status, *since);
  if (!changed) return fail(changed.error());
  const auto grace = changed->subscription.grace_ends_at();
  invocation.output().result(account_json(*changed),
                             fmt::format("{} is {} now{}.", account->text(), tenancy::to_text(*status),
                                         grace ? ", with grace until " + format_rfc3339(*grace) : ""));
  return {};
}

Result<void> create_project(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto project =
      (*session)->domain().accounts.create_project(*account, invocation.option("--name").value_or(""));
  if (!project) return fail(project.error());
  invocation.output().result(json::object({{"id", project->id.text()}, {"name", project->name}}),
                             project->id.text());
  return {};
}

Result<void> list_projects(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto projects = (*session)->domain().accounts.list_projects({.account = *account});
  if (!projects) return fail(projects.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ID", "NAME"}};
  for (const tenancy::Project& project : *projects) {
    values.push_back(json::object({{"id", project.id.text()}, {"name", project.name}}));
    rows.push_back({project.id.text(), project.name});
  }
  invocation.output().result(values, table(rows));
  return {};
}

// A password comes from standard input, so that it stands in no list of processes; without one, a good one is
// made.
Result<std::pair<Secret, bool>> password_of(const Invocation& invocation, Random& random) {
  if (invocation.flag("--password-stdin")) {
    std::string line;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) line += static_cast<char>(c);
    return std::pair(Secret(line), false);
  }
  std::array<std::uint8_t, 15> bytes{};
  random.fill(bytes);
  return std::pair(Secret(base64url_encode(bytes)), true);
}

Result<void> create_user(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  auto password = password_of(invocation, (*session)->installation->random);
  if (!password) return fail(password.error());
  const auto& [secret, made] = *password;
  const auto user = (*session)->domain().users.create(*account, invocation.option("--email").value_or(""),
                                                      invocation.option("--name").value_or(""), secret);
  if (!user) return fail(user.error());
  json::Value value =
      json::object({{"id", user->id.text()}, {"email", user->email}, {"account_id", account->text()}});
  if (made) value.as_object()->set("password", secret.reveal());
  invocation.output().result(
      value, made ? fmt::format("User {}, password {} (shown only now).", user->email, secret.reveal())
                  : user->id.text());
  return {};
}

Result<void> create_user_token(Invocation& invocation) {
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  const auto user = domain.users.find_by_email(invocation.option("--email").value_or(""));
  if (!user) return fail(user.error());
  const Instant expires_at = (*session)->installation->clock.now() + tenancy::user_token_lifetime;
  const auto token = domain.credentials.create_user_token(user->account, user->id, expires_at);
  if (!token) return fail(token.error());
  invocation.output().result(
      json::object({{"token", token->text.reveal()}, {"expires_at", format_rfc3339(expires_at)}}),
      token->text.reveal());
  return {};
}

json::Value key_json(const tenancy::Credential& key) {
  return json::object({{"id", key.id.text()},
                       {"public_id", key.public_id},
                       {"name", key.name},
                       {"doors", key.doors},
                       {"project_id", key.project.is_nil() ? json::Value() : json::Value(key.project.text())},
                       {"created_at", format_rfc3339(key.created_at)},
                       {"expires_at", format_rfc3339(key.expires_at)},
                       {"last_used_at", format_rfc3339(key.last_used_at)},
                       {"revoked_at", format_rfc3339(key.revoked_at)}});
}

Result<void> create_key(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto expires_at = time_option(invocation, "--expires-at");
  if (!expires_at) return fail(expires_at.error());
  const std::string doors = invocation.option("--doors").value_or("");
  for (const std::string_view door : split(doors, ',')) {
    if (!doors.empty() && door != "voice" && door != "engagement")
      return fail(error_codes::usage, "--doors: must be voice, engagement, or both with a comma between.");
  }
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  app::Domain& domain = (*session)->domain();
  if (const auto account = domain.accounts.find(scope->account); !account) return fail(account.error());
  if (!scope->project.is_nil()) {
    const auto project = domain.accounts.find_project({.account = scope->account}, scope->project);
    if (!project) return fail(project.error());
  }
  const auto key =
      domain.credentials.create_api_key(*scope, invocation.option("--name").value_or(""), *expires_at, doors);
  if (!key) return fail(key.error());
  json::Value value = key_json(key->credential);
  value.as_object()->set("api_key", key->text.reveal());
  invocation.output().result(
      value, fmt::format("{}\n(shown only now; id {})", key->text.reveal(), key->credential.id.text()));
  return {};
}

Result<void> list_keys(Invocation& invocation) {
  const auto scope = scope_options(invocation);
  if (!scope) return fail(scope.error());
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto keys = (*session)->domain().credentials.list_api_keys(*scope);
  if (!keys) return fail(keys.error());
  json::Array values;
  std::vector<std::vector<std::string>> rows{{"ID", "BEGINS", "NAME", "CREATED", "LAST USED", "STATE"}};
  for (const tenancy::Credential& key : *keys) {
    values.push_back(key_json(key));
    rows.push_back({key.id.text(), key.public_id, key.name, shown_time(to_microseconds(key.created_at)),
                    key.last_used_at ? shown_time(to_microseconds(*key.last_used_at)) : "-",
                    key.revoked_at ? "revoked" : "active"});
  }
  invocation.output().result(values, table(rows));
  return {};
}

Result<void> revoke_key(Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto id = tenancy::KeyId::parse(invocation.argument("KEY"));
  if (!id) return fail(error_codes::usage, "KEY: is a key's id, key_…; `trunkline keys list` shows them.");
  const auto session = Session::open(invocation);
  if (!session) return fail(session.error());
  const auto key = (*session)->domain().credentials.revoke_api_key({.account = *account}, *id);
  if (!key) return fail(key.error());
  invocation.output().result(key_json(*key), fmt::format("{} is revoked.", id->text()));
  return {};
}

Option name_optional() {
  return {.name = "--name", .placeholder = "NAME", .meaning = "A name for people"};
}

}  // namespace

std::vector<Command> project_and_user_commands() {
  const Option email{
      .name = "--email", .placeholder = "ADDRESS", .meaning = "The user's e-mail address", .required = true};
  return {
      {.path = {"projects", "create"},
       .summary = "Makes a project",
       .examples = {"trunkline projects create --account prt_… --name Support"},
       .options =
           {account_required(),
            {.name = "--name", .placeholder = "NAME", .meaning = "A name for people", .required = true}},
       .run = create_project},
      {.path = {"projects", "list"},
       .summary = "Shows an account's projects",
       .examples = {"trunkline projects list --account prt_…"},
       .options = {account_required()},
       .run = list_projects},
      {.path = {"users", "create"},
       .summary = "Makes a user who can log in; prints a password unless one is given",
       .examples = {"trunkline users create --account prt_… --email ann@example.com",
                    "echo \"$PASSWORD\" | trunkline users create --account prt_… --email ann@example.com "
                    "--password-stdin"},
       .options = {account_required(),
                   email,
                   name_optional(),
                   {.name = "--password-stdin",
                    .placeholder = "",
                    .meaning = "Take the password from standard input"}},
       .run = create_user},
      {.path = {"users", "token"},
       .summary = "Makes a log-in token for a user, valid for 24 hours",
       .examples = {"trunkline users token --email ann@example.com --json"},
       .options = {email},
       .run = create_user_token},
  };
}

std::vector<Command> account_commands() {
  return {
      {.path = {"accounts", "create"},
       .summary = "Makes an account with its first project",
       .examples = {"trunkline accounts create --name Acme --subscription active --json"},
       .options =
           {{.name = "--name", .placeholder = "NAME", .meaning = "A name for people", .required = true},
            {.name = "--subscription",
             .placeholder = "STATUS",
             .meaning = "active, past_due, canceled or none (default)"}},
       .run = create_account},
      {.path = {"accounts", "list"},
       .summary = "Shows all accounts",
       .examples = {"trunkline accounts list --json"},
       .run = list_accounts},
      {.path = {"accounts", "subscription"},
       .summary = "Sets an account's subscription",
       .examples = {"trunkline accounts subscription --account prt_… --status past_due --since 2026-03-01"},
       .options = {account_required(),
                   {.name = "--status",
                    .placeholder = "STATUS",
                    .meaning = "active, past_due, canceled or none",
                    .required = true},
                   {.name = "--since",
                    .placeholder = "TIME",
                    .meaning = "past_due: when payment first failed; default now"}},
       .run = set_subscription},
      {.path = {"keys", "create"},
       .summary = "Makes an API key; it is shown once",
       .examples = {"trunkline keys create --account prt_… --json",
                    "trunkline keys create --account prt_… --project prj_… --name ci"},
       .options = {account_required(),
                   project_optional(),
                   name_optional(),
                   {.name = "--doors",
                    .placeholder = "NAMES",
                    .meaning = "Only these APIs: voice, engagement; default all"},
                   {.name = "--expires-at",
                    .placeholder = "TIME",
                    .meaning = "From then on it is refused; default never"}},
       .run = create_key},
      {.path = {"keys", "list"},
       .summary = "Shows API keys without their secrets",
       .examples = {"trunkline keys list --account prt_…"},
       .options = {account_required(), project_optional()},
       .run = list_keys},
      {.path = {"keys", "revoke"},
       .summary = "Ends an API key; takes effect within seconds",
       .examples = {"trunkline keys revoke --account prt_… key_…"},
       .options = {account_required()},
       .positionals = {{.name = "KEY", .meaning = "The key's id, key_…"}},
       .run = revoke_key},
  };
}

}  // namespace trunkline::cli
