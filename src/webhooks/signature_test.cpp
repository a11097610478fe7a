#include "webhooks/signature.hpp"

#include <doctest/doctest.h>

#include "base/json/canonical.hpp"
#include "base/json/parse.hpp"
#include "base/time.hpp"

using namespace trunkline;
using namespace trunkline::webhooks;

namespace {

std::string header(const net::Headers& headers, std::string_view name) {
  return std::string(headers.find(name).value_or(""));
}

}  // namespace

TEST_SUITE("webhook signatures, voice-api.md section 9.2 and 9.3") {
  TEST_CASE("the check values of the contract come out, text and hex, in every style") {
    struct Case {
      json::SignatureStyle style;
      std::string_view text;
      std::string_view hex;
    };
    const Case cases[] = {
        {json::SignatureStyle::compact,
         R"({"call_id":"call_9","event":"call.completed","metadata":{"a":"Zo\u00eb \ud83d\udc4d","b":1.0},"status":"completed"})",
         "a277034508f2c9a689adc79db83a45cac855ff52c3ba87a0e7841936f91ca50e"},
        {json::SignatureStyle::spaced,
         R"({"call_id": "call_9", "event": "call.completed", "metadata": {"a": "Zo\u00eb \ud83d\udc4d", "b": 1.0}, )"
         R"("status": "completed"})",
         "de0ea481cf89059fc0573bc256678941da11fb9337387386355b1e7c3be2d8eb"},
        {json::SignatureStyle::utf8,
         R"({"call_id":"call_9","event":"call.completed","metadata":{"a":"Zoë 👍","b":1},"status":"completed"})",
         "36a8c3b719780466500bf2464bae8b2ee7967fbfe5fdeaabec47373e6b7338f9"},
    };
    // As it comes from a partner: unsorted, spaced, unescaped.
    const auto payload = json::parse(
        R"({ "status": "completed", "metadata": {"b": 1.0, "a": "Zoë 👍"}, "event": "call.completed", "call_id": "call_9" })");
    REQUIRE(payload);
    for (const Case& each : cases) {
      const auto text = json::canonical(*payload, each.style);
      REQUIRE(text);
      CHECK(*text == each.text);
      CHECK(legacy_signature("whsec_example", each.text) == each.hex);
    }
  }

  TEST_CASE("one sending carries the legacy header and those of Standard Webhooks, over the same bytes") {
    // The example of the Standard Webhooks specification.
    const Signer signer({"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
    net::Headers headers;
    const std::string body = R"({"test": 2432232314})";
    signer.sign(headers, "msg_p5jXN8AQM9LWM0D4loKWxJek", *parse_instant("2021-02-25T05:10:30Z"), body);
    CHECK(header(headers, "webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    CHECK(header(headers, "webhook-timestamp") == "1614229830");
    CHECK(header(headers, "webhook-signature").starts_with("v1,"));
    CHECK(header(headers, "webhook-signature").size() == 3 + 44);
    CHECK(header(headers, legacy_signature_header) ==
          legacy_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", body));
  }

  TEST_CASE("the key of Standard Webhooks is what stands after whsec_ in base64, else the secret itself") {
    CHECK(standard_key("whsec_QUJD") == "ABC");
    CHECK(standard_key("whsec_not*base64") == "whsec_not*base64");
    CHECK(standard_key("any other secret") == "any other secret");
  }

  TEST_CASE(
      "while a secret is replaced, both sign, the new one first; the legacy header has one value only") {
    net::Headers both;
    net::Headers fresh;
    net::Headers former;
    const Instant now = *parse_instant("2026-03-02T09:15:04Z");
    Signer({"new secret", "old secret"}).sign(both, "msg_1", now, "{}");
    Signer({"new secret"}).sign(fresh, "msg_1", now, "{}");
    Signer({"old secret"}).sign(former, "msg_1", now, "{}");
    CHECK(header(both, "webhook-signature") ==
          header(fresh, "webhook-signature") + " " + header(former, "webhook-signature"));
    CHECK(header(both, legacy_signature_header) == header(fresh, legacy_signature_header));
  }

  TEST_CASE("another id, time, body or secret gives another signature") {
    const auto sign = [](std::string_view secret, std::string_view id, std::string_view at,
                         std::string_view body) {
      net::Headers headers;
      Signer({std::string(secret)}).sign(headers, id, *parse_instant(at), body);
      return header(headers, "webhook-signature");
    };
    const std::string usual = sign("s", "msg_1", "2026-03-02T09:15:04Z", "{}");
    CHECK(usual == sign("s", "msg_1", "2026-03-02T09:15:04Z", "{}"));
    CHECK(usual != sign("t", "msg_1", "2026-03-02T09:15:04Z", "{}"));
    CHECK(usual != sign("s", "msg_2", "2026-03-02T09:15:04Z", "{}"));
    CHECK(usual != sign("s", "msg_1", "2026-03-02T09:15:05Z", "{}"));
    CHECK(usual != sign("s", "msg_1", "2026-03-02T09:15:04Z", "{ }"));
  }
}
