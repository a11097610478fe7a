#include "warehouse/store/export.hpp"

#include <doctest/doctest.h>

#include "base/decimal.hpp"
#include "base/json/parse.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/store/totals.hpp"

namespace trunkline::warehouse::store {
namespace {

using namespace trunkline::literals;

const db::Statement days_shown{
    "test.export_days",
    "SELECT call_date::text || ' ' || total_calls::text FROM telco.daily_call_summary "
    "ORDER BY 1"};

Instant time(std::string_view text) {
  return *parse_instant(text);
}

RowSet two_calls() {
  RowSet rows;
  rows.calls.push_back({.external_call_id = "a",
                        .from_number = "say \"hi\", twice",
                        .direction = Direction::inbound,
                        .started_at = time("2026-06-30T14:30:00.5Z"),
                        .duration_seconds = 61,
                        .status = CallStatus::completed,
                        .cost = "1.666E-4"_decimal,
                        .currency = "USD",
                        .raw_data = json::object({{"x", json::array({1, nullptr})}})});
  rows.calls.push_back({.external_call_id = "b", .started_at = time("2026-07-02T00:00:00Z"), .raw_data = {}});
  return rows;
}

TEST_SUITE("warehouse export [db]") {
  TEST_CASE("Every table and view exports as CSV and JSON lines with the digits that are stored") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      write(store, {.owner = {2, "default"}, .feed = "sip_trunking", .now = time("2026-07-03T00:00:00Z")},
            two_calls());
      for (const ExportTable& table : export_tables()) {
        CAPTURE(table.name);
        const auto page =
            export_page(database, table, time("2000-01-01T00:00:00Z"), time("2100-01-01T00:00:00Z"), 0);
        if (!page) FAIL(page.error().describe());
        for (const Record& row : page->rows) {
          CHECK(json::parse(json_line(table, row)));
          CHECK(csv_line(table, row).size() > table.columns.size());
        }
      }
      const ExportTable& calls = *find_export_table("calls");
      const auto june =
          export_page(database, calls, time("2026-06-01T00:00:00Z"), time("2026-07-01T00:00:00Z"), 0);
      REQUIRE(june->rows.size() == 1);
      const std::string line = json_line(calls, june->rows[0]);
      CHECK(line.find(R"("cost":0.0001666,)") != std::string::npos);
      CHECK(line.find(R"("started_at":"2026-06-30T14:30:00.500000Z")") != std::string::npos);
      CHECK(line.find(R"("provider":"telnyx","account":"default")") != std::string::npos);
      CHECK(csv_line(calls, june->rows[0]).find(R"("say ""hi"", twice")") != std::string::npos);
    });
  }

  TEST_CASE("Another reporting zone dates and sums every call anew, once") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      write(store, {.owner = {2, "default"}, .feed = "sip_trunking", .now = time("2026-07-03T00:00:00Z")},
            two_calls());
      CHECK(all_of(database, days_shown) == "2026-06-30 1\n2026-07-02 1");
      const TimeZone sydney = *TimeZone::find("Australia/Sydney");
      CHECK(*use_reporting_zone(store, sydney));
      CHECK(all_of(database, days_shown) == "2026-07-01 1\n2026-07-02 1");
      CHECK(verify_totals(database)->empty());
      CHECK_FALSE(*use_reporting_zone(store, sydney));
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::store
