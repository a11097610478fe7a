#include "engagement/call_contacts.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement find_settings{
    "engagement_settings.find",
    "SELECT create_contacts FROM engagement_settings WHERE account_id = $1 AND project_id = $2"};
const Statement put_settings{"engagement_settings.put", R"sql(
  INSERT INTO engagement_settings (account_id, project_id, create_contacts) VALUES ($1, $2, $3)
  ON CONFLICT (account_id, project_id) DO UPDATE SET create_contacts = excluded.create_contacts)sql"};

constexpr Duration remembered_for = seconds(1);
constexpr std::size_t remembered_max = 10'000;

std::string place_of(const TenantScope& scope) {
  return std::string(scope.account.uuid().as_text()) + std::string(scope.project.uuid().as_text());
}

}  // namespace

Result<ProjectSettings> CallContacts::settings(const TenantScope& scope) {
  const Instant now = context_.clock.now();
  const std::string place = place_of(scope);
  const auto known = remembered_.find(place);
  if (known != remembered_.end() && now - known->second.read_at < remembered_for)
    return known->second.settings;
  const auto rows = context_.database.query(scope, find_settings, {scope.account, scope.project});
  if (!rows) return fail(rows.error());
  const ProjectSettings settings{.create_contacts = !rows->empty() && rows->front().boolean(0)};
  if (remembered_.size() >= remembered_max) remembered_.clear();
  remembered_[place] = {.settings = settings, .read_at = now};
  return settings;
}

Result<void> CallContacts::set_settings(const TenantScope& scope, const ProjectSettings& settings) {
  const auto written = context_.database.execute(scope, put_settings,
                                                 {scope.account, scope.project, settings.create_contacts});
  if (!written) return fail(written.error());
  remembered_.erase(place_of(scope));
  return {};
}

Result<CallContacts::InTransaction> CallContacts::prepare(const TenantScope& scope) {
  const auto wanted = settings(scope);
  if (!wanted) return fail(wanted.error());
  if (!wanted->create_contacts) return InTransaction();
  auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(std::move(target.error()));
  return [this, scope, target = std::move(*target)](Transaction& transaction, const calls::Call& call) {
    create_contact(transaction, scope, target, call);
  };
}

// The number is the person's id until somebody gives them another. One that was erased is not made again.
void CallContacts::create_contact(Transaction& transaction, const TenantScope& scope,
                                  const webhooks::Target& target, const calls::Call& call) {
  const std::string number(call.request.to.text());
  if (store::owner_of(transaction, scope, number) || store::lock_id(transaction, scope, number)) return;
  const auto put =
      contacts_.put_in(transaction, scope, target, {.customer_id = number, .phone = number}, call.created_at);
  // Who was erased stays so; nothing else can be wrong with a number.
  static_cast<void>(put);
}

}  // namespace trunkline::engagement
