// Writes what a provider said into the schema telco, a page in a transaction: new rows, rows that changed,
// and nothing else; the correlations of section 6.4, the links between rows, and the kept sums with them.
#pragma once

#include "db/database.hpp"
#include "warehouse/normalise.hpp"
#include "warehouse/provider.hpp"
#include "warehouse/store/bulk.hpp"

namespace trunkline::warehouse::store {

inline constexpr ErrorCode unknown_provider{"unknown_provider", ErrorKind::invalid};

// 1 to 4, as in telco.providers.
Result<std::int64_t> provider_number(std::string_view name);
std::string_view provider_name(std::int64_t number);

// Whose Trunkline's own calls are.
inline constexpr std::int64_t own_provider = 4;
inline constexpr std::string_view own_provider_name = "trunkline";

struct Source {
  Owner owner;
  const Provider* provider = nullptr;  // for calls that come in parts
  std::string feed = {};
  std::string part_key = {};
  Instant now{};
};

struct CostChange {
  std::string external_id;
  std::string before;
  std::string after;
};

// inserted + updated + unchanged = the distinct rows among those received.
struct Written {
  std::int64_t received = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::vector<CostChange> cost_changes;

  Written& operator+=(const Written& other);
  std::int64_t distinct() const { return inserted + updated + unchanged; }
};

class Store {
 public:
  Store(db::Database& database, TimeZone reporting_zone)
      : database_(database), zone_(std::move(reporting_zone)), postgres_(database.engine() == "postgresql") {}

  // In the caller's transaction, which may run more than once. Throws db::Failure.
  Written write(db::Transaction& transaction, const Source& source, const RowSet& rows) const;

  // Marks what a full listing that began at `since` no longer had: numbers, agents, resources of these kinds.
  void release_missing(db::Transaction& transaction, const Source& source, const Feed& feed,
                       Instant since) const;

  // Which of these calls are new or differ from what is stored.
  std::vector<std::string> changed_calls(db::Transaction& transaction, const Source& source,
                                         const std::vector<CallRow>& calls) const;

  db::Database& database() const { return database_; }
  const TimeZone& zone() const { return zone_; }
  bool is_postgres() const { return postgres_; }

 private:
  db::Database& database_;
  TimeZone zone_;
  bool postgres_;
};

}  // namespace trunkline::warehouse::store
