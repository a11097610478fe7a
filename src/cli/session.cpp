#include "cli/session.hpp"

#include <fmt/core.h>

namespace trunkline::cli {

Result<std::unique_ptr<Session>> Session::open(Invocation& invocation) {
  auto installation = app::Installation::open(invocation.settings(), false);
  if (!installation) return fail(std::move(installation.error()));
  auto session = std::make_unique<Session>();
  session->installation = std::move(*installation);
  auto worker = app::Worker::make(*session->installation, "command");
  if (!worker) return fail(std::move(worker.error()));
  session->worker = std::move(*worker);
  return session;
}

Result<AccountId> account_option(const Invocation& invocation) {
  const std::string text = invocation.option("--account").value_or("");
  const auto id = AccountId::parse(text);
  if (!id) {
    return fail(error_codes::usage,
                fmt::format("--account: '{}' is no account id; `trunkline accounts list` shows them.", text));
  }
  return *id;
}

Result<ProjectId> project_option(const Invocation& invocation) {
  const auto text = invocation.option("--project");
  if (!text) return ProjectId();
  const auto id = ProjectId::parse(*text);
  if (!id || id->is_nil()) {
    return fail(
        error_codes::usage,
        fmt::format("--project: '{}' is no project id; `trunkline projects list` shows them.", *text));
  }
  return *id;
}

Result<tenancy::TenantScope> scope_options(const Invocation& invocation) {
  const auto account = account_option(invocation);
  if (!account) return fail(account.error());
  const auto project = project_option(invocation);
  if (!project) return fail(project.error());
  return tenancy::TenantScope{.account = *account, .project = *project};
}

Result<std::optional<Instant>> time_option(const Invocation& invocation, std::string_view name) {
  const auto text = invocation.option(name);
  if (!text) return std::nullopt;
  const auto instant = parse_instant(*text);
  if (!instant) {
    return fail(error_codes::usage,
                fmt::format("{}: '{}' is no time; write 2026-03-02 or 2026-03-02T09:15:04Z.", name, *text));
  }
  return *instant;
}

Option account_required() {
  return {.name = "--account", .placeholder = "ID", .meaning = "The account, prt_…", .required = true};
}

Option project_optional() {
  return {.name = "--project",
          .placeholder = "ID",
          .meaning = "One of its projects, prj_…; else the whole account"};
}

}  // namespace trunkline::cli
