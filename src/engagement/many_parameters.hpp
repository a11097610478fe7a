// Statements with as many parameters as there are rows: PostgreSQL does 32 rows in one statement at little
// more than the price of one.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "db/database.hpp"

namespace trunkline::engagement::store {

// "$FIRST, $FIRST+1, …", `count` of them.
inline std::string placeholders(std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += '$';
    text += std::to_string(first + i);
  }
  return text;
}

template <std::size_t size>
std::array<db::Parameter, size> nulls() {
  return []<std::size_t... i>(std::index_sequence<i...>) {
    return std::array<db::Parameter, size>{((void)i, db::Parameter(nullptr))...};
  }(std::make_index_sequence<size>());
}

// Calls `use` with the array's parameters as a list.
template <std::size_t size, class Use>
auto with_list(const std::array<db::Parameter, size>& parameters, Use use) {
  return [&]<std::size_t... i>(std::index_sequence<i...>) {
    return use(db::Parameters{parameters[i]...});
  }(std::make_index_sequence<size>());
}

}  // namespace trunkline::engagement::store
