#include "base/json/schema_format.hpp"

#include <chrono>

#include <re2/re2.h>

namespace trunkline::json {
namespace {

// RFC 3339, section 5.6. A leap second may be written.
constexpr const char* date_pattern = R"((\d{4})-(\d{2})-(\d{2}))";
constexpr const char* time_pattern =
    R"((?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d))";

// The date at the start of the text exists.
bool begins_with_date(std::string_view text) {
  static const RE2 pattern(date_pattern);
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  re2::StringPiece rest(text.data(), text.size());
  if (!RE2::Consume(&rest, pattern, &year, &month, &day)) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
      .ok();
}

bool matches(std::string_view text, const RE2& pattern) {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace

bool has_format(std::string_view text, std::string_view format) {
  static const RE2 time(time_pattern);
  static const RE2 email(R"([^@\s]{1,64}@[^@\s]{1,255})");
  static const RE2 uuid("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  static const RE2 uri(
      R"([A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]*)");  // RFC 3986: no spaces, quotes, <>\^`{|}

  if (format == "date") return text.size() == 10 && begins_with_date(text);
  if (format == "time") return matches(text, time);
  if (format == "date-time") {
    return text.size() > 11 && begins_with_date(text) && (text[10] == 'T' || text[10] == 't') &&
           matches(text.substr(11), time);
  }
  if (format == "email") return matches(text, email);
  if (format == "uuid") return matches(text, uuid);
  if (format == "uri") return matches(text, uri);
  return true;
}

}  // namespace trunkline::json
