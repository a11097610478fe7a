#include "db/set_wise.hpp"

namespace trunkline::db {
namespace {

// The head of PostgreSQL's array_send: how many dimensions, whether there are NULLs, the type of the
// elements, then for the one dimension its size and its first index. All in network byte order.
constexpr std::uint32_t dimensions = 1;
constexpr std::uint32_t first_index = 1;
constexpr std::size_t nulls_position = 4;
constexpr std::size_t size_position = 12;
constexpr std::size_t head_bytes = 20;
constexpr std::uint32_t null_length = 0xffffffff;

}  // namespace

Engine engine_of(const Database& database) {
  return database.engine() == "postgresql" ? Engine::postgresql : Engine::sqlite;
}

PostgresArray::PostgresArray(Element element, std::size_t expected, std::size_t bytes_each) {
  bytes_.reserve(head_bytes + expected * (sizeof(std::uint32_t) + bytes_each));
  append(dimensions);
  append(0);
  append(static_cast<std::uint32_t>(element));
  append(0);
  append(first_index);
}

void PostgresArray::add(std::int64_t value) {
  append(sizeof value);
  append(static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32));
  append(static_cast<std::uint32_t>(value));
  count_one();
}

void PostgresArray::add(std::string_view bytes) {
  append(static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
  count_one();
}

void PostgresArray::add(const std::optional<std::string>& text) {
  if (text) {
    add(*text);
  } else {
    add_null();
  }
}

void PostgresArray::add_null() {
  append(null_length);
  overwrite(nulls_position, 1);
  count_one();
}

void PostgresArray::append(std::uint32_t value) {
  bytes_.resize(bytes_.size() + sizeof value);
  overwrite(bytes_.size() - sizeof value, value);
}

void PostgresArray::overwrite(std::size_t position, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes_[position++] = static_cast<char>((value >> shift) & 0xff);
}

void PostgresArray::count_one() {
  overwrite(size_position, ++count_);
}

}  // namespace trunkline::db
