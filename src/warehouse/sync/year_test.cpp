// Goal: whatever the providers do wrong, the warehouse ends with their truth. Method: a simulated year of
// each provider, synced every few days under all faults in simulated time, then compared row by row with what
// the fake computes from its world and not from what it sent.
#include <doctest/doctest.h>

#include "fakes/retell/fake_retell.hpp"
#include "fakes/telnyx/fake_telnyx.hpp"
#include "fakes/zadarma/fake_zadarma.hpp"
#include "warehouse/http/client_testing.hpp"
#include "warehouse/retell/client.hpp"
#include "warehouse/store/export.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/store/totals.hpp"
#include "warehouse/sync/coverage.hpp"
#include "warehouse/sync/engine.hpp"
#include "warehouse/telnyx/client.hpp"
#include "warehouse/zadarma/client.hpp"

namespace trunkline::warehouse::sync {
namespace {

using fakes::Fault;
using fakes::FaultKind;
using fakes::TrueCall;

const Instant year_begin = from_microseconds(1'748'736'000'000'000);  // 2025-06-01T00:00:00Z
const Instant year_end = year_begin + days(365);
constexpr std::int64_t calls_a_year = 700;
constexpr Duration between_runs = days(9);
// Costs come late, and open calls are asked for over days; then nothing may change any more.
constexpr int final_runs = 8;

using Truth = std::map<std::string, std::string>;

std::string shown(const TrueCall& call) {
  const auto text = [](const std::optional<std::string>& value) { return value.value_or("-"); };
  return fmt::format("{} {}>{} {} {} {}s {} {} {} {} {} {}", text(call.session_id), text(call.from_number),
                     text(call.to_number), text(call.direction), store::stored_time(call.started_at),
                     call.duration_seconds,
                     call.billable_seconds ? std::to_string(*call.billable_seconds) : "-", call.status,
                     text(call.disposition), call.cost ? call.cost->to_text() : "-", text(call.currency),
                     call.is_primary ? "primary" : "other");
}

Truth stored_calls(db::Database& database) {
  const store::ExportTable& table = *store::find_export_table("calls");
  const auto page = store::export_page(database, table, year_begin - days(400), year_end + days(400), 0);
  REQUIRE(page);
  REQUIRE(page->is_last);
  Truth calls;
  for (const store::Record& row : page->rows) {
    const auto at = [&](std::string_view name) {
      for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].name == name) return row[i].value_or("-");
      }
      return std::string("no such column");
    };
    calls[at("external_call_id")] = fmt::format(
        "{} {}>{} {} {} {}s {} {} {} {} {} {}", at("session_id"), at("from_number"), at("to_number"),
        at("direction"), at("started_at"), at("duration_seconds"), at("billable_seconds"), at("status"),
        at("disposition"), at("cost"), at("currency"), at("is_primary") == "true" ? "primary" : "other");
  }
  return calls;
}

void switch_faults_on(fakes::ProviderServer& server) {
  for (const FaultKind kind : {FaultKind::rate_limited, FaultKind::server_error, FaultKind::bad_gateway,
                               FaultKind::cut, FaultKind::truncated, FaultKind::malformed,
                               FaultKind::not_json, FaultKind::duplicates, FaultKind::odd_types}) {
    server.faults().add({.kind = kind, .every = 13 + 2 * static_cast<std::int64_t>(kind)});
  }
  server.faults().add({.kind = FaultKind::lying_total, .every = 7, .times = 12});
  server.faults().add({.kind = FaultKind::cursor_loop, .every = 29, .times = 4});
}

