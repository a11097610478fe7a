#include "db/value.hpp"

#include <cstring>
#include <stdexcept>

namespace trunkline::db {

std::int64_t Row::integer(std::size_t column) const {
  if (const auto* value = std::get_if<std::int64_t>(&cells_[column])) return *value;
  throw std::logic_error("the column is not a number");
}

std::string_view Row::text(std::size_t column) const {
  if (const auto* place = std::get_if<Stretch>(&cells_[column])) return {bytes_ + place->begin, place->size};
  throw std::logic_error("the column is not text");
}

Uuid Row::uuid(std::size_t column) const {
  const std::string_view bytes = text(column);
  Uuid::Bytes id{};
  if (bytes.size() != id.size()) throw std::logic_error("the column is not an id");
  std::memcpy(id.data(), bytes.data(), id.size());
  return Uuid(id);
}

std::optional<std::int64_t> Row::optional_integer(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

std::optional<std::string> Row::optional_text(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return std::string(text(column));
}

std::optional<Instant> Row::optional_instant(std::size_t column) const {
  if (is_null(column)) return std::nullopt;
  return instant(column);
}

}  // namespace trunkline::db
