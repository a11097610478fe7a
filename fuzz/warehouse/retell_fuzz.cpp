// Feeds any bytes as a page of each of Retell's lists: what is taken of it must be storable.
#include <cstdint>

#include "check_rows.hpp"
#include "warehouse/retell/mapping.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trunkline;
  using namespace trunkline::warehouse;
  using namespace trunkline::warehouse::retell;
  const Reading reading{.default_region = "AU", .all_recordings = true};
  RowSet rows;
  fuzz::each_row_of(std::string_view(reinterpret_cast<const char*>(data), size), "items",
                    [&](json::Value& row) {
                      (void)add_call(row, reading, {}, rows);
                      fuzz::keep(rows.phone_numbers, phone_number(row, reading));
                      fuzz::keep(rows.agents, agent(row));
                      fuzz::keep(rows.resources, llm(row));
                      fuzz::keep(rows.resources, resource(row, "voice", "voice_id", "voice_name"));
                      if (auto found = webhook_of(row, "agent", "a1", "webhook_url"))
                        rows.resources.push_back(std::move(*found));
                    });
  fuzz::check_rows(rows);
  return 0;
}
