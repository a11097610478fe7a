// Rows that belong together and may come in any order: a recording and its call, a charge and its call, a
// price and the months of its number, a balance and its hour.
#pragma once

#include "warehouse/store/store.hpp"

namespace trunkline::warehouse::store {

// The calls and sessions that a write was about: those it wrote, and those that what it wrote names.
struct Touched {
  std::vector<std::string> calls;
  std::vector<std::string> sessions;
  bool recordings = false;  // recordings were written
};

// Gives loose recordings and charges of these calls and sessions their calls, and calls what they show of
// their recordings.
void link_to_calls(db::Transaction& transaction, bool postgres, const Source& source, const Touched& touched);

// What each number that is held costs in this month, and in the months since it was bought.
void note_number_months(db::Transaction& transaction, const Source& source,
                        const std::vector<PhoneNumberRow>& numbers);

// One snapshot a value or an hour.
Written write_balances(db::Transaction& transaction, const Source& source,
                       const std::vector<BalanceRow>& balances);

}  // namespace trunkline::warehouse::store
