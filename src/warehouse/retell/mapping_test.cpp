#include "warehouse/retell/mapping.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/json/write.hpp"
#include "warehouse/http/client_testing.hpp"
#include "warehouse/retell/webhook.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::retell;
using namespace trunkline::warehouse::testing;

namespace {

Reading reading() {
  return {.default_region = "AU"};
}

RowSet rows_of(const json::Value& call, const Reading& with = reading()) {
  RowSet rows;
  const Result<void> added = add_call(call, with, {.standing = Standing::detail}, rows);
  REQUIRE(added);
  return rows;
}

std::string line_of(const CallRow& call) {
  return fmt::format("{} {}>{} {} {}s {} {} {} {}", shown(call.direction), shown(call.from_number),
                     shown(call.to_number), shown(call.started_at), shown(call.duration_seconds),
                     to_text(call.status), shown(call.disposition), shown(call.cost), shown(call.sentiment));
}

WebhookDelivery delivery_of(std::string_view name) {
  const json::Value recorded = fixture(__FILE__, name);
  WebhookDelivery delivery{.body = *recorded.find("raw_body")->as_text()};
  for (const auto& [header, value] : *recorded.find("headers")->as_object())
    delivery.headers.emplace_back(header, *value.as_text());
  delivery.received_at = from_microseconds(*recorded.find("verify_at_ms")->as_integer() * 1000);
  return delivery;
}

const Secret key("key_fake_0123456789abcdef");

}  // namespace

