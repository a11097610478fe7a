#include "warehouse/zadarma/signature.hpp"

#include <doctest/doctest.h>

using namespace trunkline;
using namespace trunkline::warehouse::zadarma;

// contracts/zadarma.md, section 2, "Test vectors", and section 11.
TEST_SUITE("zadarma signature") {
  const Secret secret("fakesecret9876543210");
  constexpr std::string_view key = "fakekey0123456789abc";

  TEST_CASE("requests are signed as the official clients sign them") {
    struct Vector {
      std::string_view path;
      Parameters parameters;
      std::string_view header;
    };
    const Vector vectors[] = {
        {"/v1/statistics/",
         {{"start", "2026-04-01 00:00:00"},
          {"end", "2026-04-30 23:59:59"},
          {"skip", "0"},
          {"limit", "1000"},
          {"format", "json"}},
         "YTZkYTAyYWI1NTJkNjg4YmVjN2EwOGExYzFhYmYyYjVkMmZhNWFhOA=="},
        {"/v1/info/balance/",
         {{"format", "json"}},
         "NDhiYjFlOTA2YjJkZmM4NzhhYTcxNDRjYmJhMzRlOGRjNzJmMjYyNw=="},
        {"/v1/info/balance/", {}, "ODJhZDlhODIyNTk2YWRlMTJkODcwNjI2NTVjYjcxMTU1ZjZiZjQ3Nw=="},
        {"/v1/sms/send/",
         {{"number", "61412345678"},
          {"message", "Café & tea + 50% off (today)!"},
          {"sender", "ACME"},
          {"format", "json"}},
         "MzRiMmIxZGZiOWE2NGIzMDA1YjFmYjE1YWY2YWRjOWMxN2I0YzNlOQ=="},
    };
    for (const Vector& each : vectors) {
      CHECK(authorization(key, secret, each.path, each.parameters) ==
            std::string(key) + ":" + std::string(each.header));
    }
  }

  TEST_CASE("the query is what PHP's http_build_query writes") {
    CHECK(query_text({{"b", "a~b"}, {"a[0]", "1 2"}}) == "a%5B0%5D=1+2&b=a%7Eb");
  }

  TEST_CASE("webhook texts are signed in the same way") {
    CHECK(webhook_signature(secret, "61412345678612900000002026-04-05 02:30:00") ==
          "ZTdjODhkYzg2ZjZhNzY0ZGViNWZlMTQxYmFkYjRlZTY2ZGYwMjg3Nw==");
    CHECK(webhook_signature(secret,
                            R"({"caller_id":"61412345678","caller_did":"61290000000","text":"Café"})") ==
          "ZjM1NTM0ODYyNjk2MDM3OWNhMjFlNWQ3YzI0ZWVlZTRiNGIyZWZhYg==");
  }
}
