// Cells as PostgreSQL reads them in bulk.
#pragma once

#include "warehouse/store/record.hpp"

namespace trunkline::warehouse::store {

// The next item of an array literal that opens with a brace.
void append_array_item(std::string& out, const Cell& cell);

// Rows in the binary format of COPY, which spares PostgreSQL the reading of numbers, times and escapes: a
// quarter of what a row costs it (PostgreSQL's documentation, "COPY", "Binary Format", and its numeric_recv).
class BinaryRows {
 public:
  explicit BinaryRows(std::size_t cells_of_row) : cells_of_row_(cells_of_row) {}

  void begin_row();
  void add(std::int64_t number);
  void add(std::string_view text);
  // False when the cell is not of its kind's plain form. The rows are of no use then: PostgreSQL may still be
  // able to read the cell as text.
  bool add(const Cell& cell, ColumnKind kind);
  // Makes room for so many rows that are like the first one.
  void reserve_like_first(std::size_t rows);
  // All rows, with what stands before and after them.
  std::string take();

 private:
  std::size_t cells_of_row_;
  std::string bytes_ = {};
};

}  // namespace trunkline::warehouse::store
