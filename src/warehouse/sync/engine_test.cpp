#include "warehouse/sync/engine.hpp"

#include <doctest/doctest.h>

#include "warehouse/store/store_testing.hpp"
#include "warehouse/store/totals.hpp"
#include "warehouse/sync/coverage.hpp"
#include "warehouse/sync/scripted_provider_testing.hpp"

namespace trunkline::warehouse::sync {
namespace {

using namespace trunkline::literals;

const db::Statement calls_counted{"test.sync_calls", "SELECT count(*)::text || '' FROM telco.calls"};
const db::Statement call_ids{"test.sync_ids",
                             "SELECT external_call_id || '/' || coalesce(cost_units::text, '-') || '/' || "
                             "coalesce(transcript, '-') || '/' || status FROM telco.calls ORDER BY 1"};
const db::Statement log_shown{
    "test.sync_log",
    "SELECT status || ' ' || trigger || ' ' || pages::text || ' ' || records_fetched::text || ' ' || "
    "records_inserted::text || ' ' || records_updated::text || ' ' || records_unchanged::text || ' ' ||"
    " coalesce(error_message, '-') FROM telco.sync_log ORDER BY id"};
const db::Statement watermark{
    "test.watermark", "SELECT coalesce(watermark::text, '-') FROM telco.sync_state WHERE feed = 'calls'"};
const db::Statement looked_for{"test.sync_looked_for", "SELECT looked_for_at::text || '' FROM telco.calls"};
const db::Statement recordings_shown{"test.sync_recordings",
                                     "SELECT external_recording_id || ' ' || status || ' ' || attempts::text "
                                     "FROM telco.recordings ORDER BY 1"};
const db::Statement break_run{
    "test.break_run",
    "INSERT INTO telco.sync_log (provider_id, account, sync_type, trigger, started_at, records_fetched,"
    " records_inserted, records_updated, records_unchanged, pages, requests, retries, status, created_at) "
    "VALUES (2,"
    " 'default', 'calls', 'schedule', $1::text::timestamptz, 0, 0, 0, 0, 0, 0, 0, 'running', "
    "$1::text::timestamptz)"};
const db::Statement hold_lease{"test.hold_lease",
                               "INSERT INTO telco.sync_leases (provider_id, account, sync_type, holder, "
                               "expires_at) VALUES (2, 'default',"
                               " 'calls', $1, $2)"};

Instant time(std::string_view text) {
  return *parse_instant(text);
}

struct Bench {
  explicit Bench(db::Database& opened) : database(opened) {}

  RunReport run(SyncType type = SyncType::calls, RunOptions options = {}) {
    const auto report = engine.run(provider, type, options);
    if (!report) FAIL(report.error().describe());
    return *report;
  }
  void add_calls(int count, std::string_view first_start, Duration apart) {
    for (int i = 0; i < count; ++i) {
      provider.calls.push_back({.external_call_id = "c" + std::to_string(1000 + provider.calls.size()),
                                .from_number = "+61290000000",
                                .direction = Direction::outbound,
                                .started_at = time(first_start) + apart * i,
                                .duration_seconds = 10,
                                .status = CallStatus::completed,
                                .cost = "0.25"_decimal,
                                .currency = "USD",
                                .is_settled = true,
                                .raw_data = json::object({{"i", i}})});
    }
  }
  std::string watermark_text() { return store::all_of(database, watermark).substr(0, 10); }

  db::Database& database;
  store::Store store{database, TimeZone::utc()};
  ManualClock clock{time("2026-05-01T00:00:00Z")};

