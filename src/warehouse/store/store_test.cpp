#include <doctest/doctest.h>

#include "base/decimal.hpp"
#include "warehouse/store/store_testing.hpp"
#include "warehouse/store/totals.hpp"

namespace trunkline::warehouse::store {
namespace {

using namespace trunkline::literals;

const db::Statement calls_shown{
    "test.calls",
    "SELECT external_call_id || ' ' || coalesce(status, '-') || ' ' || "
    "coalesce(telco.money(cost_units)::text, '-')"
    " || ' ' || coalesce(currency, '-') || ' ' || CASE WHEN is_primary = true THEN 'primary' ELSE 'other' END"
    " || ' ' || coalesce(from_number, '-') || '>' || coalesce(to_number, '-') || ' ' || coalesce(shadow_of, "
    "'-')"
    " FROM telco.calls ORDER BY external_call_id"};
const db::Statement daily_shown{
    "test.daily",
    "SELECT call_date::text || ' ' || provider || ' ' || direction || ' ' || coalesce(currency, '-') || ' ' "
    "||"
    " total_calls::text || ' ' || completed_calls::text || ' ' || total_duration::text || ' ' ||"
    " coalesce(total_cost::text, '-') FROM telco.daily_call_summary ORDER BY 1"};
const db::Statement monthly_shown{
    "test.monthly",
    "SELECT month::text || ' ' || provider || ' ' || coalesce(currency, '-') || ' ' || total_calls::text || "
    "' ' ||"
    " coalesce(call_costs::text, '-') || ' ' || coalesce(number_rental::text, '-')"
    " FROM telco.monthly_cost_summary ORDER BY 1"};
const db::Statement recordings_shown{
    "test.recordings",
    "SELECT r.external_recording_id || ' ' || coalesce(c.external_call_id, 'loose') || ' ' ||"
    " coalesce(c.recording_url, '-') FROM telco.recordings r LEFT JOIN telco.calls c ON c.id = r.call_id"
    " ORDER BY 1"};
const db::Statement charges_shown{
    "test.charges",
    "SELECT h.external_charge_id || ' ' || h.component || ' ' || telco.money(h.amount_units)::text || ' ' ||"
    " coalesce(c.external_call_id, 'loose') FROM telco.call_charges h LEFT JOIN telco.calls c ON c.id = "
    "h.call_id"
    " ORDER BY 1"};
const db::Statement numbers_shown{
    "test.numbers",
    "SELECT phone_number || ' ' || coalesce(status, '-') || ' ' || CASE WHEN "
    "released_at IS NULL THEN 'held' ELSE 'released' END FROM telco.phone_numbers "
    "ORDER BY phone_number"};
const db::Statement balances_counted{"test.balances_counted",
                                     "SELECT count(*)::text || '' FROM telco.balance_snapshots"};
const db::Statement spoil_totals{"test.spoil", "UPDATE telco.call_totals SET calls = calls + 1"};

Instant time(std::string_view text) {
  return *parse_instant(text);
}

Source source_of(std::int64_t provider, std::string feed, std::string_view now = "2026-05-01T00:00:00Z") {
  return {
      .owner = {.provider_id = provider, .account = "default"}, .feed = std::move(feed), .now = time(now)};
}

CallRow call(std::string id, std::string_view start, std::optional<Decimal> cost = {}) {
  return {.external_call_id = std::move(id),
          .from_number = "+61290000000",
          .to_number = "+61412345678",
          .direction = Direction::outbound,
          .started_at = time(start),
          .duration_seconds = 61,
          .status = CallStatus::completed,
          .cost = cost,
          .currency = "USD",
          .raw_data = json::object({{"id", 1}, {"text", "say \"x\\y\", {ü}"}})};
}

TEST_SUITE("warehouse store [db]") {
  TEST_CASE("The same rows again change nothing, and inserted, updated and unchanged are told apart (6.3)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      RowSet rows;
      for (int i = 0; i < 300; ++i)
        rows.calls.push_back(call("c" + std::to_string(i), "2026-04-01T10:00:00.123Z", "0.00016660"_decimal));
      rows.calls.push_back(rows.calls.front());  // a duplicate
      const Written first = write(store, source_of(2, "sip_trunking"), rows);
      CHECK(first.received == 301);
      CHECK(first.inserted == 300);
      CHECK(first.distinct() == 300);
      const Written again = write(store, source_of(2, "sip_trunking"), rows);
      CHECK(again.unchanged == 300);
      CHECK(again.inserted + again.updated == 0);
      rows.calls[7].cost = "0.5"_decimal;
      const Written changed = write(store, source_of(2, "sip_trunking"), rows);
      CHECK(changed.updated == 1);
      CHECK(changed.unchanged == 299);
      REQUIRE(changed.cost_changes.size() == 1);
      CHECK(changed.cost_changes.front().before == "0.0001666");
      CHECK(changed.cost_changes.front().after == "0.5");
      CHECK(all_of(database, daily_shown) == "2026-04-01 telnyx outbound USD 300 300 18300 0.54981340");
      CHECK(verify_totals(database)->empty());
    });
  }

