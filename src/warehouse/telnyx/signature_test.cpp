#include "warehouse/telnyx/signature.hpp"

#include <doctest/doctest.h>

#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::telnyx;
using namespace trunkline::warehouse::testing;

// contracts/telnyx.md, section 10, "Vector".
TEST_SUITE("telnyx signature") {
  constexpr std::string_view key = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
  constexpr std::string_view timestamp = "1775318400";
  constexpr std::string_view signature =
      "eHlyq84qI5oKZvzFFpGKaciMbbaedXCanvkcCDz3onD3rGvLIfdZqoY1856X0neOPBLKZp48642DtVTYYnN9CA==";
  constexpr std::string_view body =
      R"({"data":{"event_type":"call.hangup","id":"00000000-0000-4000-8000-000000000001",)"
      R"("record_type":"event"}})";
  const Instant signed_at = from_microseconds(1'775'318'400'000'000);

  TEST_CASE("the vendor's vector holds, for five minutes and no longer, both ways") {
    CHECK(verify_webhook(key, timestamp, signature, body, signed_at));
    CHECK(verify_webhook(key, timestamp, signature, body, signed_at + seconds(300)));
    CHECK(verify_webhook(key, timestamp, signature, body, signed_at - seconds(300)));
    CHECK_FALSE(verify_webhook(key, timestamp, signature, body, signed_at + seconds(301)));
    CHECK_FALSE(verify_webhook(key, timestamp, signature, body, signed_at - seconds(301)));
  }

  TEST_CASE("any byte that is changed is noticed") {
    SeededRandom random(4);
    for (std::size_t at = 0; at < body.size(); ++at) {
      std::string changed(body);
      changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(1 + random.below(127)));
      CHECK_FALSE(verify_webhook(key, timestamp, signature, changed, signed_at));
    }
    CHECK_FALSE(verify_webhook(key, "1775318401", signature, body, signed_at));
    CHECK_FALSE(verify_webhook("AAAA", timestamp, signature, body, signed_at));
    CHECK_FALSE(verify_webhook("", timestamp, signature, body, signed_at));
  }

  TEST_CASE("timestamps are digits only") {
    for (const std::string_view odd : {"", " 1775318400", "+1775318400", "1775318400.0", "0x69", "-1",
                                       "99999999999999999999", "1775318400 "})
      CHECK_FALSE(verify_webhook(key, odd, signature, body, signed_at));
  }

  TEST_CASE("the recorded webhooks are genuine, whatever the case of their header names") {
    for (const std::string_view name :
         {"webhook_call_hangup_signed.json", "webhook_message_received_signed.json"}) {
      CAPTURE(name);
      const json::Value recorded = fixture(__FILE__, name);
      WebhookDelivery delivery{.body = *recorded.find("raw_body")->as_text()};
      std::string time;
      for (const auto& [header, value] : *recorded.find("headers")->as_object()) {
        delivery.headers.emplace_back(header, *value.as_text());
        if (header == "telnyx-timestamp" || header == "Telnyx-Timestamp") time = *value.as_text();
      }
      delivery.received_at = from_microseconds(std::stoll(time) * 1'000'000);
      const json::Value* public_key = recorded.find("public_key_base64");
      REQUIRE(public_key != nullptr);
      CHECK(verify_webhook(*public_key->as_text(), delivery));
    }
  }
}
