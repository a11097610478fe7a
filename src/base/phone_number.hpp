// Phone numbers in the international form of ITU-T E.164: "+", the country calling code, the rest.
//
// What is a number is decided here by hand: the form, and a country calling code that is assigned.
// libphonenumber's metadata knows more (region, kind, validity), but it is from 2022 and numbering plans
// move, so it may warn about a number and never refuse one that a provider accepts.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace trunkline {

enum class PhoneNumberKind : std::uint8_t {
  unknown,
  fixed_line,
  mobile,
  fixed_line_or_mobile,  // North America: the number does not tell
  toll_free,
  premium_rate,
  shared_cost,
  voip,
  personal,
  pager,
  company,  // universal access numbers
  voicemail,
};

std::string_view to_text(PhoneNumberKind kind);  // "fixed_line"

// 16 bytes, copied freely. Sorts by its text.
class PhoneNumber {
 public:
  static constexpr std::size_t least_digits = 7;  // with the country calling code
  static constexpr std::size_t most_digits = 15;  // E.164, section 6.2

  constexpr PhoneNumber() = default;  // none: an empty text

  // "+12025550101" and nothing else: no spaces, no punctuation. Error: phone_number_format.
  static Result<PhoneNumber> parse_e164(std::string_view text);

  // The ways people and providers write numbers: "(02) 9123 4567", "0049 30 123456", "+44 1632 960001 ext. 5"
  // (the extension is dropped). Without a country code it is a number of `default_region`, an ISO 3166-1
  // code; empty means that the country code must be there. 5 µs; the first call of the process 5 ms. Error:
  // phone_number_format.
  static Result<PhoneNumber> parse_any(std::string_view text, std::string_view default_region);

  // "+12025550101"; lives as long as this object.
  std::string_view text() const;
  bool is_none() const { return characters_.front() == '\0'; }

  int country_code() const;  // 1, 44, 420; 0 for none

  // For logs: "…0101".
  std::string masked() const;

  // From the metadata, 6 to 12 µs each.
  // ISO 3166-1 alpha-2. The main country of the calling code when the range is unknown; empty when there is
  // none, as for international toll-free numbers.
  std::string region() const;
  PhoneNumberKind kind() const;
  bool is_valid() const;  // for a warning only, see above

  friend auto operator<=>(const PhoneNumber&, const PhoneNumber&) = default;

 private:
  std::array<char, most_digits + 1> characters_{};  // with the plus, ended by a zero when there is room
};

namespace error_codes {
inline constexpr ErrorCode phone_number_format{"phone_number_format", ErrorKind::invalid};
}  // namespace error_codes

}  // namespace trunkline

template <>
struct std::hash<trunkline::PhoneNumber> {
  std::size_t operator()(const trunkline::PhoneNumber& number) const noexcept {
    return std::hash<std::string_view>()(number.text());
  }
};
