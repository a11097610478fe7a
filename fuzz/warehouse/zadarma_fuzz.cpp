// Feeds any bytes as a page of each of Zadarma's lists: what is taken of it must be storable, and a call that
// comes in legs must be foldable in any order.
#include <algorithm>
#include <cstdint>

#include "check_rows.hpp"
#include "warehouse/zadarma/mapping.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace trunkline;
  using namespace trunkline::warehouse;
  using namespace trunkline::warehouse::zadarma;
  static const TimeZone sydney = *TimeZone::find("Australia/Sydney");
  const std::set<std::string> own{"+61290000000"};
  const Reading reading{.zone = sydney, .default_region = "AU", .own_numbers = &own};
  RowSet rows;
  json::Array legs;
  std::string call;
  fuzz::each_row_of(std::string_view(reinterpret_cast<const char*>(data), size), "stats",
                    [&](json::Value& row) {
                      fuzz::keep(rows.calls, statistics_call(row, reading));
                      fuzz::keep(rows.calls, incoming_call(row, reading));
                      fuzz::keep(rows.phone_numbers, phone_number(row, reading));
                      fuzz::keep(rows.balances, balance(row));
                      fuzz::keep(rows.resources, resource(row, "sip", "id", "display_name"));
                      for (auto item : {rental(row, reading), plan(row, "2026-05-01")}) {
                        if (item && *item) rows.billing.push_back(std::move(**item));
                      }
                      const auto id = pbx_call_of(row, reading);
                      if (!id) return;
                      if (auto found = recording_of_leg(row, reading))
                        rows.recordings.push_back(std::move(*found));
                      if (legs.empty()) call = *id;
                      if (*id == call) legs.push_back(stored(row));
                    });
  if (!legs.empty()) {
    const CallRow forward = pbx_call(legs, reading);
    std::ranges::reverse(legs);
    const CallRow backward = pbx_call(legs, reading);
    fuzz::require(forward.started_at == backward.started_at &&
                  forward.duration_seconds == backward.duration_seconds);
    rows.calls.push_back(forward);
    rows.calls.back().external_call_id = call;
  }
  fuzz::check_rows(rows);
  return 0;
}
