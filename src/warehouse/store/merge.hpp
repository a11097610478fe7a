// What becomes of a stored row when the provider speaks of it again (contracts/warehouse.md, section 6.3).
// Pure.
#pragma once

#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::store {

// The stored record with what the incoming one adds. In whatever order versions come, the result is the same:
// the better standing (Standing in warehouse/rows.hpp), then the later revision wins; records that were read
// from the provider are as of when they were read, so among them the last one wins.
Record merge(const Table& table, const Record& stored, const Record& incoming);

enum class Difference : std::uint8_t {
  none,
  marks,    // only in what the store keeps for itself (hashes, standing)
  content,  // in what people see
};
Difference compare(const Table& table, const Record& before, const Record& after);

}  // namespace trunkline::warehouse::store
