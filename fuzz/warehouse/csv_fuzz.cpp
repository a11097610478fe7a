// Feeds any bytes as a report of calls: each line that is taken has the fields of the first one, and what is
// a call must be storable.
#include <cstdint>

#include "check_rows.hpp"
#include "warehouse/telnyx/csv.hpp"
#include "warehouse/telnyx/mapping.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trunkline;
  using namespace trunkline::warehouse;
  using namespace trunkline::warehouse::telnyx;
  const std::string text = repair_text(std::string_view(reinterpret_cast<const char*>(data), size)).text;
  const auto lines = read_csv(text);
  if (!lines) {
    fuzz::require(!lines.error().message().empty());
    return 0;
  }
  RowSet rows;
  for (const json::Value& line : *lines) {
    fuzz::require(line.as_object() != nullptr);
    fuzz::keep(rows.calls, report_line(line, {.default_region = "AU"}));
  }
  fuzz::check_rows(rows);
  return 0;
}
