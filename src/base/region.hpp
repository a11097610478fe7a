// Countries and territories by their two letters, ISO 3166-1 alpha-2.
#pragma once

#include <span>
#include <string_view>

namespace trunkline {

struct Region {
  std::string_view code;  // "DE", upper case
  std::string_view name;  // "Germany"
};

// All of them, sorted by code.
std::span<const Region> regions();

// Upper case only, as the standard writes them; null when it is not a country. Lives for ever.
const Region* find_region(std::string_view code);

inline bool is_region(std::string_view code) {
  return find_region(code) != nullptr;
}

// The English name, or nothing to show.
inline std::string_view region_name(std::string_view code) {
  const Region* region = find_region(code);
  return region != nullptr ? region->name : std::string_view();
}

}  // namespace trunkline
