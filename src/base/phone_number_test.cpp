#include "base/phone_number.hpp"

#include <array>
#include <unordered_set>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline {
namespace {

PhoneNumber number(std::string_view text) {
  return PhoneNumber::parse_e164(text).value();
}

TEST_CASE("a number in international form is taken as it is, with its country code") {
  struct Case {
    std::string_view text;
    int country_code;
  };
  static constexpr std::array cases{
      Case{"+12025550101", 1},    // reserved for fiction, North America
      Case{"+441632960001", 44},  // reserved for fiction, United Kingdom; the metadata calls it invalid
      Case{"+4930123456", 49},    // contracts/voice-api.md, section 3.1
      Case{"+6834002", 683},      // seven digits, the shortest
      Case{"+999999999999999", 0}, Case{"+498001234567890", 49},  // fifteen digits, the longest
      Case{"+79161234567", 7},     Case{"+390612345678", 39},    Case{"+420212345678", 420},
      Case{"+38344123456", 383},   Case{"+80012345678", 800},    Case{"+3790612345", 379},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    const auto parsed = PhoneNumber::parse_e164(example.text);
    REQUIRE(parsed.has_value() == (example.country_code != 0));
    if (!parsed) continue;
    CHECK(parsed->text() == example.text);
    CHECK(parsed->country_code() == example.country_code);
  }
}

TEST_CASE("what is not the international form is refused with the reason and an example") {
  struct Case {
    std::string_view text;
    std::string_view reason;
  };
  static constexpr std::array cases{
      Case{"", "it is empty"},
      Case{"12025550101", "it does not begin with +"},
      Case{"0049301234567", "it does not begin with +"},
      Case{" +12025550101", "it does not begin with +"},
      Case{"++12025550101", "it has something other than digits after the +"},
      Case{"+1 202 555 0101", "it has something other than digits after the +"},
      Case{"+1-202-555-0101", "it has something other than digits after the +"},
      Case{"+12025550101\n", "it has something other than digits after the +"},
      Case{"+1202555010१", "it has something other than digits after the +"},
      Case{std::string_view("+1202555\0", 9), "it has something other than digits after the +"},
      Case{"+", "it has fewer than 7 digits"},
      Case{"+123456", "it has fewer than 7 digits"},
      Case{"+1234567890123456", "it has more than 15 digits"},
      Case{"+0301234567", "it does not begin with a country code that exists"},
      Case{"+9991234567", "it does not begin with a country code that exists"},
      Case{"+2101234567", "it does not begin with a country code that exists"},
  };
  for (const auto& [text, reason] : cases) {
    CAPTURE(text);
    const auto parsed = PhoneNumber::parse_e164(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().code() == error_codes::phone_number_format);
    CHECK(parsed.error().kind() == ErrorKind::invalid);
    CHECK(parsed.error().message() ==
          "not a phone number: " + std::string(reason) +
              "; write + and the country code, then the rest, in digits only, like +12025550101");
  }
}

TEST_CASE("numbers are read as people and providers write them") {
  struct Case {
    std::string_view text;
    std::string_view region;
    std::string_view e164;
  };
  static constexpr std::array cases{
      Case{"(02) 9123 4567", "AU", "+61291234567"},    Case{"0412 345 678", "AU", "+61412345678"},
      Case{"+44 1632 960001", "AU", "+441632960001"},  Case{"0011 44 1632 960001", "AU", "+441632960001"},
      Case{"0049 30 123456", "DE", "+4930123456"},     Case{"030/123456", "DE", "+4930123456"},
      Case{"06 1234 5678", "IT", "+390612345678"},  // Italy keeps its zero
      Case{"tel:+1-202-555-0101", "", "+12025550101"}, Case{"(202) 555-0101 ext. 5", "US", "+12025550101"},
      Case{"+12025550101", "", "+12025550101"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    const auto parsed = PhoneNumber::parse_any(example.text, example.region);
    REQUIRE(parsed);
    CHECK(parsed->text() == example.e164);
  }
}

TEST_CASE("a national number without a region, and what is no number, are refused") {
  struct Case {
    std::string_view text;
    std::string_view region;
  };
  const std::string long_text(101, '1');
  const std::array cases{
      Case{"0412 345 678", ""}, Case{"0412 345 678", "XX"}, Case{"anonymous", "US"},
      Case{"", "US"},           Case{"12", "US"},           Case{"sip:alice@example.org", "US"},
      Case{"\xff\xfe", "US"},   Case{long_text, "US"},      Case{"+9991234567", "US"}};
  for (const Case& example : cases) {
    CAPTURE(example.text);
    const auto parsed = PhoneNumber::parse_any(example.text, example.region);
    REQUIRE(!parsed);
    CHECK(parsed.error().code() == error_codes::phone_number_format);
  }
}

TEST_CASE("the metadata tells region, kind and validity") {
  struct Case {
    std::string_view text;
    std::string_view region;
    PhoneNumberKind kind;
    bool valid;
  };
  using enum PhoneNumberKind;
  static constexpr std::array cases{
      Case{"+12025550101", "US", fixed_line_or_mobile, true},
      Case{"+14165550101", "CA", fixed_line_or_mobile, true},
      Case{"+4930123456", "DE", fixed_line, true},
      Case{"+61412345678", "AU", mobile, true},
      Case{"+18005550100", "US", toll_free, true},
      Case{"+19005551234", "US", premium_rate, true},
      Case{"+38344123456", "XK", mobile, true},
      Case{"+80012345678", "", toll_free, true},  // belongs to no country
      Case{"+2908123", "SH", fixed_line, true},   // Tristan da Cunha
      // Unknown to the metadata: a number all the same, of the calling code's main country.
      Case{"+441632960001", "GB", unknown, false},
      Case{"+447700900123", "GB", unknown, false},
      Case{"+3790612345", "", unknown, false},
  };
  for (const Case& example : cases) {
    CAPTURE(example.text);
    CHECK(number(example.text).region() == example.region);
    CHECK(to_text(number(example.text).kind()) == to_text(example.kind));
    CHECK(number(example.text).is_valid() == example.valid);
  }
}

TEST_CASE("a number in a log shows its last four digits only") {
  CHECK(number("+12025550101").masked() == "…0101");
  CHECK(number("+6834002").masked() == "…4002");
  CHECK(PhoneNumber().masked().empty());
}

TEST_CASE("a phone number is a small value that starts as none, compares by its text and hashes") {
  CHECK(sizeof(PhoneNumber) == 16);
  CHECK(PhoneNumber().is_none());
  CHECK(PhoneNumber().text().empty());
  CHECK(PhoneNumber().country_code() == 0);
  CHECK(PhoneNumber().region().empty());
  CHECK(PhoneNumber().kind() == PhoneNumberKind::unknown);
  CHECK(!PhoneNumber().is_valid());
  CHECK(number("+12025550101") == number("+12025550101"));
  CHECK(number("+1202555010") < number("+12025550101"));
  CHECK(PhoneNumber() < number("+12025550101"));
  CHECK(std::unordered_set<PhoneNumber>{number("+12025550101"), number("+12025550101"), number("+4930123456")}
            .size() == 2);
}

TEST_CASE("no text at all upsets the reader, and what it reads it reads again") {
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::element('+', '0', '1', '2', '4', '9', ' ', '-', '(', ';', 'x'), rc::gen::arbitrary<char>()));
    if (const auto parsed = PhoneNumber::parse_any(text, "US")) {
      RC_ASSERT(PhoneNumber::parse_e164(parsed->text()).value() == *parsed);
      RC_ASSERT(PhoneNumber::parse_any(parsed->text(), "").has_value());
    }
    if (const auto parsed = PhoneNumber::parse_e164(text)) RC_ASSERT(parsed->text() == text);
  }));
}

}  // namespace
}  // namespace trunkline