  TEST_CASE(
      "A thinner source erases nothing, a cost never goes back to none, an ended call never runs (6.3)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      RowSet rich;
      rich.calls.push_back(call("c", "2026-04-01T10:00:00Z", "1.5"_decimal));
      write(store, source_of(3, "calls"), rich);
      RowSet thin;
      thin.calls.push_back({.external_call_id = "c", .status = CallStatus::in_progress, .raw_data = {}});
      const Written written = write(store, source_of(3, "calls"), thin);
      CHECK(written.updated + written.unchanged == 1);
      CHECK(all_of(database, calls_shown) ==
            "c completed 1.50000000 USD primary +61290000000>+61412345678 -");
    });
  }

  TEST_CASE("Webhook before poll and poll before webhook lead to the same row (6.3)") {
    const auto final_text = [](bool webhook_first) {
      std::string shown;
      with_warehouse([&](db::Database& database) {
        const Store store(database, TimeZone::utc());
        RowSet polled;
        polled.calls.push_back(call("c", "2026-04-01T10:00:00Z", "1.5"_decimal));
        RowSet event;
        event.calls.push_back({.external_call_id = "c",
                               .from_number = "+61290000000",
                               .duration_seconds = 60,
                               .status = CallStatus::failed,
                               .sentiment = "positive",
                               .raw_data = json::object({{"event", true}}),
                               .revision = {.standing = Standing::ended_event}});
        write(store, source_of(2, "sip_trunking"), webhook_first ? event : polled);
        write(store, source_of(2, "sip_trunking"), webhook_first ? polled : event);
        shown = all_of(database, calls_shown) + all_of(database, daily_shown);
        CHECK(write(store, source_of(2, "sip_trunking"), polled).unchanged == 1);
        CHECK(write(store, source_of(2, "sip_trunking"), event).unchanged == 1);
        CHECK(verify_totals(database)->empty());
      });
      return shown;
    };
    CHECK(final_text(true) == final_text(false));
  }

  TEST_CASE(
      "Of the legs of a Telnyx session the one with the highest cost is primary; sums count all (6.4)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      const auto leg = [](std::string id, std::optional<Decimal> cost, Direction side) {
        CallRow row = call(std::move(id), "2026-04-01T23:59:59Z", cost);
        row.session_id = "s";
        row.leg_direction = side;
        return row;
      };
      RowSet first;
      first.calls.push_back(leg("a", "0.1"_decimal, Direction::inbound));
      write(store, source_of(2, "sip_trunking"), first);
      CHECK(all_of(database, calls_shown).find("a completed 0.10000000 USD primary") == 0);
      RowSet second;
      second.calls.push_back(leg("b", "0.2"_decimal, Direction::outbound));
      write(store, source_of(2, "sip_trunking"), second);
      CHECK(all_of(database, calls_shown) ==
            "a completed 0.10000000 USD other +61290000000>+61412345678 -\n"
            "b completed 0.20000000 USD primary +61290000000>+61412345678 -");
      CHECK(all_of(database, daily_shown) == "2026-04-01 telnyx outbound USD 1 1 61 0.30000000");
      // A tie: the leg that faces as the call does.
      RowSet tie;
      tie.calls.push_back(leg("a", "0.2"_decimal, Direction::inbound));
      write(store, source_of(2, "sip_trunking"), tie);
      CHECK(all_of(database, calls_shown).find("b completed 0.20000000 USD primary") != std::string::npos);
      CHECK(verify_totals(database)->empty());
    });
  }

  TEST_CASE("A Zadarma PBX call takes the cost and the number of its statistics row, in either order (6.4)") {
    const auto shown_after = [](std::vector<int> order) {
      std::string shown;
      with_warehouse([&](db::Database& database) {
        const Store store(database, TimeZone::utc());
        CallRow exchange = call("out_1", "2026-04-01T10:01:00Z");
        exchange.from_number = "100";
        exchange.currency.reset();
        exchange.session_id = "out_1";
        const CallRow near = call("501", "2026-04-01T10:02:30Z", "0.25"_decimal);
        const CallRow far = call("502", "2026-04-01T10:02:59Z", "0.75"_decimal);
        const std::vector<std::pair<std::string, CallRow>> pages{
            {"pbx", exchange}, {"statistics", near}, {"statistics", far}};
        for (const int page : order) {
          RowSet rows;
          rows.calls.push_back(pages[static_cast<std::size_t>(page)].second);
          write(store, source_of(1, pages[static_cast<std::size_t>(page)].first), rows);
          CHECK(verify_totals(database)->empty());
        }
        RowSet repeat;
        repeat.calls.push_back(near);
        CHECK(write(store, source_of(1, "statistics"), repeat).unchanged == 1);
        shown = all_of(database, calls_shown) + "\n" + all_of(database, daily_shown);
        CHECK(all_of(database, charges_shown).find("trunk:501 trunk 0.25000000 out_1") != std::string::npos);
        // A cost that comes late finds its way to the PBX row.
        repeat.calls.front().cost = "0.26"_decimal;
        write(store, source_of(1, "statistics"), repeat);
        CHECK(all_of(database, calls_shown).find("out_1 completed 0.26000000 USD") != std::string::npos);
        CHECK(verify_totals(database)->empty());
      });
      return shown;
    };
    const std::string expected =
        "501 completed - USD other +61290000000>+61412345678 out_1\n"
        "502 completed 0.75000000 USD primary +61290000000>+61412345678 -\n"
        "out_1 completed 0.25000000 USD primary +61290000000>+61412345678 -\n"
        "2026-04-01 zadarma outbound USD 2 2 122 1.00000000";
    CHECK(shown_after({0, 1, 2}) == expected);
    CHECK(shown_after({2, 0, 1}) == expected);
    CHECK(shown_after({1, 2, 0}) == expected);
  }

  TEST_CASE("A recording waits for its call, and a charge for its session (6.2)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      RowSet early;
      early.recordings.push_back({.external_recording_id = "r1",
                                  .external_call_id = "c",
                                  .recording_url = "https://x/r1.mp3?sig=1",
                                  .duration_seconds = 9,
                                  .raw_data = {}});
      early.charges.push_back({.external_charge_id = "amd1",
                               .session_id = "s",
                               .component = "amd",
                               .amount = "0.0065"_decimal,
                               .currency = "USD",
                               .raw_data = {}});
      write(store, source_of(2, "recordings"), early);
      CHECK(all_of(database, recordings_shown) == "r1 loose -");
      RowSet later;
      later.calls.push_back(call("c", "2026-04-01T10:00:00Z"));
      later.calls.front().session_id = "s";
      write(store, source_of(2, "sip_trunking"), later);
      CHECK(all_of(database, recordings_shown) == "r1 c https://x/r1.mp3?sig=1");
      CHECK(all_of(database, charges_shown) == "amd1 amd 0.00650000 c");
      // A link that was signed anew is the same recording.
      early.recordings.front().recording_url = "https://x/r1.mp3?sig=2";
      CHECK(write(store, source_of(2, "recordings"), early).updated == 0);
    });
  }

  TEST_CASE("Numbers that a full listing no longer has are released, and come back (section 2, no. 14)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      const Feed feed{.name = "phone_numbers",
                      .type = SyncType::phone_numbers,
                      .scope = FeedScope::listing,
                      .lists_phone_numbers = true};
      const auto list_on = [&](std::string_view now, const std::vector<std::string>& numbers) {
        RowSet rows;
        for (const std::string& number : numbers) {
          rows.phone_numbers.push_back({.phone_number = number,
                                        .status = "active",
                                        .monthly_cost = "1.5"_decimal,
                                        .currency = "USD",
                                        .held_since = time("2026-03-20T00:00:00Z"),
                                        .metadata = {}});
        }
        const Source source = source_of(2, feed.name, now);
        write(store, source, rows);
        const auto released = database.transact(db::Scope::operations(), [&](db::Transaction& transaction) {
          store.release_missing(transaction, source, feed, source.now);
        });
        REQUIRE(released);
      };
      list_on("2026-04-10T00:00:00Z", {"+61290000000", "+61290000001"});
      list_on("2026-04-11T00:00:00Z", {"+61290000000"});
      CHECK(all_of(database, numbers_shown) == "+61290000000 active held\n+61290000001 released released");
      list_on("2026-04-12T00:00:00Z", {"+61290000000", "+61290000001"});
      CHECK(all_of(database, numbers_shown) == "+61290000000 active held\n+61290000001 active held");
      // Rental by the months in which a number was held, billed items first (section 2, no. 1).
      CHECK(all_of(database, monthly_shown) ==
            "2026-03-01 telnyx USD 0 - 3.00000000\n2026-04-01 telnyx USD 0 - 3.00000000");
      RowSet billed;
      billed.billing.push_back({.item_key = "breakdown|2026-03|number_rental|+61290000000",
                                .item_type = "number_rental",
                                .total = "1.25"_decimal,
                                .currency = "USD",
                                .period_start = "2026-03-01",
                                .period_end = "2026-03-31",
                                .phone_number = "+61290000000",
                                .raw_data = {}});
      write(store, source_of(2, "charges_breakdown"), billed);
      CHECK(write(store, source_of(2, "charges_breakdown"), billed).unchanged == 1);  // no. 6
      CHECK(all_of(database, monthly_shown) ==
            "2026-03-01 telnyx USD 0 - 2.75000000\n2026-04-01 telnyx USD 0 - 3.00000000");
    });
  }

  TEST_CASE("A balance is kept when it changed or an hour passed (section 2, no. 6)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, TimeZone::utc());
      const auto snapshot = [&](std::string_view now, Decimal balance) {
        RowSet rows;
        rows.balances.push_back({.balance = balance, .currency = "USD", .raw_data = {}});
        return write(store, source_of(1, "balance", now), rows).inserted;
      };
      CHECK(snapshot("2026-04-01T10:05:00Z", "10.5"_decimal) == 1);
      CHECK(snapshot("2026-04-01T10:20:00Z", "10.50"_decimal) == 0);
      CHECK(snapshot("2026-04-01T10:35:00Z", "9.25"_decimal) == 1);
      CHECK(snapshot("2026-04-01T10:50:00Z", "9.25"_decimal) == 0);
      CHECK(snapshot("2026-04-01T11:05:00Z", "9.25"_decimal) == 1);
      CHECK(all_of(database, balances_counted) == "3");
    });
  }

  TEST_CASE("Days are those of the reporting time zone, and currencies are never added together (no. 2, 5)") {
    with_warehouse([](db::Database& database) {
      const Store store(database, *TimeZone::find("Australia/Sydney"));
      RowSet rows;
      rows.calls.push_back(call("a", "2026-06-30T14:00:00Z", "1"_decimal));
      rows.calls.push_back(call("b", "2026-06-30T13:59:59Z", "2"_decimal));
      rows.calls.push_back(call("c", "2026-06-30T14:00:00Z", "4"_decimal));
      rows.calls.back().currency = "EUR";
      rows.calls.push_back(
          {.external_call_id = "d", .started_at = time("2026-06-30T14:00:00Z"), .raw_data = {}});
      rows.calls.push_back({.external_call_id = "no start", .raw_data = {}});
      write(store, source_of(2, "sip_trunking"), rows);
      CHECK(all_of(database, daily_shown) ==
            "2026-06-30 telnyx outbound USD 1 1 61 2.00000000\n"
            "2026-07-01 telnyx outbound EUR 1 1 61 4.00000000\n"
            "2026-07-01 telnyx outbound USD 1 1 61 1.00000000\n"
            "2026-07-01 telnyx unknown - 1 0 0 -");
      CHECK(verify_totals(database)->empty());
      REQUIRE(database.execute(db::Scope::operations(), spoil_totals, {}));
      CHECK(verify_totals(database)->size() == 4);
      REQUIRE(rebuild_totals(database));
      CHECK(verify_totals(database)->empty());
    });
  }
}

}  // namespace
}  // namespace trunkline::warehouse::store
