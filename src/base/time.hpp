// Time as values: instants are UTC with microseconds, durations are microseconds. Nothing here reads a clock
// (base/clock.hpp does).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline {

using Duration = std::chrono::microseconds;
using Instant = std::chrono::time_point<std::chrono::system_clock, Duration>;

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Microseconds since 1970-01-01T00:00:00Z: how instants stand in the database.
inline std::int64_t to_microseconds(Instant instant) {
  return instant.time_since_epoch().count();
}
inline Instant from_microseconds(std::int64_t since_epoch) {
  return Instant(Duration(since_epoch));
}

// RFC 3339 in UTC with milliseconds, cut, not rounded: "2026-03-02T09:15:04.123Z". It knows the years 0 to
// 9999: what lies outside becomes their first or last moment.
std::string format_rfc3339(Instant instant);
void append_rfc3339(std::string& out, Instant instant);
// Nothing while there is no such time.
std::optional<std::string> format_rfc3339(const std::optional<Instant>& instant);

// Reads RFC 3339 and the ISO 8601 forms that clients send: a date alone (midnight), `T` or a space, 0 to 9
// fraction digits (cut to microseconds), `Z`, an offset with or without colon, or no zone at all, which means
// UTC. Nothing when the text is none of these or names a day that does not exist.
std::optional<Instant> parse_instant(std::string_view text);

// A UTC calendar month, the billing period of the voice API (contracts/voice-api.md, section 6).
struct Month {
  int year;
  unsigned month;  // 1 to 12

  Instant begin() const;
  Instant end() const;  // the first instant of the next month
  friend auto operator<=>(const Month&, const Month&) = default;
};

Month month_of(Instant instant);
std::string to_text(Month month);                         // "2026-03"
std::optional<Month> parse_month(std::string_view text);  // "YYYY-MM", years 1970 to 9999

// For people: "1 h 2 min", "4.2 s", "350 ms".
std::string format_duration(Duration duration);

// Reads "500ms", "30s", "5m", "2h", "3d"; nothing when it is none of these or negative.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace trunkline
