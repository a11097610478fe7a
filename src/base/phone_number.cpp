#include "base/phone_number.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include "base/region.hpp"
#include "base/text.hpp"

namespace trunkline {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;
using ParsedNumber = i18n::phonenumbers::PhoneNumber;

// ITU-T E.164, list of assigned country codes, with the codes of services (800, 808, 878, 979), satellites
// (870, 881), networks (882, 883), relief (888) and Vatican City's unused 379.
constexpr std::array assigned_codes = std::to_array<std::uint16_t>(
    {1,   7,   20,  27,  30,  31,  32,  33,  34,  36,  39,  40,  41,  43,  44,  45,  46,  47,  48,  49,
     51,  52,  53,  54,  55,  56,  57,  58,  60,  61,  62,  63,  64,  65,  66,  81,  82,  84,  86,  90,
     91,  92,  93,  94,  95,  98,  211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228,
     229, 230, 231, 232, 233, 234, 235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248,
     249, 250, 251, 252, 253, 254, 255, 256, 257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269,
     290, 291, 297, 298, 299, 350, 351, 352, 353, 354, 355, 356, 357, 358, 359, 370, 371, 372, 373, 374,
     375, 376, 377, 378, 379, 380, 381, 382, 383, 385, 386, 387, 389, 420, 421, 423, 500, 501, 502, 503,
     504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597, 598, 599, 670, 672, 673, 674,
     675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691, 692, 800, 808, 850,
     852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965, 966, 967,
     968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998});

// Nobody writes a longer one, and the cost of reading rises with the length.
constexpr std::size_t longest_text = 100;

constexpr std::array<bool, 1000> is_assigned = [] {
  std::array<bool, 1000> table{};
  for (const std::uint16_t code : assigned_codes) table[code] = true;
  return table;
}();

// The country calling code at the front of the digits; 0 when none is assigned. No code begins another.
int leading_code(std::string_view digits) {
  if (digits.starts_with('0')) return 0;
  int code = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(digits.size(), 3); ++i) {
    code = code * 10 + (digits[i] - '0');
    if (is_assigned[static_cast<std::size_t>(code)]) return code;
  }
  return 0;
}

std::unexpected<Error> refuse(std::string_view what) {
  return fail(
      error_codes::phone_number_format,
      fmt::format("not a phone number: {}; write + and the country code, then the rest, in digits only, "
                  "like +12025550101",
                  what));
}

const PhoneNumberUtil& metadata() {
  return *PhoneNumberUtil::GetInstance();
}

std::optional<ParsedNumber> parse_with_metadata(std::string_view text, std::string_view region) {
  ParsedNumber parsed;
  // "ZZ" is the library's name for no region.
  const auto error =
      metadata().Parse(std::string(text), region.empty() ? "ZZ" : std::string(region), &parsed);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return std::nullopt;
  return parsed;
}

}  // namespace

std::string_view to_text(PhoneNumberKind kind) {
  switch (kind) {
    case PhoneNumberKind::unknown:
      return "unknown";
    case PhoneNumberKind::fixed_line:
      return "fixed_line";
    case PhoneNumberKind::mobile:
      return "mobile";
    case PhoneNumberKind::fixed_line_or_mobile:
      return "fixed_line_or_mobile";
    case PhoneNumberKind::toll_free:
      return "toll_free";
    case PhoneNumberKind::premium_rate:
      return "premium_rate";
    case PhoneNumberKind::shared_cost:
      return "shared_cost";
    case PhoneNumberKind::voip:
      return "voip";
    case PhoneNumberKind::personal:
      return "personal";
    case PhoneNumberKind::pager:
      return "pager";
    case PhoneNumberKind::company:
      return "company";
    case PhoneNumberKind::voicemail:
      return "voicemail";
  }
  return "unknown";
}

Result<PhoneNumber> PhoneNumber::parse_e164(std::string_view text) {
  if (text.empty()) return refuse("it is empty");
  if (text.front() != '+') return refuse("it does not begin with +");
  const std::string_view digits = text.substr(1);
  if (!std::ranges::all_of(digits, is_digit)) return refuse("it has something other than digits after the +");
  if (digits.size() < least_digits) return refuse("it has fewer than 7 digits");
  if (digits.size() > most_digits) return refuse("it has more than 15 digits");
  if (leading_code(digits) == 0) return refuse("it does not begin with a country code that exists");
  PhoneNumber number;
  std::ranges::copy(text, number.characters_.begin());
  return number;
}

Result<PhoneNumber> PhoneNumber::parse_any(std::string_view text, std::string_view default_region) {
  if (text.size() > longest_text) return refuse("it is too long");
  const auto parsed = parse_with_metadata(text, default_region);
  if (!parsed) return refuse("it is not written in a way that is known");
  std::string international;
  metadata().Format(*parsed, PhoneNumberUtil::E164, &international);
  return parse_e164(international);
}

std::string_view PhoneNumber::text() const {
  const auto* end = std::ranges::find(characters_, '\0');
  return {characters_.begin(), end};
}

int PhoneNumber::country_code() const {
  return is_none() ? 0 : leading_code(text().substr(1));
}

std::string PhoneNumber::masked() const {
  if (is_none()) return {};
  return std::string("…").append(text().substr(text().size() - 4));
}

std::string PhoneNumber::region() const {
  const auto parsed = parse_with_metadata(text(), {});
  if (!parsed) return {};
  std::string code;
  metadata().GetRegionCodeForNumber(*parsed, &code);
  if (code == "ZZ") metadata().GetRegionCodeForCountryCode(parsed->country_code(), &code);
  // Ascension and Tristan da Cunha are apart in the telephone plan; ISO 3166-1 has them under Saint Helena.
  if (code == "AC" || code == "TA") return "SH";
  return is_region(code) ? code : std::string();
}

PhoneNumberKind PhoneNumber::kind() const {
  const auto parsed = parse_with_metadata(text(), {});
  if (!parsed) return PhoneNumberKind::unknown;
  switch (metadata().GetNumberType(*parsed)) {
    case PhoneNumberUtil::FIXED_LINE:
      return PhoneNumberKind::fixed_line;
    case PhoneNumberUtil::MOBILE:
      return PhoneNumberKind::mobile;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE:
      return PhoneNumberKind::fixed_line_or_mobile;
    case PhoneNumberUtil::TOLL_FREE:
      return PhoneNumberKind::toll_free;
    case PhoneNumberUtil::PREMIUM_RATE:
      return PhoneNumberKind::premium_rate;
    case PhoneNumberUtil::SHARED_COST:
      return PhoneNumberKind::shared_cost;
    case PhoneNumberUtil::VOIP:
      return PhoneNumberKind::voip;
    case PhoneNumberUtil::PERSONAL_NUMBER:
      return PhoneNumberKind::personal;
    case PhoneNumberUtil::PAGER:
      return PhoneNumberKind::pager;
    case PhoneNumberUtil::UAN:
      return PhoneNumberKind::company;
    case PhoneNumberUtil::VOICEMAIL:
      return PhoneNumberKind::voicemail;
    case PhoneNumberUtil::UNKNOWN:
      return PhoneNumberKind::unknown;
  }
  return PhoneNumberKind::unknown;
}

bool PhoneNumber::is_valid() const {
  const auto parsed = parse_with_metadata(text(), {});
  return parsed && metadata().IsValidNumber(*parsed);
}

}  // namespace trunkline
