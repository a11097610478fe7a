// What goes into a statement and what comes out of it. The database knows five column types: bigint, text,
// bytea, boolean and uuid. Instants are microseconds in a bigint, money is scaled integers, JSON is text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"

namespace trunkline::db {

// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

// One bound value. It refers to the text it was given, which must live until the statement call returns.
class Parameter {
 public:
  using Value = std::variant<std::monostate, std::int64_t, bool, std::string_view, Blob, Uuid>;

  Parameter(std::nullptr_t) {}
  Parameter(std::int64_t value) : value_(value) {}
  Parameter(int value) : value_(std::int64_t{value}) {}
  Parameter(bool value) : value_(value) {}
  Parameter(std::string_view value) : value_(value) {}
  Parameter(const std::string& value) : value_(std::string_view(value)) {}
  Parameter(const char* value) : value_(std::string_view(value)) {}
  Parameter(Blob value) : value_(value) {}
  Parameter(const Uuid& value) : value_(value) {}
  template <class Tag>
  Parameter(const Id<Tag>& value) : value_(value.uuid()) {}
  Parameter(Instant value) : value_(to_microseconds(value)) {}
  template <class T>
  Parameter(const std::optional<T>& value) {
    if (value) *this = Parameter(*value);
  }

  const Value& value() const { return value_; }

 private:
  Value value_;
};

// A view of one row. Reading a column as another type than it has is a defect and throws std::logic_error.
class Row {
 public:
  bool is_null(std::size_t column) const { return std::holds_alternative<std::monostate>(cells_[column]); }
  std::int64_t integer(std::size_t column) const;
  bool boolean(std::size_t column) const { return integer(column) != 0; }
  std::string_view text(std::size_t column) const;
  Uuid uuid(std::size_t column) const;
  Instant instant(std::size_t column) const { return from_microseconds(integer(column)); }
  template <class TypedId>
  TypedId id(std::size_t column) const {
    return TypedId(uuid(column));
  }

  std::optional<std::int64_t> optional_integer(std::size_t column) const;
  std::optional<std::string> optional_text(std::size_t column) const;
  std::optional<Instant> optional_instant(std::size_t column) const;
  template <class TypedId>
  std::optional<TypedId> optional_id(std::size_t column) const {
    if (is_null(column)) return std::nullopt;
    return TypedId(uuid(column));
  }

 private:
  friend class Rows;
  struct Stretch {
    std::size_t begin;
    std::size_t size;
  };
  // NULL, a bigint or boolean, or where the bytes (text, bytea, uuid) stand.
  using Cell = std::variant<std::monostate, std::int64_t, Stretch>;

  Row(const Cell* cells, const char* bytes) : cells_(cells), bytes_(bytes) {}

  const Cell* cells_;
  const char* bytes_;
};

// A finished answer: all its rows, owned. The bytes of all cells stand one behind the other, so that a cell
// costs no memory of its own.
class Rows {
 public:
  Rows() = default;
  explicit Rows(std::size_t columns) : columns_(columns) {}

  std::size_t size() const { return columns_ == 0 ? 0 : cells_.size() / columns_; }
  bool empty() const { return cells_.empty(); }
  Row operator[](std::size_t row) const { return {cells_.data() + row * columns_, bytes_.data()}; }
  Row front() const { return (*this)[0]; }

  // One more cell behind the last, row by row.
  void add_null() { add(std::monostate()); }
  void add_integer(std::int64_t value) { add(value); }
  void add_bytes(std::string_view value) {
    add(Row::Stretch(bytes_.size(), value.size()));
    bytes_.append(value);
  }

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t position) : rows_(&rows), position_(position) {}
    Row operator*() const { return (*rows_)[position_]; }
    Iterator& operator++() {
      ++position_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return position_ != other.position_; }

   private:
    const Rows* rows_;
    std::size_t position_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  // So that a few rows need not be moved as they come. Rows that are moved keep their bytes where they are,
  // since a text of this size is not inside the std::string.
  static constexpr std::size_t cells_at_first = 64;
  static constexpr std::size_t bytes_at_first = 1024;

  void add(Row::Cell cell) {
    if (cells_.empty()) {
      cells_.reserve(std::max(columns_, cells_at_first));
      bytes_.reserve(bytes_at_first);
    }
    cells_.push_back(cell);
  }

  std::size_t columns_ = 0;
  std::vector<Row::Cell> cells_;
  std::string bytes_;
};

}  // namespace trunkline::db
