// Feeds any bytes as a page some of whose rows are known. What is skimmed must be the page without them: JSON
// when the page is, with as many rows less; and nothing is lost of a page of which no row is known.
#include <cstdint>

#include "base/json/write.hpp"
#include "check_rows.hpp"
#include "warehouse/http/known_rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trunkline;
  using namespace trunkline::warehouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  KnownRows known{.context = "fuzz"};
  const auto all = skim(text, "data", known);
  if (!all) return 0;
  fuzz::require(all->known.empty());
  const auto whole = json::parse(text);
  const auto skimmed = json::parse(all->text);
  if (whole) fuzz::require(skimmed.has_value() && json::write(*whole) == json::write(*skimmed));
  for (std::size_t i = 0; i < all->others.size(); i += 2) known.rows.emplace(all->others[i], i);
  const auto some = skim(text, "data", known);
  fuzz::require(some && some->known.size() + some->others.size() == all->others.size());
  if (!whole) return 0;
  const auto left = json::parse(some->text);
  fuzz::require(left.has_value() && left->find("data")->as_array()->size() == some->others.size());
  return 0;
}
