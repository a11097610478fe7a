#include <doctest/doctest.h>

#include "base/decimal.hpp"
#include "warehouse/store/cell_text.hpp"
#include "warehouse/store/store_testing.hpp"

namespace trunkline::warehouse::store {
namespace {

using namespace std::string_literals;
using namespace trunkline::literals;

// Rows that are written together go by COPY on PostgreSQL, those that come alone by another statement.
constexpr int page_rows = 40;

constexpr std::string_view call_columns_shown =
    "external_call_id || '|' || coalesce(session_id, '-') || '|' || coalesce(disposition, '-') || '|' ||"
    " coalesce(transcript, '-') || '|' || coalesce(started_at::text, '-') || '|' ||"
    " coalesce(ended_at::text, '-') || '|' || coalesce(duration_seconds::text, '-') || '|' ||"
    " coalesce(cost::text, '-') || '|' || coalesce(cost_units::text, '-') || '|' || coalesce(currency, '-')"
    " || '|' || coalesce(call_date::text, '-') || '|' || status || '|' || coalesce(raw_data::text, '-') ||"
    " '|' || content_hash || '|' || synced_at::text || CASE WHEN is_primary = true THEN ' primary' ELSE ''"
    " END || CASE WHEN is_settled = true THEN ' settled' ELSE '' END || CASE WHEN has_recording = true THEN"
    " ' recorded' ELSE '' END || coalesce(source_hash::text, '-')";

std::string calls_of(std::string_view account) {
  return fmt::format("SELECT {} FROM telco.calls WHERE account = '{}' ORDER BY 1", call_columns_shown,
                     account);
}
const std::string together_sql = calls_of("together");
const std::string alone_sql = calls_of("alone");
const db::Statement calls_together{"test.calls_together", together_sql};
const db::Statement calls_alone{"test.calls_alone", alone_sql};
const db::Statement billing_counted{
    "test.billing_counted",
    "SELECT count(*)::text || ' ' || min(invoice_date)::text FROM telco.billing_items"};

Source source_of(std::string account) {
  return {.owner = {.provider_id = 2, .account = std::move(account)},
          .feed = "sip_trunking",
          .now = *parse_instant("2026-05-01T00:00:00Z")};
}

// Every kind of value there is, at the edges of what it can be.
std::vector<CallRow> various_calls() {
  const std::array amounts{"0"_decimal,           "0.0001666"_decimal,     "-0.05"_decimal,
                           "10000"_decimal,       "9999.99990001"_decimal, "1234567890.12345678"_decimal,
                           "-9999999999"_decimal, "100000000"_decimal,     "0.10"_decimal};
  const std::array texts{"tab\tline\nreturn\r"s, "\\N"s, "\\."s, "say \"x\\y\", {ü} 🎉"s, ""s};
  const std::array times{"1969-12-31T23:59:59.999999Z", "1999-12-31T23:59:59.5Z", "2000-01-01T00:00:00Z",
                         "2026-02-28T12:00:00.000001Z", "9998-12-31T23:59:59Z"};
  std::vector<CallRow> calls;
  for (std::size_t i = 0; i < page_rows; ++i) {
    CallRow call{.external_call_id = fmt::format("call {}", i), .status = CallStatus::completed};
    if (i % 3 != 0) call.cost = amounts[i % amounts.size()];
    if (i % 3 != 1) call.disposition = texts[i % texts.size()];
    if (i % 4 != 2) call.started_at = parse_instant(times[i % times.size()]);
    if (i % 5 == 2) call.ended_at = parse_instant(times[(i + 1) % times.size()]);
    if (i % 2 == 0) call.duration_seconds = static_cast<std::int64_t>(i) - 7;
    if (i % 7 == 0) call.transcript = std::string(70'000, 'x');
    call.is_settled = i % 2 == 0;
    call.has_recording = i % 6 == 0;
    call.raw_data = json::object({{"id", i}, {"text", texts[i % texts.size()]}});
    call.source_hash = i % 2 == 0 ? INT64_MIN : INT64_MAX;
    calls.push_back(std::move(call));
  }
  return calls;
}

TEST_SUITE("warehouse store in bulk [db]") {
  TEST_CASE("Rows that come together hold what they hold when they come alone") {
    with_warehouse([](db::Database& database) {
      const Store store(database, *TimeZone::find("Australia/Sydney"));
      const std::vector<CallRow> calls = various_calls();
      CHECK(write(store, source_of("together"), {.calls = calls}).inserted == page_rows);
      for (const CallRow& call : calls)
        CHECK(write(store, source_of("alone"), {.calls = {call}}).inserted == 1);
      const std::string together = all_of(database, calls_together);
      CHECK(std::ranges::count(together, '|') >= page_rows);
      CHECK(together == all_of(database, calls_alone));
    });
  }

  TEST_CASE("A value whose text only the database can read is stored all the same") {
    with_warehouse([](db::Database& database) {
      RowSet rows;
      for (int i = 0; i < page_rows; ++i)
        rows.billing.push_back({.item_key = fmt::format("item {}", i), .item_type = "invoice"});
      rows.billing.back().invoice_date = "2026-06-30 00:00:00";
      rows.billing.front().invoice_date = "2026-06-30 00:00:00";
      CHECK(write(Store(database, TimeZone::utc()), source_of("default"), rows).inserted == page_rows);
      CHECK(all_of(database, billing_counted).starts_with(fmt::format("{} 2026-06-30", page_rows)));
    });
  }

  TEST_CASE("What is no value of its kind is not written in the binary format") {
    BinaryRows rows(1);
    rows.begin_row();
    CHECK_FALSE(rows.add(Cell("2026-06-30T00:00:00Z"), ColumnKind::date));
    CHECK_FALSE(rows.add(Cell("June"), ColumnKind::date));
    CHECK_FALSE(rows.add(Cell("soon"), ColumnKind::time));
    CHECK_FALSE(rows.add(Cell("1e3"), ColumnKind::amount));
    CHECK_FALSE(rows.add(Cell(""), ColumnKind::amount));
    CHECK_FALSE(rows.add(Cell("1.5"), ColumnKind::integer));
  }
}

}  // namespace
}  // namespace trunkline::warehouse::store
