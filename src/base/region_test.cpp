#include "base/region.hpp"

#include <set>

#include <doctest/doctest.h>

namespace trunkline {
namespace {

TEST_CASE("countries are found by their two letters") {
  CHECK(region_name("DE") == "Germany");
  CHECK(region_name("US") == "United States");
  CHECK(region_name("AX") == "Åland Islands");
  CHECK(region_name("XK") == "Kosovo");
  CHECK(is_region("GB"));
}

TEST_CASE("what is no country is not found") {
  for (std::string_view code : {"", "D", "de", "DEU", "UK", "EU", "ZZ", "AA", "001"}) {
    CAPTURE(code);
    CHECK(!is_region(code));
    CHECK(region_name(code).empty());
  }
}

TEST_CASE("the table holds the 249 countries of ISO 3166-1 and Kosovo, each name once") {
  CHECK(regions().size() == 249 + 1);
  std::set<std::string_view> names;
  for (const Region& region : regions()) {
    CHECK(find_region(region.code) == &region);
    names.insert(region.name);
  }
  CHECK(names.size() == regions().size());
}

}  // namespace
}  // namespace trunkline
