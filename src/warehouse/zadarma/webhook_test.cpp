#include "warehouse/zadarma/webhook.hpp"

#include <doctest/doctest.h>

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

WebhookDelivery delivery_of(std::string_view name) {
  const json::Value recorded = fixture(__FILE__, name);
  WebhookDelivery delivery;
  delivery.body = *recorded.find("raw_body")->as_text();
  delivery.headers.emplace_back("signature", *recorded.find("headers")->find("Signature")->as_text());
  delivery.received_at = from_microseconds(1'780'272'000'000'000);
  return delivery;
}

const Secret secret("fakesecret9876543210");

}  // namespace

// contracts/zadarma.md, section 11.
TEST_SUITE("zadarma webhook") {
  TEST_CASE("every recorded webhook is genuine") {
    for (const std::string_view name :
         {"webhook_notify_start.json", "webhook_notify_end.json", "webhook_notify_end_missed.json",
          "webhook_notify_out_end.json", "webhook_notify_record.json", "webhook_sms.json"}) {
      CAPTURE(name);
      CHECK(read_webhook(delivery_of(name), secret, reading()));
      WebhookDelivery forged = delivery_of(name);
      CHECK(read_webhook(forged, Secret("another"), reading()).error().code() ==
            warehouse::error_codes::webhook_forged);
      forged.headers.clear();
      CHECK(read_webhook(forged, secret, reading()).error().code() == warehouse::error_codes::webhook_forged);
    }
  }

  TEST_CASE("the end of a call has its times, its cause and its recording") {
    const Result<WebhookEvent> event =
        read_webhook(delivery_of("webhook_notify_end.json"), secret, reading());
    REQUIRE(event);
    CHECK(event->event_key == "NOTIFY_END|in_1f0c3a52b7e94d0d8a6e5b4c3d2e1f0a9b8c7d61|1780264860.343451");
    REQUIRE(event->rows.calls.size() == 1);
    const CallRow& call = event->rows.calls.front();
    CHECK(call.direction == Direction::inbound);
    CHECK(call.from_number == "+61491570156");
    CHECK(call.to_number == "+61255501234");
    CHECK(shown(call.started_at) == "2026-05-31T22:01:00.000Z");
    CHECK(shown(call.ended_at) == "2026-05-31T22:03:05.000Z");
    CHECK(call.hangup_cause == "16");
    CHECK(call.status == CallStatus::completed);
    CHECK(call.has_recording);
    CHECK(call.revision.standing == Standing::ended_event);
  }

  TEST_CASE("a recording names its leg and its call") {
    const Result<WebhookEvent> event =
        read_webhook(delivery_of("webhook_notify_record.json"), secret, reading());
    REQUIRE(event);
    REQUIRE(event->rows.recordings.size() == 1);
    CHECK(event->rows.recordings.front().external_recording_id == "1780264860.343451");
  }

  TEST_CASE("a message has no id: its body's digest is one, and its arrival its time") {
    const Result<WebhookEvent> event = read_webhook(delivery_of("webhook_sms.json"), secret, reading());
    REQUIRE(event);
    CHECK(event->event_key.empty());
    REQUIRE(event->rows.messages.size() == 1);
    const MessageRow& message = event->rows.messages.front();
    CHECK(message.external_message_id.size() == 64);
    CHECK(message.body == "Grüße aus Köln 👋 50% & more");
    CHECK(message.from_number == "+61491570156");
    CHECK(shown(message.sent_at) == "2026-06-01T00:00:00.000Z");
  }

  TEST_CASE("a signed field that is changed is noticed, and so is a field that comes twice") {
    WebhookDelivery changed = delivery_of("webhook_notify_end.json");
    changed.body.replace(changed.body.find("caller_id=6"), 11, "caller_id=7");
    CHECK_FALSE(read_webhook(changed, secret, reading()));
    WebhookDelivery doubled = delivery_of("webhook_notify_end.json");
    doubled.body += "&caller_id=100";
    CHECK_FALSE(read_webhook(doubled, secret, reading()));
  }

  TEST_CASE("events whose signature nobody documents are refused") {
    CHECK_FALSE(signed_text({{"event", "SPEECH_RECOGNITION"}, {"result", "x"}}));
    CHECK_FALSE(signed_text({{"event", "NOTIFY_INTERNAL_END"}}));
    CHECK_FALSE(signed_text({}));
  }

  TEST_CASE("the URL check is answered with its own text") {
    CHECK(echo_answer("zd_echo=a%20b") == "a b");
    CHECK_FALSE(echo_answer("x=1"));
  }

  TEST_CASE("a duration that nobody can have talked is refused") {
    Parameters fields;
    const WebhookDelivery recorded = delivery_of("webhook_notify_end.json");
    for (auto& [name, value] : net::parse_query(recorded.body)) fields[name] = value;
    fields["duration"] = "9223372036854775807";
    WebhookDelivery delivery{.body = query_text(fields)};
    delivery.headers.emplace_back("Signature", webhook_signature(secret, *signed_text(fields)));
    CHECK(read_webhook(delivery, secret, reading()).error().message() == "/duration: is no whole number");
  }

  TEST_CASE("bodies of any kind are refused, never worse") {
    SeededRandom random(9);
    const std::string body = delivery_of("webhook_notify_end.json").body;
    for (int round = 0; round < 2000; ++round) {
      WebhookDelivery delivery = delivery_of(round % 2 == 0 ? "webhook_notify_end.json" : "webhook_sms.json");
      delivery.body = damaged(delivery.body, random);
      const Result<WebhookEvent> event = read_webhook(delivery, secret, reading());
      if (!event) CHECK(event.error().kind() != ErrorKind::internal);
    }
  }
}
