// The daily summary that is kept beside the calls, so that reports cost the same however many calls there
// are. Each write of calls says what it took away and what it added; the sums follow in the same transaction.
#pragma once

#include <map>

#include "db/database.hpp"
#include "warehouse/normalise.hpp"
#include "warehouse/store/bulk.hpp"

namespace trunkline::warehouse::store {

class TotalsDelta {
 public:
  void subtract(const Record& call) { add(call, -1); }
  void add(const Record& call) { add(call, 1); }
  void apply(db::Transaction& transaction, const Owner& owner) const;

 private:
  struct Key {
    std::string date;
    std::string direction;
    std::string currency;
    auto operator<=>(const Key&) const = default;
  };
  struct Sums {
    std::int64_t calls = 0, completed = 0, duration = 0, billable = 0, costed = 0, units = 0;
    bool operator==(const Sums&) const = default;
  };
  void add(const Record& call, std::int64_t sign);

  std::map<Key, Sums> sums_;
};

// The day that a call counts for.
Cell call_date(const Cell& started_at, const TimeZone& zone);

struct TotalsDifference {
  std::string call_date, provider, account, direction, currency, kept, counted;
};
// Counts everything anew and says where the kept sums differ. Suspends; reads the whole table.
Result<std::vector<TotalsDifference>> verify_totals(db::Database& database);
// Counts everything anew and keeps that. Suspends.
Result<void> rebuild_totals(db::Database& database);

// Makes the days of all calls those of this zone, if they are of another one; whether they were. Interrupted,
// it begins again. Suspends.
class Store;
Result<bool> use_reporting_zone(const Store& store, const TimeZone& zone);

}  // namespace trunkline::warehouse::store
