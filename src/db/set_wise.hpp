// Statements over as many rows as there are. PostgreSQL is given one array a column and unpacks them with
// unnest(), for little more than the price of a single row; SQLite, where a statement is a call into a
// library, runs the statement for one row after the other. Statements of the first kind have a name that ends
// with "_postgresql".
#pragma once

#include "db/database.hpp"

namespace trunkline::db {

enum class Engine : std::uint8_t { sqlite, postgresql };

Engine engine_of(const Database& database);

// The values of one column, as a parameter of the type that the statement names ("$2::uuid[]"): an array in
// PostgreSQL's binary form. The parameter refers to the array.
class PostgresArray {
 public:
  enum class Element : std::uint32_t { bytea = 17, bigint = 20, text = 25, uuid = 2950 };

  // `expected` elements of about `bytes_each`.
  explicit PostgresArray(Element element, std::size_t expected = 0, std::size_t bytes_each = 16);

  void add(std::int64_t value);
  void add(Instant value) { add(to_microseconds(value)); }
  void add(const Uuid& value) { add(value.as_text()); }
  template <class Tag>
  void add(const Id<Tag>& value) {
    add(value.uuid());
  }
  void add(std::string_view bytes);  // of a text, bytea or uuid
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(const std::optional<std::string>& text);
  void add_null();

  operator Parameter() const { return Blob{bytes_}; }

 private:
  void append(std::uint32_t value);
  void overwrite(std::size_t position, std::uint32_t value);
  void count_one();

  std::string bytes_;
  std::uint32_t count_ = 0;
};

}  // namespace trunkline::db
