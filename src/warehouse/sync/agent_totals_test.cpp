#include "warehouse/sync/agent_totals.hpp"

#include <doctest/doctest.h>

#include "warehouse/store/store_testing.hpp"

namespace trunkline::warehouse::sync {
namespace {

const db::Statement totals_shown{
    "test.agent_totals",
    "SELECT agent_id || ' ' || coalesce(CAST(total_calls AS text), '-') || ' ' ||"
    " coalesce(CAST(total_minutes AS text), '-') || ' ' || coalesce(CAST(avg_duration_seconds AS text), '-')"
    " FROM telco.retell_agents ORDER BY agent_id"};

const store::Owner owner{.provider_id = 3, .account = "default"};
const Instant noon = *parse_instant("2026-05-01T12:00:00Z");

CallRow call(std::string id, std::string agent, std::int64_t duration_seconds, std::string currency = "USD") {
  CallRow row{.external_call_id = std::move(id),
              .direction = Direction::outbound,
              .started_at = noon,
              .duration_seconds = duration_seconds,
              .status = CallStatus::completed,
              .currency = std::move(currency),
              .raw_data = json::Object()};
  row.retell_agent_id = std::move(agent);
  return row;
}

// contracts/warehouse.md, section 2, no. 18.
TEST_SUITE("warehouse agent totals [db]") {
  TEST_CASE("an agent has the totals of its calls, in whatever currency; one without calls has none") {
    store::with_warehouse([](db::Database& database) {
      const store::Store store(database, TimeZone::utc());
      RowSet rows;
      rows.agents = {{.agent_id = "agent_a", .raw_data = json::Object()},
                     {.agent_id = "agent_b", .raw_data = json::Object()}};
      rows.calls = {call("1", "agent_a", 100), call("2", "agent_a", 25), call("3", "agent_a", 10, "EUR"),
                    call("4", "agent_elsewhere", 7)};
      store::write(store, {.owner = owner, .feed = "calls", .now = noon}, rows);

      CHECK(fill_agent_totals(store, owner) == 1);
      CHECK(store::all_of(database, totals_shown) == "agent_a 3 2.25 45\nagent_b - - -");
      CHECK(fill_agent_totals(store, owner) == 0);

      RowSet more;
      more.calls = {call("5", "agent_b", 90)};
      store::write(store, {.owner = owner, .feed = "calls", .now = noon}, more);
      CHECK(fill_agent_totals(store, owner) == 1);
      CHECK(store::all_of(database, totals_shown).find("\nagent_b 1 1.5") != std::string::npos);
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
