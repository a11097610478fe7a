#include "warehouse/telnyx/webhook.hpp"

#include <doctest/doctest.h>

#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::telnyx;
using namespace trunkline::warehouse::testing;

namespace {

WebhookEvent event_of(std::string_view name) {
  const Result<WebhookEvent> event =
      read_event(*fixture(__FILE__, name).find("data"), {.default_region = "AU"});
  REQUIRE(event);
  return *event;
}

const CallRow& call_in(const WebhookEvent& event) {
  REQUIRE(event.rows.calls.size() == 1);
  return event.rows.calls.front();
}

}  // namespace

// contracts/telnyx.md, section 10.
TEST_SUITE("telnyx webhook") {
  TEST_CASE("a call begins, is answered and ends") {
    const WebhookEvent initiated = event_of("webhook_call_initiated.json");
    CHECK(initiated.event_key == "0ccc7b54-4df3-4bca-a65a-3da1ecc777f1");
    CHECK(initiated.event_type == "call.initiated");
    CHECK(call_in(initiated).direction == Direction::inbound);
    CHECK(call_in(initiated).status == CallStatus::in_progress);
    CHECK(shown(call_in(initiated).started_at) == "2026-06-01T00:00:31.120Z");
    const WebhookEvent answered = event_of("webhook_call_answered.json");
    CHECK(shown(call_in(answered).answered_at) == "2026-06-01T00:00:40.000Z");
    const WebhookEvent hangup = event_of("webhook_call_hangup.json");
    CHECK(call_in(hangup).status == CallStatus::completed);
    CHECK(shown(call_in(hangup).ended_at) == "2026-06-01T00:01:53.000Z");
    CHECK(call_in(hangup).external_call_id == call_in(initiated).external_call_id);
    CHECK(call_in(hangup).revision.standing > call_in(answered).revision.standing);
    CHECK(call_in(event_of("webhook_call_hangup_no_answer.json")).status == CallStatus::no_answer);
  }

  TEST_CASE("the cost event brings the leg's own cost, and nothing when it failed") {
    const CallRow call = call_in(event_of("webhook_call_cost.json"));
    CHECK(call.cost == Decimal::from_units(1, 2));
    CHECK(call.currency == "USD");
    CHECK(call.billable_seconds == 120);
    CHECK(event_of("webhook_call_cost.json").rows.charges.empty());
    CHECK(event_of("webhook_call_cost_error.json").rows.calls.empty());
  }

  TEST_CASE("messages come with their text") {
    const WebhookEvent sent = event_of("webhook_message_finalized.json");
    REQUIRE(sent.rows.messages.size() == 1);
    CHECK(sent.rows.messages.front().status == "delivered");
    CHECK(sent.rows.messages.front().cost == Decimal::from_units(8, 2));
    const WebhookEvent received = event_of("webhook_message_received.json");
    CHECK(received.rows.messages.front().status == "received");
    CHECK(received.rows.messages.front().media_urls);
    CHECK(received.rows.messages.front().sent_at);
  }

  TEST_CASE("events about other things are taken without rows") {
    for (const std::string_view type :
         {"call.bridged.later", "number_order.complete", "portout.status_changed"}) {
      const json::Value data = json::object(
          {{"id", "x"}, {"event_type", type}, {"payload", json::object({{"call_leg_id", "leg"}})}});
      CHECK(read_event(data, {}));
    }
    CHECK(event_of("webhook_call_recording_saved.json").rows.recordings.empty());
  }

  TEST_CASE("an event without what it must have says what is missing") {
    const auto message = [](json::Value data) { return read_event(data, {}).error().message(); };
    CHECK(message(json::Object()) == "/id: is missing");
    CHECK(message(json::object({{"id", "1"}, {"event_type", "call.hangup"}, {"payload", json::Object()}})) ==
          "/data/payload: /call_leg_id: is missing");
  }

  TEST_CASE("a webhook that is not signed is refused before it is read") {
    const Result<WebhookEvent> event =
        read_webhook({.body = "{"}, "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=", {});
    CHECK(event.error().code() == warehouse::error_codes::webhook_forged);
  }

  TEST_CASE("events of any kind are read or refused, never worse") {
    SeededRandom random(8);
    for (const char* name : {"webhook_call_hangup.json", "webhook_call_cost.json",
                             "webhook_message_received.json", "webhook_call_recording_saved.json"}) {
      const std::string text = fixture_text(__FILE__, name);
      for (int round = 0; round < 500; ++round) {
        const Result<PageText> page = read_page_text(damaged(text, random), 1 << 20);
        const json::Value* data = page ? page->value.find("data") : nullptr;
        if (data == nullptr) continue;
        const Result<WebhookEvent> event = read_event(*data, {.default_region = "AU"});
        if (!event) CHECK(event.error().code() == warehouse::error_codes::provider_malformed);
      }
    }
  }
}
