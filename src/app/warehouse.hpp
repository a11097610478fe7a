// The telecom warehouse of one loop: the store, the sync engine and the clients of the accounts that are
// configured.
#pragma once

#include <deque>

#include "app/domain.hpp"
#include "runtime/semaphore.hpp"
#include "warehouse/provider.hpp"
#include "warehouse/store/store.hpp"
#include "warehouse/sync/engine.hpp"
#include "warehouse/sync/recordings.hpp"

namespace trunkline::app {

class Warehouse {
 public:
  // Fails for settings that make no sense. Suspends.
  static Result<std::unique_ptr<Warehouse>> open(Installation& installation, Network& network);
  // For the demo and tests: with these accounts instead of those of the settings.
  static Result<std::unique_ptr<Warehouse>> open(Installation& installation, Network& network,
                                                 std::vector<warehouse::ProviderAccount> accounts);

  const std::vector<std::unique_ptr<warehouse::Provider>>& providers() const { return providers_; }
  warehouse::Provider* find(std::string_view provider, std::string_view account) const;
  warehouse::sync::Engine& engine() { return *engine_; }
  const warehouse::store::Store& store() const { return *store_; }
  warehouse::sync::RecordingStore& recordings() { return *recordings_; }
  db::Database& database() { return installation_.telco(); }

  // One kind for one account, and what follows from it. Suspends.
  Result<warehouse::sync::RunReport> run(warehouse::Provider& provider, warehouse::SyncType type,
                                         const warehouse::sync::RunOptions& options);

  // Runs what is due until stop(). Each account has a fiber of its own.
  void start_schedule();
  // Ends the schedule; a run under way ends after its page. Suspends until then, at most so long.
  void stop(Duration at_most);

 private:
  explicit Warehouse(Installation& installation) : installation_(installation) {}
  struct Follower {
    warehouse::Provider& provider;
    runtime::Bell stopped = {};
  };
  Result<void> keep_reporting_zone(const warehouse::TimeZone& zone);
  void follow_schedule(Follower& follower);
  void run_due(warehouse::Provider& provider, const warehouse::sync::Owner& owner);

  Installation& installation_;
  std::unique_ptr<tenancy::Accounts> accounts_;
  std::vector<std::unique_ptr<warehouse::Provider>> providers_;
  std::unique_ptr<warehouse::store::Store> store_;
  std::unique_ptr<warehouse::sync::Engine> engine_;
  std::unique_ptr<warehouse::sync::RecordingStore> recordings_;
  std::atomic<bool> stopping_ = false;
  std::deque<Follower> followers_;
  std::size_t following_ = 0;
  runtime::Bell all_stopped_;
};

// The accounts that the settings name: one a provider by the environment, more by the accounts file.
Result<std::vector<warehouse::ProviderAccount>> provider_accounts(const Settings& settings);

}  // namespace trunkline::app
