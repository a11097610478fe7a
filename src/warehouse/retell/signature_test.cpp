#include "warehouse/retell/signature.hpp"

#include <doctest/doctest.h>

#include "warehouse/http/client_testing.hpp"

using namespace trunkline;
using namespace trunkline::warehouse;
using namespace trunkline::warehouse::retell;

// contracts/retell.md, section 6, "Vector".
TEST_SUITE("retell signature") {
  const Secret key("key_fake_0123456789abcdef");
  constexpr std::string_view body = R"({"event":"call_ended","call":{"call_id":"call_test_0001"}})";
  constexpr std::string_view digest = "aa569adf1de708dfa02a03cc54fb1e0348b2f48fbb70c8b452608e15884ce08d";
  const std::string signature = "v=1775318400000,d=" + std::string(digest);
  const Instant signed_at = from_microseconds(1'775'318'400'000'000);

  TEST_CASE("the vendor's vector holds, for five minutes to the millisecond, both ways") {
    CHECK(verify_webhook(key, signature, body, signed_at) == signed_at);
    CHECK(verify_webhook(key, signature, body, signed_at + milliseconds(300'000)));
    CHECK(verify_webhook(key, signature, body, signed_at - milliseconds(300'000)));
    CHECK_FALSE(verify_webhook(key, signature, body, signed_at + milliseconds(300'001)));
    CHECK_FALSE(verify_webhook(key, signature, body, signed_at - milliseconds(300'001)));
  }

  TEST_CASE("digits in upper case are fine, as in the Node client") {
    std::string upper(digest);
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    CHECK(verify_webhook(key, "v=1775318400000,d=" + upper, body, signed_at));
  }

  TEST_CASE("anything else is refused") {
    const std::string d(digest);
    for (const std::string& odd :
         {std::string(), std::string("v=,d="), "v=1775318400000,d=" + d.substr(1),
          "v=1775318400000,d=" + d + "0", "d=" + d + ",v=1775318400000", "v=+1775318400000,d=" + d,
          "v=1775318400001,d=" + d, "v=1775318400000;d=" + d, "v=1775318400000,d=" + d.substr(0, 63) + "g",
          "v=99999999999999999999,d=" + d}) {
      CAPTURE(odd);
      CHECK_FALSE(verify_webhook(key, odd, body, signed_at));
    }
    CHECK_FALSE(verify_webhook(Secret("another"), signature, body, signed_at));
    for (std::size_t at = 0; at < body.size(); ++at) {
      std::string changed(body);
      changed[at] = static_cast<char>(changed[at] ^ 1);
      CHECK_FALSE(verify_webhook(key, signature, changed, signed_at));
    }
  }
}
