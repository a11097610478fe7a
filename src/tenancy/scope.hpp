// On whose behalf the domain works. Every function of a repository takes one; there is no default.
#pragma once

#include "base/id.hpp"
#include "db/database.hpp"

namespace trunkline::tenancy {

struct TenantScope {
  AccountId account;
  ProjectId project = {};  // nil: all projects of the account

  bool covers(ProjectId other) const { return project.is_nil() || project == other; }
  operator db::Scope() const { return db::Scope::tenant(account); }
  friend bool operator==(const TenantScope&, const TenantScope&) = default;
};

}  // namespace trunkline::tenancy
