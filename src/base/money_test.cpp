#include "base/money.hpp"

#include <array>
#include <stdexcept>

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace trunkline {
namespace {

using namespace trunkline::literals;

const Currency usd("USD");
const Currency jpy("JPY");
const Currency kwd("KWD");

TEST_CASE("an amount is rounded to its currency's minor digits, half away from zero") {
  struct Case {
    Money amount;
    std::string_view rounded;
  };
  // contracts/pricing-api.md, section 4
  const std::array cases{
      Case{{"10.375"_decimal, usd}, "10.38 USD"}, Case{{"10.365"_decimal, usd}, "10.37 USD"},
      Case{{"-0.005"_decimal, usd}, "-0.01 USD"}, Case{{"0.004999999"_decimal, usd}, "0.00 USD"},
      Case{{"12.5"_decimal, jpy}, "13 JPY"},      Case{{"0.0005"_decimal, kwd}, "0.001 KWD"},
      Case{{"3"_decimal, kwd}, "3.000 KWD"},
  };
  for (const Case& example : cases) CHECK(example.amount.rounded().to_text() == example.rounded);
  CHECK(Money{"10.365"_decimal, usd}.rounded(Rounding::half_even).to_text() == "10.36 USD");
}

TEST_CASE("charges are summed unrounded and rounded once") {
  const Money charge{"0.333"_decimal, usd};
  CHECK((charge + charge + charge).rounded().to_text() == "1.00 USD");
  CHECK((charge.rounded() + charge.rounded() + charge.rounded()).to_text() == "0.99 USD");

  Money cost = Money{"0.05"_decimal, usd} * "5.5"_decimal;
  cost += Money{"0.01"_decimal, usd} * "10"_decimal;
  cost += Money{"10.00"_decimal, usd};
  CHECK(cost.to_text() == "10.375 USD");
  CHECK(cost.rounded().to_text() == "10.38 USD");
  cost -= cost;
  CHECK(cost.is_zero());
}

TEST_CASE("money prints its minor digits at least and hides no digit") {
  CHECK(Money{"12.3"_decimal, usd}.to_text() == "12.30 USD");
  CHECK(Money{"0.0001666"_decimal, usd}.to_text() == "0.0001666 USD");
  CHECK(Money{"-7"_decimal, usd}.to_text() == "-7.00 USD");
  CHECK(Money{Decimal::from_units(1'500'000, 6), usd}.to_text() == "1.50 USD");
  CHECK(Money{"1200"_decimal, jpy}.to_text() == "1200 JPY");
  CHECK(Money{}.to_text() == "0 XXX");
}

TEST_CASE("minor units are exact or not there") {
  CHECK(Money::from_minor_units(1230, usd).to_text() == "12.30 USD");
  CHECK(Money::from_minor_units(1230, jpy).to_text() == "1230 JPY");
  CHECK(Money::from_minor_units(-1230, kwd).to_text() == "-1.230 KWD");
  CHECK(Money{"0.005"_decimal, usd}.to_minor_units() == std::nullopt);
  CHECK(Money{"0.005"_decimal, usd}.rounded().to_minor_units() == 1);
  CHECK(Money{"92233720368547758.08"_decimal, usd}.to_minor_units() == std::nullopt);
  CHECK(rc::check([](std::int64_t units) {
    for (const Currency& currency : {usd, jpy, kwd}) {
      RC_ASSERT(Money::from_minor_units(units, currency).to_minor_units() == units);
    }
  }));
}

TEST_CASE("amounts in different currencies never mix") {
  const Money dollars{"1"_decimal, usd};
  const Money yen{"1"_decimal, jpy};
  CHECK_THROWS_AS(dollars + yen, std::logic_error);
  CHECK_THROWS_AS(dollars - yen, std::logic_error);
  CHECK_THROWS_AS((void)(dollars < yen), std::logic_error);
  CHECK(dollars != yen);
  CHECK(dollars == Money{"1.00"_decimal, usd});
  CHECK(dollars < Money{"1.01"_decimal, usd});
  CHECK((-dollars).is_negative());
}

}  // namespace
}  // namespace trunkline
