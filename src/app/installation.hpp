// What the whole process shares: settings, clock, ids, the database and the keys to its secrets. Commands and
// the server begin with it.
#pragma once

#include <memory>

#include "app/settings.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "db/migration.hpp"
#include "doors/engagement/door.hpp"
#include "engagement/actions.hpp"
#include "jobs/queue.hpp"
#include "runtime/thread_pool.hpp"
#include "tenancy/keyring.hpp"

namespace trunkline::app {

class Installation {
 public:
  // Opens the database. With `migrate` pending migrations run; without, they are an error that says how to
  // run them. Suspends.
  static Result<std::unique_ptr<Installation>> open(Settings settings, bool migrate);

  // The same without a look at the schema or the keys: for `migrate` and `doctor`.
  static Result<std::unique_ptr<Installation>> open_database(Settings settings);

  Settings settings;
  SystemClock clock;
  SystemRandom random;
  IdSource ids{clock, random};
  Metrics metrics;
  runtime::ThreadPool pool;  // for what takes long: hashes, compression, schemas
  std::unique_ptr<db::Database> database;
  std::unique_ptr<db::Database> warehouse_database;  // none: the warehouse is in `database`
  std::unique_ptr<jobs::Queue> queue;
  std::unique_ptr<tenancy::Keyring> keyring;
  std::unique_ptr<engagement::ReplyMemory> replies;
  engagement::ActionGroups action_groups;
  std::unique_ptr<doors::engagement::KeyRate> engagement_rate;

  db::Database& telco() { return warehouse_database ? *warehouse_database : *database; }

  db::Migrator migrator();
  // Where the secret key comes from, by the settings.
  tenancy::KeySource key_source() const;

  explicit Installation(Settings loaded);

 private:
  Result<void> open_warehouse();
};

// How many event loops serve requests, by the settings and the engine.
Result<std::size_t> loops_wanted(const Settings& settings, const db::Database& database);

}  // namespace trunkline::app
