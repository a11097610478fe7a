// The usage ledger: one entry for each connected call, none for others (invariant I2 of docs/reliability.md).
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "billing/price.hpp"
#include "db/database.hpp"
#include "tenancy/scope.hpp"

namespace trunkline::billing {

struct UsageEntry {
  CallId call;
  ProjectId project;
  Instant started_at{};
  std::int64_t duration_seconds = 0;
  std::int64_t billed_minutes = 0;
  PinnedPrice price;
  Money amount;
  std::string meter_identifier;
  std::string sync_state;
};

// What a connected call owes.
struct ConnectedCall {
  CallId call;
  ProjectId project;
  Instant started_at{};
  std::int64_t duration_seconds = 0;
  PinnedPrice price;
};

struct UsageSummary {
  std::int64_t call_count = 0;
  std::int64_t minutes = 0;
  Money amount;
};

class Ledger {
 public:
  Ledger(db::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  // Writes the entry in the transaction that ends the call. A second entry for a call fails the transaction.
  void add(db::Transaction& transaction, const tenancy::TenantScope& scope, const ConnectedCall& call);

  // The connected calls that started in the month, of the scope's project or of all.
  Result<UsageSummary> summary(const tenancy::TenantScope& scope, Month month);
  // Nothing for a call that was never connected, or has not ended.
  Result<std::optional<UsageEntry>> find(const tenancy::TenantScope& scope, CallId call);

 private:
  db::Database& database_;
  const Clock& clock_;
};

// Prices and amounts stand in the database as whole numbers of 1e-9.
inline constexpr int stored_places = 9;

}  // namespace trunkline::billing
