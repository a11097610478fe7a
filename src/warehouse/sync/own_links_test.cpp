#include "warehouse/sync/own_links.hpp"

#include <doctest/doctest.h>

#include "base/decimal.hpp"
#include "warehouse/store/store_testing.hpp"

namespace trunkline::warehouse::sync {
namespace {

using namespace trunkline::literals;

const db::Statement margins_shown{
    "test.margins",
    "SELECT external_call_id || ' ' || coalesce(price::text, '-') || ' ' || coalesce(carrier_cost::text, '-')"
    " || ' ' || coalesce(carrier_currency, '-') || ' ' || coalesce(margin::text, '-') FROM telco.call_margin"
    " ORDER BY external_call_id, carrier_currency"};
const db::Statement links_shown{
    "test.links",
    "SELECT o.external_call_id || ' ' || c.external_call_id || ' ' || l.matched_by FROM telco.call_links l "
    "JOIN "
    "telco.calls o ON o.id = l.call_id JOIN telco.calls c ON c.id = l.carrier_call_id ORDER BY 1"};

Instant at(std::string_view time) {
  return *parse_instant("2026-05-01T" + std::string(time) + "Z");
}

CallRow call(std::string id, std::string_view start, std::optional<Decimal> cost,
             std::string currency = "USD") {
  return {.external_call_id = std::move(id),
          .from_number = "+61290000000",
          .to_number = "+61412345678",
          .direction = Direction::outbound,
          .started_at = at(start),
          .duration_seconds = 60,
          .status = CallStatus::completed,
          .cost = cost,
          .currency = std::move(currency),
          .is_settled = true,
          .raw_data = json::Object()};
}

CallRow with_session(CallRow row, std::string session) {
  row.session_id = std::move(session);
  return row;
}

void write(const store::Store& store, std::int64_t provider, RowSet rows) {
  store::write(
      store,
      {.owner = {.provider_id = provider, .account = "default"}, .feed = "calls", .now = at("12:00:00")},
      rows);
}

// contracts/warehouse.md, section 6.4: ids first, else numbers and time; the costs stay where they are.
TEST_SUITE("warehouse own links [db]") {
  TEST_CASE("A call's margin is its price less all that its carrier asked for it: legs and further charges") {
    store::with_warehouse([](db::Database& database) {
      const store::Store store(database, TimeZone::utc());
      write(store, store::own_provider,
            {.calls = {with_session(call("own-1", "10:00:00", "0.5"_decimal), "session-1"),
                       call("own-2", "10:30:00", "0.25"_decimal), call("own-3", "11:00:00", "0.125"_decimal),
                       call("own-4", "11:20:00", "0.125"_decimal)}});
      write(store, 2,
            {.calls = {with_session(call("leg-a", "10:00:01", "0.0123"_decimal), "session-1"),
                       with_session(call("leg-b", "10:00:01", "0.00016660"_decimal), "session-1"),
                       call("near", "10:31:59", "0.01"_decimal), call("nearer", "10:30:20", "0.02"_decimal),
                       call("too late", "11:02:01", "0.03"_decimal),
                       call("in euro", "11:20:10", "0.07"_decimal, "EUR")},
             .charges = {{.external_charge_id = "amd:1",
                          .external_call_id = "leg-a",
                          .component = "amd",
                          .amount = "0.0065"_decimal,
                          .currency = "USD"},
                         {.external_charge_id = "trunk:1",
                          .external_call_id = "leg-a",
                          .component = "trunk",
                          .amount = "0.0123"_decimal,
                          .currency = "USD",
                          .is_in_call_cost = true}}});
      CHECK(link_own_calls(store, at("00:00:00")) == 4);
      CHECK(store::all_of(database, links_shown) ==
            "own-1 leg-a id\nown-1 leg-b id\nown-2 nearer numbers and time\nown-4 in euro numbers and time");
      // 0.5 - (0.0123 + 0.0001666 + 0.0065); a charge that is in the leg's cost counts once.
      CHECK(store::all_of(database, margins_shown) ==
            "own-1 0.50000000 0.01896660 USD 0.48103340\n"
            "own-2 0.25000000 0.02000000 USD 0.23000000\n"
            "own-3 0.12500000 - - -\n"
            "own-4 0.12500000 0.07000000 EUR -");
      // A second look finds nothing more, and a carrier's record belongs to one call only.
      CHECK(link_own_calls(store, at("00:00:00")) == 0);
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
