#include "warehouse/zadarma/mapping.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::zadarma;
using namespace trunkline::warehouse::testing;

namespace {

const TimeZone& sydney() {
  static const TimeZone zone = *TimeZone::find("Australia/Sydney");
  return zone;
}
Reading reading() {
  return {.zone = sydney(), .default_region = "AU"};
}

std::string line_of(const CallRow& call) {
  return fmt::format("{} {} {}>{} {} {}s {} cost {} {}", call.external_call_id, shown(call.direction),
                     shown(call.from_number), shown(call.to_number), shown(call.started_at),
                     shown(call.duration_seconds), to_text(call.status), shown(call.cost),
                     shown(call.currency));
}

using ReadCall = Result<CallRow> (*)(const json::Value&, const Reading&);

std::vector<std::string> lines_of(std::string_view name, ReadCall read) {
  std::vector<std::string> lines;
  const json::Value page = fixture(__FILE__, name);
  for (const json::Value& row : *page.find("stats")->as_array()) {
    const Result<CallRow> call = read(row, reading());
    REQUIRE(call);
    lines.push_back(line_of(*call));
  }
  return lines;
}

std::map<std::string, json::Array> legs_by_call(std::string_view name) {
  std::map<std::string, json::Array> calls;
  const json::Value page = fixture(__FILE__, name);
  for (const json::Value& row : *page.find("stats")->as_array()) {
    const Result<std::string> id = pbx_call_of(row, reading());
    REQUIRE(id);
    calls[*id].push_back(row);
  }
  return calls;
}

}  // namespace

