#include "warehouse/sync/own_erasure.hpp"

#include <doctest/doctest.h>

#include "warehouse/store/store_testing.hpp"
#include "warehouse/sync/ledger.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using trunkline::warehouse::store::Owner;

namespace {

const db::Statement shown{
    "test.own_call",
    "SELECT external_call_id || ' ' || coalesce(from_number, '-') || ' ' || coalesce(to_number, '-') || ' ' "
    "||"
    " coalesce(CAST(cost_units AS text), '-') FROM telco.calls ORDER BY external_call_id"};

const Instant noon = *parse_instant("2026-05-01T12:00:00Z");
const Owner own{.provider_id = store::own_provider, .account = "default"};

CallRow call(std::string id) {
  CallRow row{.external_call_id = std::move(id),
              .from_number = "+12025550100",
              .to_number = "+12025550101",
              .direction = Direction::outbound,
              .started_at = noon,
              .status = CallStatus::completed};
  row.cost = *Decimal::parse("0.20");
  row.currency = "USD";
  return row;
}

void with_two_calls(const std::function<void(db::Database&)>& body) {
  store::with_warehouse([&](db::Database& database) {
    const store::Store store(database, TimeZone::utc());
    RowSet rows;
    rows.calls = {call("call_1"), call("call_2")};
    store::write(store, {.owner = own, .now = noon}, rows);
    body(database);
  });
}

}  // namespace

TEST_SUITE("erasure in the warehouse [db]") {
  TEST_CASE("the copy of an erased call loses the person and keeps what it cost") {
    with_two_calls([](db::Database& database) {
      CHECK(sync::forget_own_call(database, "call_1", noon));
      CHECK(store::all_of(database, shown) ==
            "call_1 - - 20000000\ncall_2 +12025550100 +12025550101 20000000");
    });
  }

  TEST_CASE("while own calls are read it waits, since the run may hold what the call was") {
    with_two_calls([](db::Database& database) {
      const auto taken = sync::take_lease(database, own, SyncType::calls, "elsewhere", noon);
      CHECK((taken && *taken));
      const auto refused = sync::forget_own_call(database, "call_1", noon);
      CHECK(refused.error().kind() == ErrorKind::unavailable);
      CHECK(sync::give_lease_back(database, own, SyncType::calls, "elsewhere"));
      CHECK(sync::forget_own_call(database, "call_1", noon));
    });
  }
}
