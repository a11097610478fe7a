// Feeds any bytes as a page of each of Telnyx's lists: what is taken of it must be storable.
#include <algorithm>
#include <cstdint>

#include "check_rows.hpp"
#include "warehouse/telnyx/mapping.hpp"
#include "warehouse/telnyx/webhook.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trunkline;
  using namespace trunkline::warehouse;
  using namespace trunkline::warehouse::telnyx;
  const std::set<std::string> own{"+61290000000"};
  const Reading reading{.default_region = "AU", .own_numbers = &own};
  RowSet rows;
  fuzz::each_row_of(std::string_view(reinterpret_cast<const char*>(data), size), "data",
                    [&](json::Value& row) {
                      fuzz::keep(rows.calls, call_record(row, reading));
                      fuzz::keep(rows.calls, report_line(row, reading));
                      fuzz::keep(rows.charges, charge_record(row, "amd"));
                      fuzz::keep(rows.messages, message_record(row, reading));
                      fuzz::keep(rows.messages, message(row, reading));
                      fuzz::keep(rows.recordings, recording(row));
                      fuzz::keep(rows.phone_numbers, phone_number(row, {}, reading));
                      fuzz::keep(rows.billing, invoice(row));
                      fuzz::keep(rows.resources, resource(row, "connection", "name"));
                      fuzz::keep(rows.balances, balance(row));
                      for (auto items : {charges_summary(row), charges_breakdown(row, reading)}) {
                        if (items) std::ranges::move(*items, std::back_inserter(rows.billing));
                      }
                      if (auto event = read_event(row, reading)) fuzz::check_rows(event->rows);
                    });
  fuzz::check_rows(rows);
  return 0;
}
