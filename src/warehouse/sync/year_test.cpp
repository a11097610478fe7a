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
#include "warehouse/sync/view_figures_testing.hpp"
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

// What must be in the warehouse at the end, as the fake computes it from its world.
struct Truth {
  std::vector<TrueCall> call_rows;
  std::function<std::vector<fakes::TrueRental>(Instant until)> rentals;
  Sheet calls;
  Sheet messages;
  Sheet recordings;
  std::optional<Sheet> charges;  // nothing: the provider has none of its own
};

std::string shown(const std::optional<std::string>& text) {
  return text.value_or("-");
}
std::string shown(const std::optional<Decimal>& amount) {
  return amount ? amount->to_text() : "-";
}
std::string shown(const std::optional<Instant>& instant) {
  return instant ? store::stored_time(*instant) : "-";
}

std::string shown(const TrueCall& call) {
  return fmt::format("{} {}>{} {} {} {}s {} {} {} {} {} {}", shown(call.session_id), shown(call.from_number),
                     shown(call.to_number), shown(call.direction), store::stored_time(call.started_at),
                     call.duration_seconds,
                     call.billable_seconds ? std::to_string(*call.billable_seconds) : "-", call.status,
                     shown(call.disposition), shown(call.cost), shown(call.currency),
                     call.is_primary ? "true" : "false");
}
// A message's times come in whole seconds in the list and with their fraction when it is read by itself.
std::string to_second(std::string_view time) {
  return std::string(time.substr(0, 19));
}

std::string shown(const fakes::TrueMessage& message) {
  return fmt::format("{}>{} {} {} {} {} {} {} {}", message.from_number, message.to_number, message.direction,
                     message.status, to_second(shown(message.sent_at)),
                     to_second(shown(message.delivered_at)), message.segments, shown(message.cost),
                     shown(message.currency));
}
std::string shown(const fakes::TrueRecording& recording) {
  return fmt::format("{} {}s linked", recording.external_call_id, recording.duration_seconds);
}
std::string shown(const fakes::TrueCharge& charge) {
  return fmt::format("{} {} {} {}", charge.session_id, charge.component, charge.amount.to_text(),
                     charge.currency);
}

// Every row of a table, by these columns.
std::vector<std::vector<std::string>> rows_of(db::Database& database, std::string_view name,
                                              const std::vector<std::string_view>& columns) {
  const store::ExportTable& table = *store::find_export_table(name);
  std::vector<std::vector<std::string>> rows;
  store::ExportPage page;
  while (!page.is_last) {
    const auto next =
        store::export_page(database, table, year_begin - days(400), year_end + days(400), page.last);
    REQUIRE(next);
    page = *next;
    for (const store::Record& record : page.rows) {
      std::vector<std::string>& row = rows.emplace_back();
      for (const std::string_view column : columns) {
        const auto place = std::ranges::find(table.columns, column, &store::Column::name);
        REQUIRE(place != table.columns.end());
        row.push_back(record[static_cast<std::size_t>(place - table.columns.begin())].value_or("-"));
      }
    }
  }
  return rows;
}

// The first column is the id; the others are put in the places of the pattern.
Sheet sheet_of(db::Database& database, std::string_view table, const std::vector<std::string_view>& columns,
               std::string_view pattern) {
  Sheet sheet;
  for (const auto& row : rows_of(database, table, columns)) {
    std::string text;
    std::size_t next = 1;
    for (const char character : pattern) {
      if (character == '#') {
        text += row[next++];
      } else {
        text += character;
      }
    }
    sheet[row[0]] = text;
  }
  return sheet;
}

void check_rows(db::Database& database, const Truth& truth) {
  check_sheet("calls",
              sheet_of(database, "calls",
                       {"external_call_id", "session_id", "from_number", "to_number", "direction",
                        "started_at", "duration_seconds", "billable_seconds", "status", "disposition", "cost",
                        "currency", "is_primary"},
                       "# #># # # #s # # # # # #"),
              truth.calls);
  Sheet messages;
  for (const auto& row : rows_of(database, "messages",
                                 {"external_message_id", "from_number", "to_number", "direction", "status",
                                  "sent_at", "delivered_at", "segments", "cost", "currency"})) {
    messages[row[0]] = fmt::format("{}>{} {} {} {} {} {} {} {}", row[1], row[2], row[3], row[4],
                                   to_second(row[5]), to_second(row[6]), row[7], row[8], row[9]);
  }
  check_sheet("messages", messages, truth.messages);
  check_sheet("recordings",
              sheet_of(database, "recordings",
                       {"external_recording_id", "external_call_id", "duration_seconds", "status"}, "# #s #"),
              truth.recordings);
  if (!truth.charges) return;
  check_sheet("charges",
              sheet_of(database, "call_charges",
                       {"external_charge_id", "session_id", "component", "amount", "currency"}, "# # # #"),
              *truth.charges);
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
    std::map<std::string, LastRuns> runs;
    const auto run_all = [&] {
      bool all_well = true;
      for (const SyncType type : all_sync_types) {
        const auto report = engine.run(provider, type, {.trigger = "schedule"});
        REQUIRE(report);
        LastRuns& times = runs[std::string(to_text(type))];
        times.start = report->log.started_at;
        if (report->log.status == "success") times.success = clock.now();
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
    check_rows(database, truth);
    check_views(database, {.calls = truth.call_rows, .rentals = truth.rentals(clock.now()), .runs = runs});
    CHECK(store::verify_totals(database)->empty());
    for (const Feed& feed : provider.feeds()) {
      if (feed.scope == FeedScope::listing) {
        const auto proof = listing_of(database, provider, feed);
        REQUIRE(proof);
        CHECK_MESSAGE(proof->is_proven(), feed.name);
        CHECK_MESSAGE(!proof->last->end_said.empty(), feed.name);
      }
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
  world.each_call(year_begin, year_end, [&](const TrueCall& call) {
    truth.call_rows.push_back(call);
    truth.calls[call.external_call_id] = shown(call);
  });
  world.each_recording(year_begin, year_end, [&](const fakes::TrueRecording& recording) {
    truth.recordings[recording.external_recording_id] = shown(recording);
  });
  if constexpr (requires { &World::each_message; }) {
    world.each_message(year_begin, year_end, [&](const fakes::TrueMessage& message) {
      truth.messages[message.external_message_id] = shown(message);
    });
  }
  truth.rentals = [&world](Instant until) {
    std::vector<fakes::TrueRental> rentals;
    if constexpr (requires { &World::each_rental; })
      world.each_rental(until, [&](const fakes::TrueRental& rental) { rentals.push_back(rental); });
    return rentals;
  };
  if constexpr (requires { &World::each_charge; }) {
    world.each_charge(year_begin, year_end, [&](const fakes::TrueCharge& charge) {
      if (!truth.charges) truth.charges.emplace();
      (*truth.charges)[charge.external_charge_id] = shown(charge);
    });
  }
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
                 .default_region = "AU",
                 .feeds_on = {"amd", "recording_charges"}},
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