  Engine engine{store, clock};
  ScriptedProvider provider{"telnyx"};
};

void with_bench(const std::function<void(Bench&)>& body) {
  store::with_warehouse([&](db::Database& database) {
    Bench bench(database);
    body(bench);
  });
}

TEST_SUITE("warehouse sync [db]") {
  TEST_CASE(
      "The first run looks back 90 days in parts; the second one re-reads the overlap and writes nothing") {
    with_bench([](Bench& bench) {
      bench.add_calls(45, "2026-02-10T00:00:00Z", hours(40));
      CHECK(bench.run().log.status == "success");
      CHECK(store::all_of(bench.database, calls_counted) == "45");
      CHECK(bench.provider.asked.size() == 3);
      CHECK(bench.provider.asked.front().begin == time("2026-01-31T00:00:00Z"));
      CHECK(bench.provider.asked.back().end == time("2026-05-01T00:00:00Z"));
      CHECK(bench.watermark_text() == "2026-05-01");
      bench.clock.advance(minutes(15));
      bench.provider.asked.clear();
      const RunReport again = bench.run();
      CHECK(again.log.rows.inserted + again.log.rows.updated == 0);
      CHECK(bench.provider.asked.size() == 1);
      CHECK(bench.provider.asked.front() ==
            Window{time("2026-04-30T00:00:00Z"), time("2026-05-01T00:15:00Z")});
      CHECK(store::verify_totals(bench.database)->empty());
    });
  }

  TEST_CASE("A run that breaks at any page is continued, and ends with the rows of one clean run") {
    for (int broken = 0; broken < 6; ++broken) {
      with_bench([broken](Bench& bench) {
        bench.add_calls(55, "2026-04-20T00:00:00Z", minutes(10));
        bench.provider.faults.fail_at_fetch = broken + 2;  // the first two windows have no calls
        const RunReport first = bench.run();
        CHECK(first.log.status == "partial");
        CHECK(first.log.problem.find("told to fail") != std::string::npos);
        const std::string mark = bench.watermark_text();
        CHECK(mark <= "2026-04-20");  // never past what is stored
        CHECK(bench.run().log.status == "success");
        CHECK(store::all_of(bench.database, calls_counted) == "55");
        CHECK(bench.watermark_text() == "2026-05-01");
        const auto coverage = coverage_of(bench.database, bench.provider, bench.provider.feeds()[0], {}, {});
        CHECK(coverage->holes.empty());
        CHECK(store::verify_totals(bench.database)->empty());
        const RunReport third = bench.run();
        CHECK(third.log.rows.inserted + third.log.rows.updated == 0);
      });
    }
  }

  TEST_CASE("Pages are committed in groups, each with the cursor behind it, whatever the size of a group") {
    for (const std::size_t group_rows : {1U, 25U, 1000U}) {
      with_bench([group_rows](Bench& bench) {
        Engine engine(bench.store, bench.clock, {.group_rows = group_rows});
        bench.add_calls(95, "2026-04-20T00:00:00Z", minutes(10));
        std::vector<std::int64_t> stored;  // how many rows are there whenever a group is committed
        RunOptions options;
        options.progress = [&](const Progress& progress) {
          const auto counted = bench.database.query(db::Scope::operations(), calls_counted, {});
          CHECK(std::to_string(progress.rows) == counted->front().text(0));
          stored.push_back(progress.rows);
        };
        bench.provider.faults.fail_at_fetch = 8;  // behind 60 rows
        CHECK(engine.run(bench.provider, SyncType::calls, options)->log.status == "partial");
        CHECK(stored.back() == 60);
        if (group_rows == 1) CHECK(stored.size() == 8);
        if (group_rows == 25) CHECK(std::ranges::find(stored, 30) != stored.end());
        // The next run goes on at the cursor: it reads what was left and nothing twice.
        const auto rest = engine.run(bench.provider, SyncType::calls, {});
        CHECK(rest->log.status == "success");
        CHECK(rest->log.rows.received == 35);
        CHECK(store::all_of(bench.database, calls_counted) == "95");
        CHECK(store::verify_totals(bench.database)->empty());
      });
    }
  }

  TEST_CASE("After a broken run the watermark is at the end of what is unbroken, or not moved (section 4)") {
    for (const bool rising : {true, false}) {
      with_bench([rising](Bench& bench) {
        bench.provider.editable_feeds().front().order =
            rising ? FeedOrder::ascending : FeedOrder::newest_first;
        bench.add_calls(20, "2026-04-01T00:00:00Z", hours(1));
        REQUIRE(bench.run().log.status == "success");
        bench.clock.advance(days(3));
        bench.add_calls(30, "2026-05-01T01:00:00Z", hours(1));
        bench.provider.faults.fail_at_fetch = bench.provider.fetches + 1;
        CHECK(bench.run().log.status == "partial");
        CHECK(store::all_of(bench.database, watermark).substr(0, 13) ==
              (rising
                   ? std::string(bench.database.engine() == "sqlite" ? "2026-05-01T10" : "2026-05-01 10")
                   : std::string(bench.database.engine() == "sqlite" ? "2026-05-01T00" : "2026-05-01 00")));
        CHECK(bench.run().log.status == "success");
        CHECK(store::all_of(bench.database, calls_counted) == "50");
      });
    }
  }

  TEST_CASE("A cursor that comes again is told and not followed for ever") {
    with_bench([](Bench& bench) {
      bench.add_calls(50, "2026-04-20T00:00:00Z", minutes(1));
      bench.provider.faults.repeat_cursor = true;
      const RunReport report = bench.run();
      CHECK(report.log.status == "partial");
      CHECK(report.log.problem.find("cursor twice") != std::string::npos);
      CHECK(bench.provider.fetches < 30);
    });
  }

  TEST_CASE(
      "A row that slips between two shifting pages is found by the total, and the window is read again") {
    with_bench([](Bench& bench) {
      bench.provider.editable_feeds().front().order = FeedOrder::newest_first;
      bench.add_calls(50, "2026-04-20T00:00:00Z", minutes(1));
      bench.provider.says_total = true;
      bench.provider.faults.skip_a_row_once = true;
      CHECK(bench.run().log.status == "success");
      CHECK(store::all_of(bench.database, calls_counted) == "50");
    });
  }

  TEST_CASE(
      "A total that is never reached is a hole: reported, named, and filled once the provider is honest") {
    with_bench([](Bench& bench) {
      bench.add_calls(50, "2026-04-20T00:00:00Z", minutes(1));
      bench.provider.says_total = true;
      bench.provider.faults.lie_about_total = 3;
      const RunReport report = bench.run();
      CHECK(report.log.status != "success");
      CHECK(report.log.problem.find("gave") != std::string::npos);
      const Feed& feed = bench.provider.feeds()[0];
      auto coverage = coverage_of(bench.database, bench.provider, feed, {}, {});
      CHECK_FALSE(coverage->holes.empty());
      CHECK_FALSE(coverage->unproven.empty());
      CHECK(percent_of_day(*coverage, time("2026-02-05T00:00:00Z")) < 100);
      bench.provider.faults.lie_about_total = 0;
      for (const Window& hole : coverage->holes)
        CHECK(bench.run(SyncType::calls, {.from = hole.begin, .to = hole.end}).log.status == "success");
      coverage = coverage_of(bench.database, bench.provider, feed, {}, {});
      CHECK(coverage->holes.empty());
      CHECK(percent_of_day(*coverage, time("2026-02-05T00:00:00Z")) == 100);
    });
  }

  TEST_CASE("A page that cannot be read stops that window, keeps what is stored and says where") {
    with_bench([](Bench& bench) {
      bench.add_calls(25, "2026-04-20T00:00:00Z", minutes(1));
      bench.provider.faults = {.fail_at_fetch = 3, .failure = warehouse::error_codes::provider_malformed};
      const RunReport report = bench.run();
      CHECK(report.log.status == "partial");
      CHECK(store::all_of(bench.database, calls_counted) == "10");
      CHECK(report.log.problem.find("calls:") == 0);
    });
  }

  TEST_CASE("Runs of one kind never overlap; what a dead run left is marked and taken over (sections 3, 7)") {
    with_bench([](Bench& bench) {
      REQUIRE(bench.database.execute(db::Scope::operations(), break_run,
                                     {store::stored_time(bench.clock.now())}));
      REQUIRE(bench.database.execute(db::Scope::operations(), hold_lease,
                                     {"elsewhere/1/2/3", bench.clock.now() + minutes(1)}));
      CHECK(bench.run().log.status == "skipped");
      bench.clock.advance(minutes(2));
      CHECK(bench.run().log.status == "success");
      CHECK(store::all_of(bench.database, log_shown) ==
            "failed schedule 0 0 0 0 0 interrupted\n"
            "skipped manual 0 0 0 0 0 another run of this kind is under way\n"
            "success manual 3 0 0 0 0 -");
      // A second start while the first one runs.
      bench.add_calls(1, "2026-04-30T00:00:00Z", minutes(1));
      std::string inner;
      bench.provider.before_fetch = [&] {
        bench.provider.before_fetch = {};
        inner = bench.run().log.status;
      };
      CHECK(bench.run().log.status == "success");
      CHECK(inner == "skipped");
    });
  }

  TEST_CASE("A cost that comes late is looked for once a day for 30 days (section 4)") {
    with_bench([](Bench& bench) {
      bench.add_calls(1, "2026-04-10T00:00:00Z", minutes(1));
      bench.provider.calls.front().cost.reset();
      bench.provider.calls.front().is_settled = false;
      bench.run();
      bench.provider.calls.front().cost = "0.5"_decimal;
      bench.clock.advance(minutes(15));
      const std::string looked = store::all_of(bench.database, looked_for);
      bench.run();                                                 // looked for by the first run already
      CHECK(store::all_of(bench.database, looked_for) == looked);  // and not even noted again
      CHECK(store::all_of(bench.database, call_ids) == "c1000/-/-/completed");
      bench.clock.advance(days(1) + minutes(1));
      bench.provider.asked.clear();
      const RunReport report = bench.run();
      CHECK(report.log.rows.updated == 1);
      CHECK(bench.provider.asked.front().begin == time("2026-04-10T00:00:00Z"));
      CHECK(store::all_of(bench.database, call_ids) == "c1000/50000000/-/completed");
      bench.clock.advance(days(2));
      bench.provider.asked.clear();
      bench.run();
      CHECK(bench.provider.asked.front().begin > time("2026-04-30T00:00:00Z"));
    });
  }

  TEST_CASE(
      "Calls are read in full when their list row is new or changed, and while they are open (section 4)") {
    with_bench([](Bench& bench) {
      bench.provider.editable_feeds().front().wants_call_detail = true;
      bench.add_calls(2, "2026-04-30T10:00:00Z", minutes(1));
      for (CallRow& call : bench.provider.calls) {
        call.is_settled = false;
        call.cost.reset();
        call.status = CallStatus::in_progress;
      }
      int details = 0;
      std::optional<Decimal> cost;
      bench.provider.detail = [&](std::string_view id) -> Result<RowSet> {
        ++details;
        if (id == "c1001") return fail(warehouse::error_codes::provider_gone, "deleted by retention");
        RowSet rows;
        rows.calls.push_back(bench.provider.calls.front());
        rows.calls.front().transcript = "Agent: hello";
        rows.calls.front().cost = cost;
        rows.calls.front().is_settled = cost.has_value();
        rows.calls.front().status = cost ? CallStatus::completed : CallStatus::in_progress;
        rows.calls.front().revision.standing = Standing::detail;
        return rows;
      };
      bench.run();
      CHECK(details == 2);
      bench.clock.advance(minutes(15));
      cost = "0.125"_decimal;
      bench.run();  // the list row is as it was; the open call is asked for, the deleted one is not
      CHECK(details == 3);
      CHECK(store::all_of(bench.database, call_ids) ==
            "c1000/12500000/Agent: hello/completed\nc1001/-/-/in_progress");
      bench.clock.advance(minutes(15));
      bench.run();
      CHECK(details == 3);
    });
  }

  TEST_CASE(
      "A missing recording is asked for on each run for 48 hours, then marked unavailable (section 4)") {
    with_bench([](Bench& bench) {
      bench.provider.recordings_on_page.push_back({.external_recording_id = "1439981389.2702773",
                                                   .external_call_id = "in_1",
                                                   .created_at = time("2026-04-30T23:59:30Z"),
                                                   .raw_data = {}});
      int asked = 0;
      bench.provider.recording = [&](const WantedRecording& wanted) -> Result<RecordingRow> {
        ++asked;
        CHECK(wanted.external_recording_id == "1439981389.2702773");
        return fail(warehouse::error_codes::provider_refused, "no file yet");
      };
      bench.run();
      bench.run(SyncType::recordings);
      CHECK(asked == 0);  // 30 s after the call
      bench.clock.advance(minutes(1));
      bench.run(SyncType::recordings);
      CHECK(store::all_of(bench.database, recordings_shown) == "1439981389.2702773 wanted 1");
      bench.clock.advance(days(3));
      bench.run(SyncType::recordings);
      CHECK(store::all_of(bench.database, recordings_shown) == "1439981389.2702773 unavailable 2");
      bench.run(SyncType::recordings);
      CHECK(asked == 2);
    });
  }

  TEST_CASE("Windows that join leave no hole") {
    const auto window = [](int from, int to) { return Window{Instant(hours(from)), Instant(hours(to))}; };
    CHECK(joined({window(3, 5), window(0, 2), window(2, 3)}) == std::vector{window(0, 5)});
    CHECK(joined({window(3, 5), window(0, 2), window(4, 4)}) == std::vector{window(0, 2), window(3, 5)});
    CHECK(holes_in(window(0, 10), {window(1, 2), window(4, 12)}) == std::vector{window(0, 1), window(2, 4)});
    CHECK(holes_in(window(0, 10), {}) == std::vector{window(0, 10)});
  }

  TEST_CASE("Exit codes: 0 success, 2 partial, 1 failed (section 7)") {
    const auto with = [](std::vector<std::string> statuses) {
      std::vector<RunReport> reports;
      for (std::string& status : statuses) reports.push_back({.log = {.status = std::move(status)}});
      return exit_code(reports);
    };
    CHECK(with({"success", "skipped"}) == 0);
    CHECK(with({"success", "partial"}) == 2);
    CHECK(with({"success", "failed"}) == 2);
    CHECK(with({"failed"}) == 1);
  }
}

}  // namespace
}  // namespace trunkline::warehouse::sync
