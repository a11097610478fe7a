// Trunkline's own calls as one more provider of the warehouse, `trunkline`: what they were sold for, beside
// what the carriers asked for them (view call_margin).
#pragma once

#include "app/domain.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::app {

class OwnCalls final : public warehouse::Provider {
 public:
  OwnCalls(db::Database& database, tenancy::Accounts& accounts);

  const warehouse::ProviderAccount& account() const override { return account_; }
  std::span<const warehouse::Feed> feeds() const override { return {&feed_, 1}; }
  // Account by account, each newest first; the cursor is "account:offset".
  Result<warehouse::Page> fetch(const warehouse::PageRequest& request, warehouse::Watch& watch) override;
  Result<std::string> check(warehouse::Watch& watch) override;

 private:
  db::Database& database_;
  tenancy::Accounts& accounts_;
  warehouse::ProviderAccount account_;
  warehouse::Feed feed_;
};

// The row of one call. Pure.
warehouse::CallRow own_call_row(AccountId account, const calls::Call& call);

}  // namespace trunkline::app
