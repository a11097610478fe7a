// The same call in two records of one provider (contracts/warehouse.md, section 6.4): the legs of a Telnyx
// session, and Zadarma's PBX call beside the same call in its statistics. Pure: from what the provider sent
// of each row to what the rows show.
#pragma once

#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::store {

inline constexpr Duration same_call_within = seconds(120);

// Of the rows of one session one is primary: the highest cost; then the leg whose leg_direction equals its
// direction; then the smallest id.
void choose_primary(std::vector<Record*>& legs);

struct Shadow {
  Record* exchange;  // the PBX row, which is primary
  Record* shadow;    // the statistics row
};
// PBX calls and statistics rows that are the same call: same direction and remote number, starts at most 120
// s apart; the nearest pairs first, each row once. The rows are as the provider sent them.
std::vector<Shadow> find_shadows(const std::vector<Record*>& calls);

// Moves cost, currency, billable seconds and the number of our side to the PBX row; remembers in both what
// was sent.
void join_shadow(const Shadow& pair);
// The row as the provider sent it.
void restore_as_sent(Record& call);

}  // namespace trunkline::warehouse::store
