#include "base/currency.hpp"

#include <array>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace trunkline {
namespace {

std::vector<Currency> every_currency() {
  std::vector<Currency> all;
  std::string code(3, 'A');
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0]) {
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1]) {
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2]) {
        if (const auto currency = Currency::parse(code)) all.push_back(*currency);
      }
    }
  }
  return all;
}

TEST_CASE("a currency knows its number, its name and its minor digits") {
  struct Case {
    std::string_view code;
    int numeric;
    int minor_digits;
    std::string_view name;
  };
  static constexpr std::array cases{
      Case{"USD", 840, 2, "US Dollar"},
      Case{"EUR", 978, 2, "Euro"},
      Case{"JPY", 392, 0, "Japanese Yen"},
      Case{"KRW", 410, 0, "South Korean Won"},
      Case{"ISK", 352, 0, "Icelandic Króna"},
      Case{"BHD", 48, 3, "Bahraini Dinar"},
      Case{"KWD", 414, 3, "Kuwaiti Dinar"},
      Case{"TND", 788, 3, "Tunisian Dinar"},
      Case{"CLF", 990, 4, "Chilean Unit of Account (UF)"},
      Case{"UYW", 927, 4, "Uruguayan Nominal Wage Index Unit"},
      Case{"ALL", 8, 2, "Albanian Lek"},
      Case{"ZWG", 924, 2, "Zimbabwe Gold"},
      Case{"XCG", 532, 2, "Caribbean Guilder"},
      Case{"XAD", 396, 2, "Arab Accounting Dinar"},
      Case{"BGN", 975, 2, "Bulgarian Lev"},
      Case{"XXX", 999, 0, "No Currency"},
  };
  for (const Case& example : cases) {
    CAPTURE(example.code);
    const Currency currency(example.code);
    CHECK(currency.code() == example.code);
    CHECK(currency.numeric() == example.numeric);
    CHECK(currency.minor_digits() == example.minor_digits);
    CHECK(currency.name() == example.name);
  }
}

// ISO 4217 list one has 178 codes since amendment 179 (2025); six more left it after 2020.
TEST_CASE("the table holds the whole standard, each code once") {
  const auto all = every_currency();
  CHECK(all.size() == 178 + 6);
  std::set<int> numbers;
  std::set<std::string_view> names;
  for (const Currency& currency : all) {
    numbers.insert(currency.numeric());
    names.insert(currency.name());
    CHECK(currency.minor_digits() <= 4);
  }
  CHECK(numbers.size() == all.size() - 1);  // XCG took over the number of ANG
  CHECK(names.size() == all.size());
}

TEST_CASE("just these currencies settle in something other than hundredths") {
  std::string others;
  for (const Currency& currency : every_currency()) {
    if (currency.minor_digits() != 2)
      others += std::string(currency.code()) + char('0' + currency.minor_digits()) + " ";
  }
  CHECK(others ==
        "BHD3 BIF0 CLF4 CLP0 DJF0 GNF0 IQD3 ISK0 JOD3 JPY0 KMF0 KRW0 KWD3 LYD3 OMR3 PYG0 RWF0 TND3 UGX0 UYI0 "
        "UYW4 "
        "VND0 VUV0 XAF0 XAG0 XAU0 XBA0 XBB0 XBC0 XBD0 XDR0 XOF0 XPD0 XPF0 XPT0 XSU0 XTS0 XUA0 XXX0 ");
}

TEST_CASE("either case is read, and anything else is refused with a hint") {
  CHECK(Currency::parse("usd") == Currency("USD"));
  CHECK(Currency::parse("Eur") == Currency("EUR"));
  for (std::string_view text : {"", "US", "USDT", "ABC", "U D", "€", "12\xC3", "USD "}) {
    CAPTURE(text);
    const auto currency = Currency::parse(text);
    REQUIRE(!currency);
    CHECK(currency.error().code() == error_codes::currency_unknown);
    CHECK(currency.error().message() ==
          "not a currency code of ISO 4217; write three letters, like USD or EUR");
  }
  CHECK_THROWS_AS(Currency("ABC"), std::invalid_argument);
}

TEST_CASE("a currency is a small value that starts as no currency and sorts by code") {
  CHECK(sizeof(Currency) == 1);
  CHECK(Currency() == Currency("XXX"));
  CHECK(Currency("EUR") < Currency("USD"));
  CHECK(std::hash<Currency>()(Currency("EUR")) == std::hash<Currency>()(Currency("eur")));
}

}  // namespace
}  // namespace trunkline
