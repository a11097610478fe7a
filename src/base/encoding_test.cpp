#include "base/encoding.hpp"

#include <array>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline {
namespace {

struct Pair {
  std::string_view plain;
  std::string_view encoded;
};

TEST_CASE("hex is written in lower case and read in either") {
  CHECK(hex_encode("") == "");
  CHECK(hex_encode(std::string_view("\x00\x7f\x80\xff", 4)) == "007f80ff");
  CHECK(hex_encode(std::array<std::uint8_t, 2>{0xab, 0x01}) == "ab01");
  CHECK(hex_decode("AbCdEf09") == "\xab\xcd\xef\x09");
  CHECK(hex_decode("") == "");
  for (std::string_view text : {"0", "abc", "0g", " 0", "0x", "é"}) {
    CAPTURE(text);
    CHECK(hex_decode(text) == std::nullopt);
  }
}

// RFC 4648, section 10.
TEST_CASE("base64 gives the vectors of its standard") {
  static constexpr std::array vectors{Pair{"", ""},
                                      Pair{"f", "Zg=="},
                                      Pair{"fo", "Zm8="},
                                      Pair{"foo", "Zm9v"},
                                      Pair{"foob", "Zm9vYg=="},
                                      Pair{"fooba", "Zm9vYmE="},
                                      Pair{"foobar", "Zm9vYmFy"},
                                      Pair{"\xfb\xff\xfe", "+//+"}};
  for (const auto& [plain, encoded] : vectors) {
    CAPTURE(plain);
    CHECK(base64_encode(plain) == encoded);
    CHECK(base64_decode(encoded) == plain);
  }
  CHECK(base64url_encode("\xfb\xff\xfe") == "-__-");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64url_decode("Zg") == "f");
}

TEST_CASE("base64 has one spelling: padding, alphabet and unused bits are checked") {
  for (std::string_view text : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "=", "====", "Z===", "Zg==Zg==",
                                "Zm9v\n", " Zm9v", "Zm9v=", "-__-", "Zm\xc3\xa9v"}) {
    CAPTURE(text);
    CHECK(base64_decode(text) == std::nullopt);
  }
  for (std::string_view text : {"Zg==", "Z", "Zh", "Zm9", "+//+", "Zm9v="}) {
    CAPTURE(text);
    CHECK(base64url_decode(text) == std::nullopt);
  }
}

TEST_CASE("percent-encoding keeps the unreserved characters of RFC 3986 only") {
  CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encode("a b/c?d=e&f+g%") == "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
  CHECK(percent_encode("Zoë") == "Zo%C3%AB");
  CHECK(percent_decode("a%20b%2fc+d") == "a b/c+d");
  for (std::string_view text : {"%", "%2", "%zz", "%2x", "abc%"}) {
    CAPTURE(text);
    CHECK(percent_decode(text) == std::nullopt);
  }
}

// The query texts of contracts/zadarma.md, section 2, vectors A and D.
TEST_CASE("forms are encoded as the provider that signs them does") {
  CHECK(print_form({{"end", "2026-04-30 23:59:59"}, {"format", "json"}, {"start", "2026-04-01 00:00:00"}}) ==
        "end=2026-04-30+23%3A59%3A59&format=json&start=2026-04-01+00%3A00%3A00");
  CHECK(print_form({{"message", "Café & tea + 50% off (today)!"}, {"sender", "ACME"}}) ==
        "message=Caf%C3%A9+%26+tea+%2B+50%25+off+%28today%29%21&sender=ACME");
  CHECK(print_form({{"numbers[0]", "~"}}) == "numbers%5B0%5D=%7E");
  CHECK(print_form({}).empty());
}

TEST_CASE("form bodies are read in order, with repeats, empty values and lone names") {
  CHECK(parse_form("To=%2B12025550101&To=x&Body=two+words&Empty=&Lone&=v&a=b=c") ==
        FormFields{{"To", "+12025550101"},
                   {"To", "x"},
                   {"Body", "two words"},
                   {"Empty", ""},
                   {"Lone", ""},
                   {"", "v"},
                   {"a", "b=c"}});
  CHECK(parse_form("") == FormFields{});
  CHECK(parse_form("&&a=1&") == FormFields{{"a", "1"}});
  CHECK(parse_form("a=%2") == std::nullopt);
  CHECK(parse_form("%x=1") == std::nullopt);
}

TEST_CASE("crc32 gives the check value of its polynomial") {
  CHECK(crc32("123456789") == 0xcbf43926U);
  CHECK(crc32("") == 0);
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339U);
}

TEST_CASE("every encoding gives back what went in") {
  CHECK(rc::check([](const std::string& bytes) {
    RC_ASSERT(hex_decode(hex_encode(bytes)) == bytes);
    RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
    RC_ASSERT(base64url_decode(base64url_encode(bytes)) == bytes);
    RC_ASSERT(percent_decode(percent_encode(bytes)) == bytes);
    RC_ASSERT(form_decode(form_encode(bytes)) == bytes);
  }));
  CHECK(rc::check([](const FormFields& fields) { RC_ASSERT(parse_form(print_form(fields)) == fields); }));
}

TEST_CASE("no text decodes to bytes that are spelled differently") {
  CHECK(rc::check([] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::element('A', 'Q', 'g', 'w', '9', '+', '/', '-', '_', '='));
    if (const auto bytes = base64_decode(text)) RC_ASSERT(base64_encode(*bytes) == text);
    if (const auto bytes = base64url_decode(text)) RC_ASSERT(base64url_encode(*bytes) == text);
  }));
}

}  // namespace
}  // namespace trunkline
