// A provider's JSON as the warehouse can store it (contracts/warehouse.md, section 5, "Text"), with the
// repair noted in the very row it was made in: a row must not look different because of its neighbours on the
// page.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/json/value.hpp"

namespace trunkline::warehouse {

struct PageText {
  json::Value value;
  bool is_repaired = false;  // then note_repairs has something to do
};

// Error: as json::parse, with the place in details and message.
Result<PageText> read_page_text(std::string_view body, std::size_t bytes_max);

// Takes the marks that reading left out of the row's texts, and notes in the row what was repaired: `_text`
// is "nul_removed", "replaced" or both.
void note_repairs(json::Value& row);

}  // namespace trunkline::warehouse
