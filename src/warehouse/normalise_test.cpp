#include "warehouse/normalise.hpp"

#include <doctest/doctest.h>

#include "base/json/parse.hpp"

using namespace std::string_literals;

namespace trunkline::warehouse {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  REQUIRE(value);
  return *value;
}

std::string at(const std::optional<LocalTime>& time) {
  return time ? format_rfc3339(time->instant) : "none";
}

TEST_SUITE("warehouse normalisation") {
  TEST_CASE("Numbers are stored as E.164 when valid, else as they came (contracts/warehouse.md, section 5)") {
    struct Case {
      const char* input;
      const char* stored;
    };
    const auto cases = std::to_array<Case>({
        {"61412345678", "+61412345678"},
        {"0412 345 678", "+61412345678"},
        {"+61 0412345678", "+61412345678"},
        {"610412345678", "+61412345678"},
        {"(02) 9876 5432", "+61298765432"},
        {"61 2 9876 5432", "+61298765432"},
        {"1300 975 707", "+611300975707"},
        {"13 14 50", "+61131450"},
        {"1800 801 920", "+611800801920"},
        {"0011 44 20 7946 0958", "+442079460958"},
        {"442037691880", "+442037691880"},
        {"9876 5432", "9876 5432"},
        {"100", "100"},
        {"00001", "00001"},
        {"261598", "261598"},
        {"000", "000"},
        {"anonymous", "anonymous"},
        {"sip:anna@x", "sip:anna@x"},
        {"  ACME ", "ACME"},
    });
    for (const Case& each : cases) {
      CAPTURE(each.input);
      CHECK(normalise_number(each.input, "AU", true) == each.stored);
      CHECK(normalise_number(each.input, "AU", true) == each.stored);  // the remembered one
    }
    CHECK(normalise_number("442037691880", "AU", false) != "+442037691880");
    CHECK_FALSE(normalise_number("   ", "AU"));
    CHECK(normalise_number("0412345678", "") == "0412345678");
    CHECK(normalise_number(*text_of(&parsed("[61412345678]").as_array()->front()), "AU") == "+61412345678");
  }

  TEST_CASE("Amounts are exact, from text, from numbers and with exponents; absent is not zero") {
    const json::Value row = parsed(
        R"({"a":"1.666E-4","b":0.1,"c":"0","d":null,"e":"","f":4.0E-3,"g":"abc","cents":70.35,"long":"0.123456785"})");
    CHECK(decimal_of(row.find("a"))->to_text() == "0.0001666");
    CHECK(decimal_of(row.find("b"))->to_text() == "0.1");
    CHECK(decimal_of(row.find("c"))->is_zero());
    CHECK_FALSE(decimal_of(row.find("d")));
    CHECK_FALSE(decimal_of(row.find("e")));
    CHECK(decimal_of(row.find("f"))->to_text() == "0.004");
    CHECK_FALSE(decimal_of(row.find("g")));
    CHECK_FALSE(decimal_of(row.find("absent")));
    CHECK(dollars_of_cents(row.find("cents"))->to_text() == "0.7035");
    CHECK(rounded_cost(*decimal_of(row.find("long"))).to_text() == "0.12345678");  // half to even
  }

  TEST_CASE("Values of drifting type read alike") {
    const json::Value row =
        parsed(R"({"n":12,"t":"12","f":"12.9","id":1439981389.27027730,"yes":"true","one":"1","no":false})");
    CHECK(integer_of(row.find("n")) == 12);
    CHECK(integer_of(row.find("t")) == 12);
    CHECK(integer_of(row.find("f")) == 12);
    CHECK(text_of(row.find("id")) == "1439981389.27027730");  // the original characters
    CHECK(boolean_of(row.find("yes")) == true);
    CHECK(boolean_of(row.find("one")) == true);
    CHECK(boolean_of(row.find("no")) == false);
    const json::Value duration = parsed(R"([1499,1500,"2500",null])");
    CHECK(seconds_of_milliseconds(&duration.as_array()->at(0)) == 1);
    CHECK(seconds_of_milliseconds(&duration.as_array()->at(1)) == 2);
    CHECK(seconds_of_milliseconds(&duration.as_array()->at(2)) == 3);
    CHECK_FALSE(seconds_of_milliseconds(&duration.as_array()->at(3)));
  }

  TEST_CASE("Local times with an hour that comes twice and one that does not come (section 5)") {
    const auto sydney = TimeZone::find("Australia/Sydney");
    REQUIRE(sydney);
    const auto twice = sydney->read("2026-04-05 02:30:00");
    CHECK(at(twice) == "2026-04-04T15:30:00.000Z");
    CHECK(twice->kind == LocalTimeKind::ambiguous);
    const auto second = parse_instant("2026-04-04T16:33:00Z");
    CHECK(at(sydney->read("2026-04-05 02:30:00", second)) == "2026-04-04T16:30:00.000Z");
    const auto far = parse_instant("2026-04-04T16:35:01Z");
    CHECK(at(sydney->read("2026-04-05 02:30:00", far)) == "2026-04-04T15:30:00.000Z");
    const auto gap = sydney->read("2026-10-04 02:30:00");
    CHECK(at(gap) == "2026-10-03T16:30:00.000Z");
    CHECK(gap->kind == LocalTimeKind::gap);
    CHECK(at(sydney->read("2026-07-01 00:00:00")) == "2026-06-30T14:00:00.000Z");
    CHECK(sydney->read("2026-07-01 00:00:00")->kind == LocalTimeKind::unique);
    CHECK_FALSE(sydney->read("2026-02-30 00:00:00"));
    CHECK_FALSE(sydney->read("0000-00-00 00:00:00"));
    CHECK(sydney->day(*parse_instant("2026-06-30T14:00:00Z")) == "2026-07-01");
    CHECK(sydney->write(*parse_instant("2026-06-30T14:00:01Z")) == "2026-07-01 00:00:01");
    CHECK_FALSE(TimeZone::find("Mars/Olympus"));
    json::Value raw = parsed("{}");
    mark_local_time(raw, gap->kind);
    CHECK(*raw.find("_tz") == json::Value("gap"));
  }

  TEST_CASE("A window that begins or ends in a doubtful hour is widened by one hour") {
    const auto sydney = TimeZone::find("Australia/Sydney");
    const Window plain{*parse_instant("2026-06-01T00:00:00Z"), *parse_instant("2026-06-02T00:00:00Z")};
    CHECK(sydney->widened(plain) == plain);
    const Window doubtful{*parse_instant("2026-04-04T15:30:00Z"), *parse_instant("2026-04-04T16:30:00Z")};
    CHECK(sydney->widened(doubtful) == Window{doubtful.begin - hours(1), doubtful.end + hours(1)});
  }

  TEST_CASE("Zadarma's dispositions become statuses") {
    CHECK(zadarma_status("answered") == CallStatus::completed);
    CHECK(zadarma_status("no answer") == CallStatus::no_answer);
    CHECK(zadarma_status("busy") == CallStatus::busy);
    CHECK(zadarma_status("cancel") == CallStatus::canceled);
    for (const char* word : {"call failed", "failed", "no money", "unallocated number", "no limit",
                             "no day limit", "line limit", "no money, no limit"}) {
      CHECK(zadarma_status(word) == CallStatus::failed);
    }
    CHECK(zadarma_status("teleported") == CallStatus::unknown);
  }

  TEST_CASE("Telnyx records become statuses, the stronger sign first") {
    struct Case {
      const char* record;
      CallStatus status;
    };
    const auto cases = std::to_array<Case>({
        {R"({"connected":1,"sip_invite_failure_status":486})", CallStatus::completed},
        {R"({"answered_at":"2026-01-01T00:00:00Z"})", CallStatus::completed},
        {R"({"call_sec":"3"})", CallStatus::completed},
        {R"({"sip_invite_failure_status":"486"})", CallStatus::busy},
        {R"({"sip_invite_failure_status":600})", CallStatus::busy},
        {R"({"sip_invite_failure_status":487})", CallStatus::canceled},
        {R"({"sip_invite_failure_status":408})", CallStatus::no_answer},
        {R"({"sip_invite_failure_status":480})", CallStatus::no_answer},
        {R"({"sip_invite_failure_status":503,"hangup_cause":"USER_BUSY"})", CallStatus::failed},
        {R"({"hangup_cause":"USER_BUSY"})", CallStatus::busy},
        {R"({"hangup_cause":"ORIGINATOR_CANCEL"})", CallStatus::canceled},
        {R"({"hangup_cause":"ALLOTTED_TIMEOUT","hangup_code":17})", CallStatus::no_answer},
        {R"({"hangup_cause":"MANAGER_REQUEST"})", CallStatus::failed},
        {R"({"hangup_code":17})", CallStatus::busy},
        {R"({"hangup_code":"19"})", CallStatus::no_answer},
        {R"({"hangup_code":38})", CallStatus::failed},
        {R"({})", CallStatus::unknown},
    });
    for (const Case& each : cases) {
      CAPTURE(each.record);
      CHECK(telnyx_record_status(parsed(each.record)) == each.status);
    }
    CHECK(telnyx_hangup_status(true, "originator_cancel") == CallStatus::completed);
    CHECK(telnyx_hangup_status(false, "originator_cancel") == CallStatus::canceled);
    CHECK(telnyx_hangup_status(false, "timeout") == CallStatus::no_answer);
    CHECK(telnyx_hangup_status(false, "user_busy") == CallStatus::busy);
    CHECK(telnyx_hangup_status(false, "not_found") == CallStatus::failed);
  }

  TEST_CASE("Retell's statuses and reasons become statuses") {
    CHECK(retell_status("ongoing", "", false) == CallStatus::in_progress);
    CHECK(retell_status("registered", "", false) == CallStatus::in_progress);
    CHECK(retell_status("ended", "voicemail_reached", false) == CallStatus::voicemail);
    CHECK(retell_status("ended", "agent_hangup", true) == CallStatus::voicemail);
    CHECK(retell_status("not_connected", "dial_busy", false) == CallStatus::busy);
    CHECK(retell_status("not_connected", "user_declined", false) == CallStatus::busy);
    CHECK(retell_status("not_connected", "dial_no_answer", false) == CallStatus::no_answer);
    CHECK(retell_status("ended", "error_llm_websocket_open", false) == CallStatus::completed);
    CHECK(retell_status("error", "error_retell", false) == CallStatus::failed);
    CHECK(retell_status("not_connected", "registered_call_timeout", false) == CallStatus::failed);
  }

  TEST_CASE("Directions come from our own numbers where the provider does not say") {
    const std::set<std::string> ours{"+61290000000", "+61290000001"};
    CHECK(direction_by_own_numbers(&ours, "+61412345678", "+61290000000") == Direction::inbound);
    CHECK(direction_by_own_numbers(&ours, "+61290000000", "+61412345678") == Direction::outbound);
    CHECK(direction_by_own_numbers(&ours, "+61290000000", "+61290000001") == Direction::internal);
    CHECK_FALSE(direction_by_own_numbers(&ours, "+61412345678", "+61412345679"));
  }

  TEST_CASE("Text is kept, NUL goes, lone surrogates and broken bytes become U+FFFD, and both are noted") {
    CHECK(repair_json(R"({"a":"Café 🎉 é"})").text == R"({"a":"Café 🎉 é"})");
    const auto nul = repair_json(R"({"a":"x\u0000y"})");
    CHECK(nul.text == R"({"a":"xy"})");
    CHECK(nul.removed_nul);
    const auto lone = repair_json(R"({"a":"\ud83d","b":"\ud83c\udf89","c":"\\ud83d","d":"\udc00"})");
    CHECK(lone.text == R"({"a":"\ufffd","b":"\ud83c\udf89","c":"\\ud83d","d":"\ufffd"})");
    CHECK(lone.replaced);
    CHECK(json::parse(lone.text));
    CHECK(repair_text("a\xFF\xFE"s + "b").text == "a\xEF\xBF\xBD\xEF\xBF\xBD"s + "b");
    json::Value raw = parsed("{}");
    mark_repair(raw, nul);
    CHECK(*raw.find("_text") == json::Value("nul_removed"));
  }

  TEST_CASE("Secrets are stripped at any depth (section 2, no. 21)") {
    json::Value raw = parsed(
        R"({"id":1,"password":"p","outbound":{"ip_authentication_token":"t","x":[{"v1_secret":"s","ok":1}]},)"
        R"("access_token":"a","external_pin":"1","custom_code":"c"})");
    CHECK(strip_secrets(raw));
    CHECK(raw == parsed(R"({"id":1,"outbound":{"x":[{"ok":1}]}})"));
    CHECK_FALSE(strip_secrets(raw));
    CHECK(url_without_query("https://x/y.mp3?X-Amz-Signature=abc") == "https://x/y.mp3");
  }
}

}  // namespace
}  // namespace trunkline::warehouse
