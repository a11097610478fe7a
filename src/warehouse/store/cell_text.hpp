// Cells as PostgreSQL reads them in bulk.
#pragma once

#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::store {

// The next item of an array literal that opens with a brace.
void append_array_item(std::string& out, const Cell& cell);

// A value in the text format of COPY.
void append_copied(std::string& out, const Cell& cell);

}  // namespace trunkline::warehouse::store
