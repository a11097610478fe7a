// For tests: what the views of contracts/warehouse.md, section 9, must say, computed anew from a simulated
// world with exact decimals by UTC days and months, beside what they do say. One provider, one account.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "fakes/provider/truth.hpp"

namespace trunkline::warehouse::sync {

using Sheet = std::map<std::string, std::string>;  // what a row says, by its key

// Says of the first few rows that differ what they are and what they should be.
void check_sheet(std::string_view what, const Sheet& stored, const Sheet& truth);

// When a kind was run last, and last with success.
struct LastRuns {
  Instant start{};
  std::optional<Instant> success = {};
};

struct WorldFigures {
  std::vector<fakes::TrueCall> calls;
  std::vector<fakes::TrueRental> rentals;
  std::map<std::string, LastRuns> runs;  // by kind
};

// All views but call_margin, which needs calls of our own (own_links_test.cpp).
void check_views(db::Database& database, const WorldFigures& world);

}  // namespace trunkline::warehouse::sync
