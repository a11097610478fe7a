// Feeds any bytes as a scenario file and as the description of event faults.
#include <cstdint>
#include <string_view>

#include "carriers/local/callee.hpp"
#include "carriers/local/local_carrier.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)trunkline::carriers::local::parse_scenario(text);
  (void)trunkline::carriers::local::parse_event_faults(text);
  return 0;
}
