// Accounts, their projects and their subscription state.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "tenancy/scope.hpp"
#include "tenancy/subscription.hpp"

namespace trunkline::tenancy {

struct Account {
  AccountId id;
  std::string name;
  Subscription subscription;
  Instant created_at{};
};

struct Project {
  ProjectId id;
  std::string name;
  Instant created_at{};
};

namespace error_codes {
inline constexpr ErrorCode account_not_found{"account_not_found", ErrorKind::not_found};
inline constexpr ErrorCode project_not_found{"project_not_found", ErrorKind::not_found};
}  // namespace error_codes

class Accounts {
 public:
  Accounts(db::Database& database, IdSource& ids, const Clock& clock)
      : database_(database), ids_(ids), clock_(clock) {}

  struct Created {
    Account account;
    Project project;  // its first one, "default"
  };
  Result<Created> create(std::string_view name, SubscriptionStatus status);
  Result<Account> find(AccountId id);
  Result<std::vector<Account>> list();
  // `since` is when payment first failed; it counts for `past_due` only and defaults to now.
  Result<Account> set_subscription(AccountId id, SubscriptionStatus status, std::optional<Instant> since);

  Result<Project> create_project(AccountId account, std::string_view name);
  Result<Project> find_project(const TenantScope& scope, ProjectId id);
  Result<std::vector<Project>> list_projects(const TenantScope& scope);

 private:
  db::Database& database_;
  IdSource& ids_;
  const Clock& clock_;
};

// The columns `subscription_status, past_due_since, current_period_end`, beginning at `first`.
Subscription read_subscription(const db::Row& row, std::size_t first);

}  // namespace trunkline::tenancy