// contracts/warehouse.md, sections 5 and 6.
TEST_SUITE("retell mapping") {
  TEST_CASE("a finished call has its cost in dollars, its charges, its recording and its transcript") {
    const RowSet rows = rows_of(fixture(__FILE__, "get_call_phone.json"));
    const CallRow& call = rows.calls.front();
    CHECK(call.external_call_id == "call_01h8a1b2c3d4e5f6071829");
    CHECK(shown(call.started_at) == "2026-06-01T00:00:31.333Z");
    CHECK(call.duration_seconds == 98);  // 97522 ms, half up
    CHECK(call.status == CallStatus::completed);
    CHECK(call.currency == "USD");
    CHECK(call.transcript);
    CHECK(call.is_settled);
    CHECK(rows.recordings.size() == 1);
    CHECK(rows.recordings.front().external_recording_id == call.external_call_id);
    Decimal sum;
    for (const ChargeRow& charge : rows.charges) {
      CHECK(charge.is_in_call_cost);
      sum += *charge.amount;
    }
    CHECK(call.cost == sum);
    CHECK(call.raw_data.text()->find("sig=fake") == std::string::npos);
  }

  TEST_CASE("before its analysis a call waits") {
    const CallRow call = rows_of(fixture(__FILE__, "get_call_phone_before_analysis.json")).calls.front();
    CHECK_FALSE(call.cost);
    CHECK_FALSE(call.is_settled);
    CHECK_FALSE(rows_of(fixture(__FILE__, "get_call_ongoing.json")).calls.front().is_settled);
  }

  TEST_CASE("calls of every kind") {
    const auto line = [](std::string_view name) {
      return line_of(rows_of(fixture(__FILE__, name)).calls.front());
    };
    CHECK(line("get_call_busy.json") ==
          "outbound +61255501234>+61491570158 2026-06-01T00:20:00.000Z 0s busy dial_busy 0 ");
    CHECK(line("get_call_ongoing.json") ==
          "inbound +61491570156>+61255501234 2026-06-01T00:59:50.000Z s in_progress   ");
    CHECK(line("get_call_voicemail.json")
              .starts_with("outbound +61255501234>+61491570157 2026-06-01T00:10:00.000Z 22s voicemail "
                           "voicemail_reached"));
    CHECK(line("get_call_web.json").starts_with(" > 2026-06-01T00:40:00.000Z 60s completed agent_hangup"));
    CHECK(rows_of(fixture(__FILE__, "get_call_busy.json")).calls.front().is_settled);
  }

  TEST_CASE("web calls lose their token") {
    json::Value call = fixture(__FILE__, "get_call_web.json");
    call.as_object()->set("access_token", "secret-token");
    CHECK(rows_of(call).calls.front().raw_data.text()->find("secret-token") == std::string::npos);
  }

  TEST_CASE("the other recordings come when they are wanted") {
    Reading all = reading();
    all.all_recordings = true;
    const RowSet rows = rows_of(fixture(__FILE__, "get_call_phone.json"), all);
    REQUIRE(rows.recordings.size() == 4);
    CHECK(rows.recordings[1].external_recording_id == "call_01h8a1b2c3d4e5f6071829:multi");
    CHECK(rows.recordings[3].external_recording_id == "call_01h8a1b2c3d4e5f6071829:scrubbed_multi");
  }

  TEST_CASE("pages of lists, of this version and the one before") {
    for (const char* name : {"list_calls_v3_page1.json", "list_calls_v3_page2.json"}) {
      const json::Value page = fixture(__FILE__, name);
      for (const json::Value& call : *page.find("items")->as_array()) {
        const RowSet rows = rows_of(call);
        CHECK_FALSE(rows.calls.front().transcript);
      }
    }
    const json::Value old = fixture(__FILE__, "list_calls_v2.json");
    for (const json::Value& call : *old.as_array()) CHECK(rows_of(call).calls.front().transcript);
  }

  TEST_CASE("a number belongs to the inbound agent with the greatest weight, the first among equals") {
    const json::Value page = fixture(__FILE__, "list_phone_numbers.json");
    const json::Array& items = *page.find("items")->as_array();
    const Result<PhoneNumberRow> first = phone_number(items[0], reading());
    REQUIRE(first);
    CHECK(first->phone_number == "+61255501234");
    CHECK(first->nickname == "Front desk – Zürich");
    CHECK(first->retell_agent_id == "agent_7f3a9c2e1b4d5f60718293a4b5");
    const auto agent_of = [](json::Array agents) {
      return shown(phone_number(json::object({{"phone_number", "+12025550142"},
                                              {"inbound_agents", std::move(agents)}}),
                                reading())
                       ->retell_agent_id);
    };
    const auto weighted = [](std::string_view id, std::string_view weight) {
      return json::object({{"agent_id", id}, {"weight", *json::Value::number(weight)}});
    };
    CHECK(agent_of({weighted("a", "0.3"), weighted("b", "0.7")}) == "b");
    CHECK(agent_of({weighted("a", "0.5"), weighted("b", "0.5")}) == "a");
    CHECK(agent_of({}) == "");
  }

  TEST_CASE("an agent speaks one language or several") {
    const Result<AgentRow> several = agent(fixture(__FILE__, "get_agent_multi_language.json"));
    REQUIRE(several);
    CHECK(several->language == "en-AU,fr-FR");
    CHECK(several->voice_id == "11labs-Adrian");
    const Result<AgentRow> one = agent(fixture(__FILE__, "get_agent_single_language.json"));
    CHECK(one->language == "de-DE");
    CHECK_FALSE(one->agent_name);
  }

  TEST_CASE("of models only digests and names are kept") {
    json::Value page = fixture(__FILE__, "list_llms.json");
    json::Value row = page.find("items")->as_array()->front();
    row.as_object()->set(
        "general_tools",
        json::array({json::object({{"type", "custom"}, {"name", "lookup"}, {"headers", "Bearer abc"}})}));
    const Result<ResourceRow> kept = llm(row);
    REQUIRE(kept);
    const std::string text = json::write(kept->data);
    CHECK(text.find("Bearer abc") == std::string::npos);
    CHECK(text.find("Be polite") == std::string::npos);
    CHECK(text.find("lookup") != std::string::npos);
  }

  TEST_CASE("what cannot be read fails with its place") {
    const auto message = [](json::Object call) {
      call.set("call_id", "c");
      RowSet rows;
      const Result<void> added = add_call(call, reading(), {}, rows);
      CHECK(rows.calls.empty());
      return added ? std::string() : added.error().message();
    };
    CHECK(message({{"start_timestamp", "soon"}}) == "/start_timestamp: is no time");
    CHECK(message({{"duration_ms", "long"}}) == "/duration_ms: is no amount");
    CHECK(message({{"call_cost", json::object({{"combined_cost", "much"}})}}).starts_with("/call_cost"));
  }

  TEST_CASE("numbers that are too large or too fine break nothing") {
    const auto cost_of = [](std::string_view cents) {
      RowSet rows;
      const json::Value cost = json::object({{"combined_cost", *json::Value::number(cents)}});
      const Result<void> added =
          add_call(json::object({{"call_id", "c"}, {"call_cost", cost}}), reading(), {}, rows);
      return added ? shown(rows.calls.front().cost) : "refused";
    };
    CHECK(cost_of("12.345") == "0.12345");
    CHECK(cost_of("0.000000000000000000000000000001") == "0");
    CHECK(cost_of("99999999999999999999999999999999999999") == "refused");
    RowSet rows;
    CHECK_FALSE(
        add_call(json::object({{"call_id", "c"}, {"start_timestamp", INT64_MAX}}), reading(), {}, rows));
    CHECK_FALSE(add_call(json::object({{"call_id", "c"}, {"duration_ms", INT64_MAX}}), reading(), {}, rows));
  }

  TEST_CASE("damaged pages are read, or refused with their place, and never worse") {
    SeededRandom random(3);
    const std::string pages[] = {fixture_text(__FILE__, "list_calls_v3_page1.json"),
                                 fixture_text(__FILE__, "list_phone_numbers.json"),
                                 fixture_text(__FILE__, "list_llms.json")};
    int refused = 0;
    for (int round = 0; round < 3000; ++round) {
      const std::string& text = pages[round % 3];
      const bool by_bytes = round % 2 == 0;
      Result<PageText> page = read_page_text(by_bytes ? damaged(text, random) : text, 1 << 20);
      if (page && !by_bytes) page->value = altered(std::move(page->value), random);
      if (!page) continue;
      Answer answer{.value = std::move(page->value), .is_repaired = page->is_repaired};
      const Result<std::int64_t> read = each_row(answer, "items", [&](json::Value& row) -> Result<void> {
        RowSet rows;
        const auto call = add_call(row, reading(), {}, rows);
        const auto number = phone_number(row, reading());
        const auto model = llm(row);
        const auto person = agent(row);
        return round % 3 == 0 ? call : Result<void>();
      });
      if (read) continue;
      ++refused;
      CHECK(read.error().code() == warehouse::error_codes::provider_malformed);
      CHECK(read.error().message().starts_with("/items"));
    }
    CHECK(refused > 50);
  }
}

