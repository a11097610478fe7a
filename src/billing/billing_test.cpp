#include <stdexcept>

#include <doctest/doctest.h>

#include "billing/ledger.hpp"
#include "db/db_testing.hpp"
#include "migrations.hpp"

using namespace trunkline;
using namespace trunkline::billing;

TEST_SUITE("billing rules, voice-api.md section 6") {
  TEST_CASE("every started minute is billed, and at least one") {
    struct Case {
      std::int64_t duration_seconds;
      std::int64_t minutes;
    };
    for (const Case& each : std::initializer_list<Case>{
             {0, 1}, {1, 1}, {59, 1}, {60, 1}, {61, 2}, {79, 2}, {299, 5}, {300, 5}, {3600, 60}}) {
      CHECK(billed_minutes(each.duration_seconds) == each.minutes);
    }
  }

  TEST_CASE("a minute costs ten cents") {
    CHECK(price_of(current_price(), 1).to_text() == "0.10 USD");
    CHECK(price_of(current_price(), 60).to_text() == "6.00 USD");
  }
}

TEST_SUITE("usage ledger [db]") {
  TEST_CASE(
      "a call counts in the UTC month in which it connected, once, and only in its project and account") {
    db::with_database([](db::TestDatabase& database) {
      const ManualClock clock(*parse_instant("2026-04-01T00:10:00Z"));
      SeededRandom random(1);
      IdSource ids(clock, random);
      REQUIRE(db::Migrator(*database, clock, all_migrations()).up());
      Ledger ledger(*database, clock);
      const tenancy::TenantScope acme{.account = AccountId(ids.next())};
      const ProjectId project(ids.next());
      const ConnectedCall call{.call = CallId(ids.next()),
                               .project = project,
                               .started_at = *parse_instant("2026-03-31T23:59:30Z"),
                               .duration_seconds = 61,
                               .price = current_price()};
      const auto add = [&] {
        return database->transact(acme,
                                  [&](db::Transaction& transaction) { ledger.add(transaction, acme, call); });
      };
      REQUIRE(add());
      CHECK(add().error().code() == db::error_codes::duplicate);

      const auto march = ledger.summary(acme, {2026, 3});
      REQUIRE(march);
      CHECK(march->call_count == 1);
      CHECK(march->minutes == 2);
      CHECK(march->amount.to_text() == "0.20 USD");
      CHECK(ledger.summary(acme, {2026, 4})->call_count == 0);
      CHECK(ledger.summary({.account = acme.account, .project = project}, {2026, 3})->call_count == 1);
      CHECK(ledger.summary({.account = acme.account, .project = ProjectId(ids.next())}, {2026, 3})
                ->call_count == 0);
      CHECK(ledger.summary({.account = AccountId(ids.next())}, {2026, 3})->minutes == 0);

      const auto entry = ledger.find(acme, call.call);
      REQUIRE(entry);
      REQUIRE(*entry);
      CHECK((*entry)->amount.to_text() == "0.20 USD");
      CHECK((*entry)->meter_identifier == "um_" + to_base32(call.call.uuid()));
      CHECK((*entry)->sync_state == "pending");
      CHECK_FALSE(*ledger.find({.account = AccountId(ids.next())}, call.call));
    });
  }
}
