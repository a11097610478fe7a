#include "warehouse/telnyx/mapping.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/json/write.hpp"
#include "warehouse/http/client_testing.hpp"
#include "warehouse/telnyx/csv.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::telnyx;
using namespace trunkline::warehouse::testing;

namespace {

Reading reading() {
  return {.default_region = "AU"};
}

json::Array data_of(std::string_view name) {
  return *fixture(__FILE__, name).find("data")->as_array();
}

std::string line_of(const CallRow& call) {
  return fmt::format("{} {} {}>{} {} {}/{}s {} {} cost {} {}", call.external_call_id.substr(0, 8),
                     shown(call.direction), shown(call.from_number), shown(call.to_number),
                     shown(call.started_at), shown(call.duration_seconds), shown(call.billable_seconds),
                     to_text(call.status), shown(call.disposition), shown(call.cost), shown(call.currency));
}

}  // namespace

// contracts/warehouse.md, sections 5 and 6.
TEST_SUITE("telnyx mapping") {
  TEST_CASE("each leg of a SIP call is a row with the session's id") {
    const json::Array rows = data_of("detail_records_sip_trunking_page1.json");
    std::vector<std::string> lines;
    for (const json::Value& row : rows) {
      const Result<CallRow> call = call_record(row, reading());
      REQUIRE(call);
      lines.push_back(line_of(*call));
    }
    REQUIRE(lines.size() >= 3);
    CHECK(lines[0] ==
          "9c13d908 outbound +61255501235>+61491570157 2026-06-01T02:05:00.000Z 73/120s completed send_bye "
          "cost 0.078 "
          "USD");
    CHECK(lines[1] ==
          "9b90219e outbound +61255501235>+61491570157 2026-06-01T02:05:00.000Z 73/0s completed recv_bye "
          "cost 0 USD");
    CHECK(lines[2] ==
          "7d00aa10 inbound +61491570110>+61255501235 2026-06-01T01:40:00.000Z 0/0s canceled recv_cancel "
          "cost 0 USD");
    const Result<CallRow> inner = call_record(rows[1], reading());
    CHECK(inner->leg_direction == Direction::inbound);
    CHECK(inner->session_id == call_record(rows[0], reading())->session_id);
    CHECK(shown(inner->answered_at) == "2026-06-01T02:05:09.000Z");
    CHECK(shown(inner->ended_at) == "2026-06-01T02:06:22.000Z");
  }

  TEST_CASE("a call that is not rated yet has no cost, and waits for it") {
    const Result<CallRow> call =
        call_record(data_of("detail_records_sip_trunking_page2.json").front(), reading());
    REQUIRE(call);
    CHECK_FALSE(call->cost);
    CHECK_FALSE(call->currency);
    CHECK_FALSE(call->is_settled);
  }

  TEST_CASE("costs beside the call are charges, exact also in scientific notation") {
    const auto line = [](std::string_view name, std::string_view component) {
      const Result<ChargeRow> charge = charge_record(data_of(name).front(), component);
      REQUIRE(charge);
      return fmt::format("{} {} {} {}", charge->component, shown(charge->amount), shown(charge->currency),
                         shown(charge->session_id).substr(0, 8));
    };
    CHECK(line("detail_records_recording.json", "recording") == "recording 0.004 USD 6c1f3778");
    CHECK(line("detail_records_call_control.json", "call_control") == "call_control 0.004 USD 9b901686");
    CHECK(line("detail_records_amd.json", "amd") == "amd 0.0065 USD 9b901686");
    CHECK(line("detail_records_conference_participant.json", "conference") ==
          "conference 0.004 USD 3ca7bd3d");
    const Result<ChargeRow> control =
        charge_record(data_of("detail_records_call_control.json").front(), "call_control");
    CHECK(control->external_call_id == "9c13d908-3d46-11f1-9570-0aede8f65c3f");
    CHECK(control->external_charge_id == "call_control:9c13d908-3d46-11f1-9570-0aede8f65c3f");
  }

  TEST_CASE("message records have no text; their words for states become ours") {
    std::vector<std::string> lines;
    for (const char* page :
         {"detail_records_messaging_page1.json", "detail_records_messaging_page2.json", "mdrs.json"}) {
      for (const json::Value& row : data_of(page)) {
        const Result<MessageRow> message = message_record(row, reading());
        REQUIRE(message);
        lines.push_back(
            fmt::format("{} {} {}>{} {} {} {} {}", shown(message->direction), shown(message->message_type),
                        shown(message->from_number), shown(message->to_number), shown(message->status),
                        shown(message->segments), shown(message->cost), shown(message->delivered_at)));
        CHECK_FALSE(message->body);
      }
    }
    CHECK(lines == std::vector<std::string>{
                       "outbound sms +61491570156>+61491570157 delivered 2 0.08 2026-06-01T01:00:05.000Z",
                       "outbound mms ACME>+61491570158 failed 1 0 ",
                       "inbound sms +61491570110>+61491570156 received 1 0.004 ",
                       "outbound sms +61491570156>+61491570157 delivered 2 0.08 ",
                   });
  }

  TEST_CASE("a single message has its text and media") {
    const json::Value outbound = *fixture(__FILE__, "messages_retrieve_outbound.json").find("data");
    const Result<MessageRow> sent = message(outbound, reading());
    REQUIRE(sent);
    CHECK(sent->body == "Ваш заказ готов 🎉 – see you at 5pm");
    CHECK(sent->status == "delivered");
    CHECK(sent->cost == Decimal::from_units(8, 2));
    CHECK(sent->revision.standing == Standing::detail);
    const Result<MessageRow> received =
        message(*fixture(__FILE__, "messages_retrieve_inbound.json").find("data"), reading());
    REQUIRE(received);
    CHECK(received->direction == Direction::inbound);
    CHECK(received->status == "received");
    CHECK(received->media_urls);
  }

  TEST_CASE("recordings prefer MP3, round half up, and lose the signature in raw data only") {
    const json::Array rows = data_of("recordings_page1.json");
    const Result<RecordingRow> recorded = recording(rows[0]);
    REQUIRE(recorded);
    CHECK(recorded->format == "mp3");
    CHECK(recorded->duration_seconds == 73);
    CHECK(recorded->recording_url->find("X-Amz-Signature") != std::string::npos);
    CHECK(json::write(recorded->raw_data).find("X-Amz-Signature") == std::string::npos);
    CHECK(recording(data_of("recordings_page2.json").front())->duration_seconds == 62);
  }

  TEST_CASE("numbers get their monthly price from the bill, and lose their secrets") {
    const json::Value breakdown = *fixture(__FILE__, "charges_breakdown.json").find("data");
    const Result<std::vector<BillingRow>> items = charges_breakdown(breakdown, reading());
    REQUIRE(items);
    CHECK(items->size() == 4);
    CHECK(items->front().item_key == "charges_breakdown|2026-05-01|MRC|+61255501235/Local DIDs");
    CHECK(items->front().period_end == "2026-05-31");
    const MonthlyCosts costs = monthly_costs(*items);
    json::Value row = data_of("phone_numbers_page1.json").front();
    row.as_object()->set("external_pin", "1234");
    const Result<PhoneNumberRow> number = phone_number(row, costs, reading());
    REQUIRE(number);
    CHECK(number->monthly_cost == Decimal::from_units(110, 2));
    CHECK(number->currency == "USD");
    CHECK(number->status == "active");
    CHECK(number->metadata.find("external_pin") == nullptr);
  }

  TEST_CASE("states of numbers") {
    const auto status = [](std::string_view word) {
      return shown(
          phone_number(json::object({{"phone_number", "+61255501235"}, {"status", word}}), {}, reading())
              ->status);
    };
    CHECK(status("active") == "active");
    CHECK(status("emergency-only") == "active");
    CHECK(status("purchase-pending") == "pending");
    CHECK(status("port-out-pending") == "pending");
    CHECK(status("requirement-info-under-review") == "pending");
    CHECK(status("purchase-failed") == "failed");
    CHECK(status("deleted") == "released");
    CHECK(status("ported-out") == "released");
    CHECK(status("something-new") == "something-new");
  }

  TEST_CASE("the summary of a month is one item for each line and kind") {
    const Result<std::vector<BillingRow>> items =
        charges_summary(*fixture(__FILE__, "charges_summary.json").find("data"));
    REQUIRE(items);
    std::vector<std::string> lines;
    for (const BillingRow& item : *items)
      lines.push_back(fmt::format("{} {} {}", item.item_key, shown(item.total), shown(item.quantity)));
    CHECK(lines == std::vector<std::string>{
                       "charges_summary|2026-05-01|mrc_existing|local 2 2",
                       "charges_summary|2026-05-01|mrc_new|local 1 1",
                       "charges_summary|2026-05-01|otc_new|local 1 1",
                       "charges_summary|2026-05-01|simple|port_out 15.75 3",
                       "charges_summary|2026-05-01|adjustment|2026-05-12#0 -10 ",
                   });
  }

  TEST_CASE("invoices have no amount") {
    const Result<BillingRow> item = invoice(data_of("invoices.json").front());
    REQUIRE(item);
    CHECK(item->item_type == "invoice");
    CHECK(item->period_end == "2026-05-31");
    CHECK_FALSE(item->total);
  }

  TEST_CASE("the balance and what may be owed are exact") {
    const Result<BalanceRow> row = balance(*fixture(__FILE__, "balance_negative.json").find("data"));
    REQUIRE(row);
    CHECK(row->balance.to_text() == "-12.35");
    CHECK(shown(row->credit_limit) == "100");
    CHECK(row->currency == "AUD");
  }

  TEST_CASE("no secret of a resource is kept") {
    for (const char* name :
         {"fqdn_connections.json", "messaging_profiles.json", "call_control_applications.json"}) {
      for (const json::Value& row : data_of(name)) {
        const Result<ResourceRow> kept = resource(row, "kind", "name");
        REQUIRE(kept);
        const std::string text = json::write(kept->data);
        for (const char* secret : {"not-a-real", "officefake", "\"txt_value\""})
          CHECK(text.find(secret) == std::string::npos);
      }
    }
  }

  TEST_CASE("lines of a batch report are calls that know less than records") {
    const Result<json::Array> lines = read_csv(
        "id,originating_number,terminating_number,direction,start_time,answer_time,call_duration,cost,"
        "currency\r\n"
        "leg-1,+61255501235,\"+61491570157\",outbound,2026-06-01T00:00:00Z,,0,\"1.5E-3\",USD\n");
    REQUIRE(lines);
    const Result<CallRow> call = report_line(lines->front(), reading());
    REQUIRE(call);
    CHECK(shown(call->cost) == "0.0015");
    CHECK(call->revision.standing < Standing::record);
    CHECK_FALSE(read_csv("a,b\n1,2,3\n"));
    CHECK_FALSE(read_csv("a,b\n\"1,2\n"));
    CHECK(read_csv("a,b\n\"x \"\"y\"\"\nz\",2")->front() == json::object({{"a", "x \"y\"\nz"}, {"b", "2"}}));
  }

  TEST_CASE("damaged pages are read, or refused with their place, and never worse") {
    SeededRandom random(3);
    const std::string pages[] = {fixture_text(__FILE__, "detail_records_sip_trunking_page1.json"),
                                 fixture_text(__FILE__, "detail_records_messaging_page1.json"),
                                 fixture_text(__FILE__, "recordings_page1.json"),
                                 fixture_text(__FILE__, "phone_numbers_page1.json"),
                                 fixture_text(__FILE__, "messages_retrieve_outbound.json")};
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
      const std::string& text = pages[round % 5];
      const bool by_bytes = round % 2 == 0;
      Result<PageText> page = read_page_text(by_bytes ? damaged(text, random) : text, 1 << 20);
      if (page && !by_bytes) page->value = altered(std::move(page->value), random);
      if (!page) continue;
      charges_summary(page->value);
      charges_breakdown(page->value, reading());
      Answer answer{.value = std::move(page->value), .is_repaired = page->is_repaired};
      const Result<std::int64_t> read = each_row(answer, "data", [&](json::Value& row) -> Result<void> {
        const auto call = call_record(row, reading());
        const auto charge = charge_record(row, "x");
        const auto record = message_record(row, reading());
        const auto single = message(row, reading());
        const auto recorded = recording(row);
        const auto number = phone_number(row, {}, reading());
        if (round % 5 == 0 && !call) return fail(call.error());
        if (round % 5 == 1 && !record) return fail(record.error());
        return {};
      });
      if (read) continue;
      ++refused;
      CHECK(read.error().code() == warehouse::error_codes::provider_malformed);
      CHECK(read.error().message().starts_with("/data"));
    }
    CHECK(refused > 50);
  }
}