// contracts/warehouse.md, section 6.1.
TEST_SUITE("zadarma mapping") {
  TEST_CASE("statistics become outbound calls with their charge, in UTC") {
    CHECK(lines_of("statistics_page1.json", statistics_call) ==
          std::vector<std::string>{
              "155112249 outbound +61255501234>+61491570156 2026-05-31T23:15:12.000Z 73s completed cost "
              "0.098 USD",
              "155112250 outbound +61255501234>+61491570157 2026-05-31T23:20:40.000Z 0s busy cost 0 USD",
              "155112251 outbound +61370101234>+442079460958 2026-06-01T00:02:05.000Z 0s canceled cost 0 USD",
              "155112252 outbound +61255501234>+61491570158 2026-06-01T00:44:59.000Z 0s no_answer cost 0 USD",
              "155112253 outbound +61255501234>+61491570159 2026-06-01T01:30:00.000Z 0s failed cost 0 USD"});
    CHECK(lines_of("statistics_page2.json", statistics_call)[0] ==
          "155112254 outbound +48221234567>+48221234567 2026-06-01T02:00:01.000Z 3601s completed cost 0.7625 "
          "EUR");
  }

  TEST_CASE("types that drift are read all the same, and a missing charge is not zero") {
    CHECK(lines_of("statistics_loose_types.json", statistics_call) ==
          std::vector<std::string>{
              "65bba09eaf78444f9410d435 outbound +61255501234>+61491570156 2026-06-02T22:45:32.000Z 5s "
              "completed cost "
              "0.049 USD",
              "155112300 outbound Anonymous>+61255501234 2026-06-02T22:50:00.000Z 0s failed cost 0 USD",
              "65bba09eaf78444f9410d436 outbound +61255501234>+61491570157 2026-06-02T23:00:00.000Z 61s "
              "completed "
              "cost  USD"});
  }

  TEST_CASE("a call in the statistics to one of our numbers came in") {
    const json::Value row = json::object(
        {{"id", 1}, {"from", "Anonymous"}, {"to", 61255501234}, {"callstart", "2026-06-01 00:00:00"}});
    const std::set<std::string> own{"+61255501234"};
    Reading with = reading();
    with.own_numbers = &own;
    CHECK(statistics_call(row, with)->direction == Direction::inbound);
    CHECK(statistics_call(row, reading())->direction == Direction::outbound);
  }

  TEST_CASE("incoming calls have no cost") {
    CHECK(lines_of("statistics_incoming_calls.json", incoming_call) ==
          std::vector<std::string>{
              "155112400 inbound +61491570156>+61255501234 2026-05-31T22:01:00.000Z 125s completed cost  ",
              "155112401 inbound +61491570110>+61255501234 2026-05-31T22:30:30.000Z 0s no_answer cost  ",
              "155112402 inbound +442079460958>+61370101234 2026-05-31T22:45:00.000Z 0s canceled cost  "});
  }

  TEST_CASE("the legs of a PBX call become one call") {
    const auto calls = legs_by_call("statistics_pbx_v2.json");
    const json::Array& legs = calls.at("in_2a1b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d");
    REQUIRE(legs.size() == 2);
    const CallRow call = pbx_call(legs, reading());
    CHECK(line_of(call) ==
          "in_2a1b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d inbound +61491570110>101 2026-05-31T22:30:30.000Z 44s "
          "completed "
          "cost  ");
    CHECK(call.disposition == "answered");
    CHECK(call.has_recording);
    CHECK(call.session_id == call.external_call_id);
    const json::Array backwards(legs.rbegin(), legs.rend());
    CHECK(pbx_call(backwards, reading()).raw_data == call.raw_data);
  }

  TEST_CASE("a call_id keeps its own digits, trailing zeros too") {
    const auto calls = legs_by_call("statistics_pbx_v2.json");
    const CallRow call = pbx_call(calls.at("in_2a1b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"), reading());
    const json::Value raw = *json::parse(*call.raw_data.text());
    const json::Value& first = raw.find("legs")->as_array()->front();
    CHECK(text_of(first.find("call_id")) == "1780266630.343460");
  }

  TEST_CASE("names beside numbers, texts as numbers, and calls between extensions") {
    const auto calls = legs_by_call("statistics_pbx_loose_types.json");
    CHECK(line_of(pbx_call(calls.at("in_6e5f708192a3b4c5d6e7f8091a2b3c4d5e6f7081"), reading())) ==
          "in_6e5f708192a3b4c5d6e7f8091a2b3c4d5e6f7081 inbound +61491570156>100 2026-06-02T22:45:32.000Z 31s "
          "completed "
          "cost  ");
    CHECK(line_of(pbx_call(calls.at("out_7f60718293a4b5c6d7e8f9a0b1c2d3e4f5061728"), reading())) ==
          "out_7f60718293a4b5c6d7e8f9a0b1c2d3e4f5061728 outbound 101>+61491570157 2026-06-02T22:50:00.000Z "
          "0s canceled "
          "cost  ");
    const CallRow internal = pbx_call(calls.at("1780440900.351215"), reading());
    CHECK(line_of(internal) ==
          "1780440900.351215 internal 100>101 2026-06-02T22:55:00.000Z 12s completed cost  ");
    CHECK_FALSE(internal.session_id);
  }

  TEST_CASE("the number in a caller id is its longest run of digits") {
    CHECK(number_in("61491570156 (Ann-Marie O'Neill)") == "61491570156");
    CHECK(number_in("\"Flat 12\" <+61491570156>") == "+61491570156");
    CHECK(number_in("100") == "100");
    CHECK(number_in(" Anonymous ") == "Anonymous");
    CHECK(number_in("") == "");
  }

  // Section 5, "Timestamps": the hour that comes twice in Sydney on 2026-04-05.
  TEST_CASE("in the hour that comes twice the call_id decides, else the first reading") {
    const auto started = [](std::string_view call_id) {
      json::Array legs{json::object({{"call_id", *json::Value::number(call_id)},
                                     {"callstart", "2026-04-05 02:30:00"},
                                     {"pbx_call_id", "in_x"}})};
      return pbx_call(legs, reading());
    };
    const CallRow first = started("1775316600.000010");  // 15:30Z
    CHECK(shown(first.started_at) == "2026-04-04T15:30:00.000Z");
    CHECK(first.raw_data.text()->ends_with(R"("_tz":"ambiguous"})"));
    CHECK(shown(started("1775320200.000010").started_at) == "2026-04-04T16:30:00.000Z");
    CHECK(shown(started("1439981389.270277").started_at) == "2026-04-04T15:30:00.000Z");
    const json::Value row = json::object({{"id", 7}, {"callstart", "2026-10-04 02:30:00"}});
    const Result<CallRow> in_gap = incoming_call(row, reading());
    CHECK(shown(in_gap->started_at) == "2026-10-03T16:30:00.000Z");
    CHECK(in_gap->raw_data.text()->ends_with(R"("_tz":"gap"})"));
  }

  TEST_CASE("numbers have their state, fee and paid month") {
    const json::Value page = fixture(__FILE__, "direct_numbers.json");
    std::vector<std::string> lines;
    for (const json::Value& row : *page.find("info")->as_array()) {
      const Result<PhoneNumberRow> number = phone_number(row, reading());
      REQUIRE(number);
      lines.push_back(fmt::format("{} {} {} {} {} {}", number->phone_number, shown(number->status),
                                  shown(number->city), shown(number->nickname), shown(number->monthly_cost),
                                  shown(number->currency)));
      const Result<std::optional<BillingRow>> item = rental(row, reading());
      REQUIRE(item);
      if (*item) lines.push_back((*item)->item_key + " " + shown((*item)->total));
    }
    REQUIRE(lines.size() >= 6);
    CHECK(lines[0] == "+61255501234 active Sydney Front desk 4.5 USD");
    CHECK(lines[1] == "direct_numbers|2026-05-11..2026-06-10|number_rental|+61255501234 4.5");
    CHECK(lines[2] == "+61370101234 inactive Melbourne  4.5 USD");
    CHECK(lines[4] == "+48221234567 active Warszawa Łódź – biuro główne 2 EUR");
    CHECK(lines[6] == "+442079460958 pending London  2 " + lines[6].substr(lines[6].size() - 3));
  }

  TEST_CASE("the balance is exact, and one without an amount is malformed") {
    const Result<BalanceRow> row = balance(fixture(__FILE__, "info_balance.json"));
    REQUIRE(row);
    CHECK(row->balance.to_text() == "10.34");
    CHECK(row->currency == "USD");
    CHECK(balance(json::object({{"status", "success"}})).error().message() == "/balance: is missing");
  }

  TEST_CASE("sent messages are told apart from those that were denied") {
    int next = 0;
    const Result<std::vector<MessageRow>> messages =
        sent_messages(fixture(__FILE__, "sms_send.json"), "Café", "ACME", from_microseconds(0), reading(),
                      [&] { return std::to_string(++next); });
    REQUIRE(messages);
    REQUIRE(messages->size() == 2);
    CHECK(shown((*messages)[0].status) + " " + shown((*messages)[0].cost) == "sent 0.12");
    CHECK(shown((*messages)[1].status) + " " + shown((*messages)[1].cost) == "failed ");
    CHECK(shown((*messages)[1].to_number) == "61130012345");
  }

  TEST_CASE("what cannot be read fails with its place") {
    const auto message = [](json::Object row) {
      row.set("id", "1");
      return statistics_call(row, reading()).error().message();
    };
    CHECK(message({{"billcost", "free"}}) == "/billcost: is no amount");
    CHECK(message({{"callstart", "yesterday"}}) == "/callstart: is no local time");
    CHECK(message({{"callstart", "2026-02-30 00:00:00"}}) == "/callstart: is no local time");
    CHECK(message({{"billseconds", json::Array()}}) == "/billseconds: is no whole number");
    CHECK(message({{"currency", "US$"}}) == "/currency: is no currency");
    CHECK(statistics_call(json::Object(), reading()).error().message() == "/id: is missing");
  }

  TEST_CASE("damaged pages are read, or refused with their place, and never worse") {
    SeededRandom random(3);
    const std::string pages[] = {fixture_text(__FILE__, "statistics_loose_types.json"),
                                 fixture_text(__FILE__, "statistics_pbx_v2.json"),
                                 fixture_text(__FILE__, "direct_numbers.json")};
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
      const std::string& text = pages[round % 3];
      const bool by_bytes = round % 2 == 0;
      Result<PageText> page = read_page_text(by_bytes ? damaged(text, random) : text, 1 << 20);
      if (page && !by_bytes) page->value = altered(std::move(page->value), random);
      if (!page || page->value.as_object() == nullptr) continue;
      Answer answer{.value = std::move(page->value), .is_repaired = page->is_repaired};
      const bool is_numbers = answer.value.find("info") != nullptr;
      json::Array legs;
      const Result<std::int64_t> read =
          each_row(answer, is_numbers ? "info" : "stats", [&](json::Value& row) -> Result<void> {
            if (is_numbers) {
              const auto number = phone_number(row, reading());
              const auto item = rental(row, reading());
              return number ? Result<void>() : fail(number.error());
            }
            legs.push_back(row);
            const auto leg = pbx_call_of(row, reading());
            const auto call = statistics_call(row, reading());
            if (!leg && row.find("call_id") != nullptr) return fail(leg.error());
            if (!call && row.find("id") != nullptr) return fail(call.error());
            return {};
          });
      pbx_call(legs, reading());
      if (read) continue;
      ++refused;
      CHECK(read.error().code() == warehouse::error_codes::provider_malformed);
      CHECK(read.error().message().starts_with("/"));
    }
    CHECK(refused > 50);
  }
}