// One provider's year. `make` gives the client; `truth` what must be there.
void live_a_year(ManualClock& clock, fakes::ProviderServer& server, const std::string& calls_path,
                 ProviderAccount account,
                 const std::function<Result<std::unique_ptr<Provider>>(ProviderAccount, ClientContext)>& make,
                 const Truth& truth) {
  store::with_warehouse([&](db::Database& database) {
    testing::Simulation simulation(clock);
    auto made = make(std::move(account), simulation.context());
    REQUIRE(made);
    Provider& provider = **made;
    const store::Store store(database, TimeZone::utc());
    Engine engine(store, clock);
    const auto run_all = [&] {
      bool all_well = true;
      for (const SyncType type : all_sync_types) {
        const auto report = engine.run(provider, type, {.trigger = "schedule"});
        REQUIRE(report);
        if (report->log.status != "success") MESSAGE(to_text(type) << ": " << report->log.problem);
        all_well = all_well && report->log.status == "success";
      }
      return all_well;
    };
    switch_faults_on(server);
    for (int run = 0; clock.now() < year_end; ++run) {
      clock.advance(between_runs);
      // A row that is not there yet when the window is read first. It is of the last days, as late rows are:
      // nobody can know of one that appears in a window of months ago.
      if (run > 1) server.faults().add({.kind = FaultKind::shifting, .path = calls_path, .times = 1});
      run_all();
    }
    bool all_well = false;
    for (int i = 0; i < final_runs; ++i) {
      clock.advance(days(1) + hours(1));
      all_well = run_all();
    }
    CHECK(all_well);
    const Truth stored = stored_calls(database);
    CHECK(stored.size() == truth.size());
    int shown_differences = 0;
    for (const auto& [id, expected] : truth) {
      const auto found = stored.find(id);
      const std::string is = found == stored.end() ? "missing" : found->second;
      if (is != expected && shown_differences++ < 5) CHECK_MESSAGE(is == expected, id);
    }
    CHECK(shown_differences == 0);
    CHECK(store::verify_totals(database)->empty());
    for (const Feed& feed : provider.feeds()) {
      if (feed.scope != FeedScope::window) continue;
      const auto proof = coverage_of(database, provider, feed, {}, {});
      REQUIRE(proof);
      CHECK_MESSAGE(proof->holes.empty(), feed.name);
    }
    // A second full run writes no row.
    server.faults().clear();
    run_all();
    for (const SyncType type : {SyncType::calls, SyncType::recordings, SyncType::messages}) {
      const auto report = engine.run(provider, type, {});
      REQUIRE(report);
      CHECK(report->log.rows.inserted + report->log.rows.updated == 0);
    }
  });
}

template <class World>
Truth truth_of(const World& world) {
  Truth truth;
  world.each_call(year_begin, year_end,
                  [&](const TrueCall& call) { truth[call.external_call_id] = shown(call); });
  return truth;
}

TEST_SUITE("warehouse year [db]") {
  TEST_CASE("A year of Telnyx under all faults ends with exactly its truth and no hole") {
    ManualClock clock(year_begin + days(60));
    fakes::FakeTelnyx fake({.clock = &clock, .world = {.calls = calls_a_year}});
    live_a_year(clock, fake.server(), "/v2/detail_records",
                {.provider = "telnyx",
                 .base_url = fake.base_url(),
                 .key = Secret("KEYfake0123456789"),
                 .default_region = "AU"},
                telnyx::make_client, truth_of(fake.truth()));
  }

  TEST_CASE("A year of Retell under all faults ends with exactly its truth and no hole") {
    ManualClock clock(year_begin + days(60));
    fakes::FakeRetell fake({.clock = &clock, .world = {.calls = calls_a_year}});
    live_a_year(clock, fake.server(), "/v3/list-calls",
                {.provider = "retell",
                 .base_url = fake.base_url(),
                 .key = Secret("key_fake_0123456789abcdef"),
                 .default_region = "AU"},
                retell::make_client, truth_of(fake.truth()));
  }

  TEST_CASE("A year of Zadarma under all faults ends with exactly its truth and no hole") {
    ManualClock clock(year_begin + days(60));
    fakes::FakeZadarma fake({.clock = &clock, .world = {.calls = calls_a_year}});
    live_a_year(clock, fake.server(), "/v1/statistics/",
                {.provider = "zadarma",
                 .base_url = fake.base_url(),
                 .key = Secret("fakekey0123456789abc"),
                 .secret = Secret("fakesecret9876543210"),
                 .time_zone = "Australia/Sydney",
                 .default_region = "AU"},
                zadarma::make_client, truth_of(fake.truth()));
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
