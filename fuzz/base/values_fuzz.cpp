// Feeds any bytes to the readers of single values. What they take must come out as a text that reads back as
// the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/decimal.hpp"
#include "base/id.hpp"
#include "base/phone_number.hpp"
#include "base/time.hpp"

namespace {

using namespace trunkline;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto decimal = Decimal::parse(text)) require(Decimal::parse(decimal->to_text()) == *decimal);
  if (const auto instant = parse_instant(text)) {
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(*instant);
    require(parse_instant(format_rfc3339(*instant)) == Instant(milliseconds));
  }
  if (const auto month = parse_month(text)) require(to_text(*month) == text);
  if (const auto duration = parse_duration(text)) require(*duration >= Duration::zero());
  if (const auto id = CallId::parse(text)) require(CallId::parse(id->text()) == *id);
  if (const auto number = PhoneNumber::parse_e164(text)) {
    require(PhoneNumber::parse_e164(number->text()) == *number);
    require(number->masked().find(number->text().substr(1)) == std::string::npos);
  }
  return 0;
}
