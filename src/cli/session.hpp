// What commands work on: the database, and the domain on it. Beside a running server as well as without one.
#pragma once

#include "app/worker.hpp"
#include "cli/command.hpp"

namespace trunkline::cli {

class Session {
 public:
  // Suspends.
  static Result<std::unique_ptr<Session>> open(Invocation& invocation);

  app::Domain& domain() { return worker->domain(); }

  std::unique_ptr<app::Installation> installation;
  std::unique_ptr<app::Worker> worker;  // not started: it is here for its domain
};

// Reads options that name things; the errors say what the option must look like.
Result<AccountId> account_option(const Invocation& invocation);
Result<ProjectId> project_option(const Invocation& invocation);  // nil when absent
Result<tenancy::TenantScope> scope_options(const Invocation& invocation);
Result<std::optional<Instant>> time_option(const Invocation& invocation, std::string_view name);

// The options that most commands share.
Option account_required();
Option project_optional();

namespace error_codes {
inline constexpr ErrorCode usage{"usage", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline::cli
