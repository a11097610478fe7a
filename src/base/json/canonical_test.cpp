#include "base/json/canonical.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"
#include "base/json/value_testing.hpp"
#include "base/json/write.hpp"

namespace trunkline::json {
namespace {

std::string canonical_of(std::string_view text, SignatureStyle style) {
  return canonical(*parse(text), style).value();
}

// contracts/voice-api.md, section 9.3, the table of check values. The texts must be these to the byte: with
// the key whsec_example their HMAC-SHA256 is a2770343…, de0ea481… and 36a8c3b7… there.
TEST_CASE("the three styles give the texts of the contract") {
  const Value event = object({{"status", "completed"},
                              {"metadata", object({{"b", *Value::number("1.0")}, {"a", "Zoë 👍"}})},
                              {"event", "call.completed"},
                              {"call_id", "call_9"}});
  const std::string compact = R"({"call_id":"call_9","event":"call.completed",)"
                              R"("metadata":{"a":"Zo\u00eb \ud83d\udc4d","b":1.0},"status":"completed"})";
  const std::string spaced =
      R"({"call_id": "call_9", "event": "call.completed", )"
      R"("metadata": {"a": "Zo\u00eb \ud83d\udc4d", "b": 1.0}, "status": "completed"})";
  const std::string utf8 = R"({"call_id":"call_9","event":"call.completed",)"
                           R"("metadata":{"a":"Zoë 👍","b":1},"status":"completed"})";
  CHECK(canonical(event, SignatureStyle::compact) == compact);
  CHECK(canonical(event, SignatureStyle::spaced) == spaced);
  CHECK(canonical(event, SignatureStyle::utf8) == utf8);
}

// contracts/voice-api.md, sections 9.1 and 9.4: the bodies that stand there go on the wire as they are.
TEST_CASE("the bodies of the contract are canonical already") {
  constexpr const char* bodies[] = {
      R"({"call_id":"call_7Kq2","event":"call.started","status":"in_progress",)"
      R"("timestamp":"2026-03-02T09:15:21Z"})",
      R"({"arguments":{"sku":"B-200"},"call_id":"call_7Kq2","call_session_id":"cs_91f0",)"
      R"("correlation_id":"cor_44","partner_id":"prt_5","project_id":"prj_2","tool_name":"stock_level"})"};
  for (const char* body : bodies) {
    CHECK(canonical_of(body, SignatureStyle::compact) == body);
    CHECK(canonical_of(body, SignatureStyle::utf8) == body);
  }
}

TEST_CASE("only JavaScript has a limit for integers") {
  const std::string digits(400, '7');
  CHECK(canonical_of(digits, SignatureStyle::compact) == digits);
  CHECK(canonical_of("-" + digits, SignatureStyle::spaced) == "-" + digits);
  CHECK(canonical(*parse(digits), SignatureStyle::utf8).error().code() == error_codes::json_number_range);
}

TEST_CASE("what is not UTF-8 is not signed, in any style") {
  for (const auto style : {SignatureStyle::compact, SignatureStyle::spaced, SignatureStyle::utf8}) {
    CHECK(canonical("\xff", style).error().code() == error_codes::json_bad_text);
    CHECK(canonical(object({{"\xed\xa0\x80", 1}}), style).error().code() == error_codes::json_bad_text);
    CHECK(canonical(array({1, "a\xc3"}), style).error().code() == error_codes::json_bad_text);
  }
}

TEST_CASE("a receiver who writes the text again gets the same text") {
  CHECK(rc::check([] {
    const Value value = *values();
    for (const auto style : {SignatureStyle::compact, SignatureStyle::spaced, SignatureStyle::utf8}) {
      const auto text = canonical(value, style);
      if (!text) continue;
      RC_ASSERT(canonical_of(*text, style) == *text);
    }
  }));
}

TEST_CASE("the order of members and the spelling of text do not show") {
  CHECK(rc::check([] {
    const std::string key = *texts();
    const std::string other = key + *rc::gen::nonEmpty(texts());
    const Value one = object({{key, 1}, {other, 2}});
    const Value two = object({{other, 2}, {key, 1}});
    for (const auto style : {SignatureStyle::compact, SignatureStyle::spaced, SignatureStyle::utf8}) {
      RC_ASSERT(*canonical(one, style) == *canonical(two, style));
    }
    RC_ASSERT(canonical_of(*canonical(one, SignatureStyle::compact), SignatureStyle::utf8) ==
              *canonical(one, SignatureStyle::utf8));
  }));
}

TEST_CASE("the ASCII styles are ASCII and differ in spaces only where JSON has punctuation") {
  CHECK(rc::check([] {
    const Value value = *values();
    const std::string compact = *canonical(value, SignatureStyle::compact);
    const std::string spaced = *canonical(value, SignatureStyle::spaced);
    for (const char character : compact) RC_ASSERT(character >= ' ' && character < '\x7f');
    RC_ASSERT(write(*parse(compact)) == write(*parse(spaced)));
  }));
}

}  // namespace
}  // namespace trunkline::json