// contracts/retell.md, section 6.
TEST_SUITE("retell webhook") {
  TEST_CASE("a call starts, ends and is analysed; the order of arrival does not matter") {
    const Result<WebhookEvent> started =
        read_webhook(delivery_of("webhook_call_started.json"), key, reading());
    const Result<WebhookEvent> ended = read_webhook(delivery_of("webhook_call_ended.json"), key, reading());
    const Result<WebhookEvent> analysed =
        read_webhook(delivery_of("webhook_call_analyzed.json"), key, reading());
    REQUIRE(started);
    REQUIRE(ended);
    REQUIRE(analysed);
    CHECK(started->event_key == "call_01h8a1b2c3d4e5f6071829|call_started");
    CHECK(started->rows.calls.front().status == CallStatus::in_progress);
    CHECK(ended->rows.calls.front().status == CallStatus::completed);
    CHECK(analysed->rows.calls.front().sentiment);
    CHECK(analysed->rows.calls.front().revision.standing > ended->rows.calls.front().revision.standing);
    CHECK(ended->rows.calls.front().revision.standing > started->rows.calls.front().revision.standing);
    CHECK(shown(started->occurred_at) == "2026-06-01T00:02:10.000Z");
  }

  TEST_CASE("a call that never connected only ends") {
    const Result<WebhookEvent> ended =
        read_webhook(delivery_of("webhook_call_ended_never_connected.json"), key, reading());
    REQUIRE(ended);
    CHECK(ended->rows.calls.front().status == CallStatus::busy);
  }

  TEST_CASE("forged and unsigned webhooks are refused; odd ones are read or refused") {
    WebhookDelivery delivery = delivery_of("webhook_call_ended.json");
    CHECK(read_webhook(delivery, Secret("x"), reading()).error().code() ==
          warehouse::error_codes::webhook_forged);
    delivery.headers.clear();
    CHECK_FALSE(read_webhook(delivery, key, reading()));
    SeededRandom random(6);
    for (int round = 0; round < 500; ++round) {
      WebhookDelivery odd = delivery_of("webhook_call_analyzed.json");
      odd.body = damaged(odd.body, random);
      const Result<WebhookEvent> event = read_webhook(odd, key, reading());
      if (!event) CHECK(event.error().code() == warehouse::error_codes::webhook_forged);
    }
  }
}
