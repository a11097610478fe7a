#include "tenancy/accounts.hpp"

namespace trunkline::tenancy {
namespace {

using db::Scope;
using db::Statement;

const Statement insert_account{"accounts.insert", R"sql(
  INSERT INTO accounts (account_id, name, subscription_status, past_due_since, current_period_end, created_at)
  VALUES ($1, $2, $3, $4, NULL, $5))sql"};
const Statement find_account{"accounts.find", R"sql(
  SELECT account_id, name, subscription_status, past_due_since, current_period_end, created_at
  FROM accounts WHERE account_id = $1)sql"};
const Statement list_accounts{"accounts.list", R"sql(
  SELECT account_id, name, subscription_status, past_due_since, current_period_end, created_at
  FROM accounts ORDER BY account_id)sql",
                              db::Reach::scan};
const Statement update_subscription{"accounts.set_subscription", R"sql(
  UPDATE accounts SET subscription_status = $2, past_due_since = $3 WHERE account_id = $1)sql"};
const Statement insert_project{
    "projects.insert", "INSERT INTO projects (account_id, id, name, created_at) VALUES ($1, $2, $3, $4)"};
const Statement find_project_row{
    "projects.find", "SELECT id, name, created_at FROM projects WHERE account_id = $1 AND id = $2"};
const Statement list_project_rows{
    "projects.list", "SELECT id, name, created_at FROM projects WHERE account_id = $1 ORDER BY id"};

Account read_account(const db::Row& row) {
  return {.id = row.id<AccountId>(0),
          .name = std::string(row.text(1)),
          .subscription = read_subscription(row, 2),
          .created_at = row.instant(5)};
}

Project read_project(const db::Row& row) {
  return {.id = row.id<ProjectId>(0), .name = std::string(row.text(1)), .created_at = row.instant(2)};
}

}  // namespace

Subscription read_subscription(const db::Row& row, std::size_t first) {
  return {.status = parse_subscription_status(row.text(first)).value_or(SubscriptionStatus::none),
          .past_due_since = row.optional_instant(first + 1),
          .current_period_end = row.optional_instant(first + 2)};
}

Result<Accounts::Created> Accounts::create(std::string_view name, SubscriptionStatus status) {
  const Instant now = clock_.now();
  const auto past_due_since = status == SubscriptionStatus::past_due ? std::optional(now) : std::nullopt;
  Created created{.account = {.id = AccountId(ids_.next()),
                              .name = std::string(name),
                              .subscription = {.status = status, .past_due_since = past_due_since},
                              .created_at = now},
                  .project = {.id = ProjectId(ids_.next()), .name = "default", .created_at = now}};
  const auto written =
      database_.transact(Scope::tenant(created.account.id), [&](db::Transaction& transaction) {
        transaction.execute(insert_account, {created.account.id, name, to_text(status), past_due_since, now});
        transaction.execute(insert_project,
                            {created.account.id, created.project.id, created.project.name, now});
      });
  if (!written) return fail(written.error());
  return created;
}

Result<Account> Accounts::find(AccountId id) {
  const auto rows = database_.query(Scope::tenant(id), find_account, {id});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return fail(error_codes::account_not_found, "There is no such account.");
  return read_account(rows->front());
}

Result<std::vector<Account>> Accounts::list() {
  const auto rows = database_.query(Scope::operations(), list_accounts, {});
  if (!rows) return fail(rows.error());
  std::vector<Account> accounts;
  for (const db::Row row : *rows) accounts.push_back(read_account(row));
  return accounts;
}

Result<Account> Accounts::set_subscription(AccountId id, SubscriptionStatus status,
                                           std::optional<Instant> since) {
  if (status != SubscriptionStatus::past_due) since.reset();
  if (status == SubscriptionStatus::past_due && !since) since = clock_.now();
  const auto changed =
      database_.execute(Scope::tenant(id), update_subscription, {id, to_text(status), since});
  if (!changed) return fail(changed.error());
  return find(id);
}

Result<Project> Accounts::create_project(AccountId account, std::string_view name) {
  if (const auto owner = find(account); !owner) return fail(owner.error());
  Project project{.id = ProjectId(ids_.next()), .name = std::string(name), .created_at = clock_.now()};
  const auto written = database_.execute(Scope::tenant(account), insert_project,
                                         {account, project.id, project.name, project.created_at});
  if (!written) return fail(written.error());
  return project;
}

Result<Project> Accounts::find_project(const TenantScope& scope, ProjectId id) {
  const auto rows = database_.query(scope, find_project_row, {scope.account, id});
  if (!rows) return fail(rows.error());
  if (rows->empty() || !scope.covers(id))
    return fail(error_codes::project_not_found, "There is no such project.");
  return read_project(rows->front());
}

Result<std::vector<Project>> Accounts::list_projects(const TenantScope& scope) {
  const auto rows = database_.query(scope, list_project_rows, {scope.account});
  if (!rows) return fail(rows.error());
  std::vector<Project> projects;
  for (const db::Row row : *rows) {
    if (scope.covers(row.id<ProjectId>(0))) projects.push_back(read_project(row));
  }
  return projects;
}

}  // namespace trunkline::tenancy
