#include "base/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "base/text.hpp"

namespace trunkline {
namespace {

using std::chrono::day;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

// Takes exactly `count` digits from the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> take_date(std::string_view& text) {
  const auto year_number = take_digits(text, 4);
  if (!year_number || !take(text, '-')) return std::nullopt;
  const auto month_number = take_digits(text, 2);
  if (!month_number || !take(text, '-')) return std::nullopt;
  const auto day_number = take_digits(text, 2);
  if (!day_number) return std::nullopt;
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

// The digits after the point, as microseconds; further digits are cut.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, '.') && !take(text, ',')) return Duration::zero();
  std::int64_t value = 0;
  int digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (digits < 6) value = value * 10 + (text.front() - '0');
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (int i = digits; i < 6; ++i) value *= 10;
  return Duration(value);
}

std::optional<Duration> take_time(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  Duration fraction{};
  if (take(text, ':')) {
    const auto seconds_given = take_digits(text, 2);
    // 60 is a leap second; it counts as the first second of the next minute.
    if (!seconds_given || *seconds_given > 60) return std::nullopt;
    second = *seconds_given;
    const auto fraction_given = take_fraction(text);
    if (!fraction_given) return std::nullopt;
    fraction = *fraction_given;
  }
  return hours(*hour) + minutes(*minute) + seconds(second) + fraction;
}

// How far the local time is ahead of UTC.
std::optional<Duration> take_offset(std::string_view& text) {
  if (text.empty() || take(text, 'Z') || take(text, 'z')) return Duration::zero();
  const bool ahead = take(text, '+');
  if (!ahead && !take(text, '-')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  take(text, ':');
  std::optional<int> minute = 0;
  if (!text.empty()) minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const Duration offset = hours(*hour) + minutes(*minute);
  return ahead ? offset : -offset;
}

}  // namespace

// By hand, since an answer may hold a dozen of them and fmt takes ten times as long.
void append_rfc3339(std::string& out, Instant instant) {
  constexpr Instant first = sys_days(year(0) / 1 / 1);
  constexpr Instant last = sys_days(year(10000) / 1 / 1) - Duration(1);
  const Instant known = std::clamp(instant, first, last);
  const auto day_start = floor<days>(known);
  const year_month_day date{day_start};
  const auto milliseconds_of_day = static_cast<unsigned>(floor<milliseconds>(known - day_start).count());
  const unsigned seconds_of_day = milliseconds_of_day / 1000;
  char text[] = "0000-00-00T00:00:00.000Z";
  const auto put_two = [&text](std::size_t at, unsigned value) {
    text[at] = static_cast<char>('0' + value / 10);
    text[at + 1] = static_cast<char>('0' + value % 10);
  };
  const auto year_number = static_cast<unsigned>(static_cast<int>(date.year()));
  put_two(0, year_number / 100);
  put_two(2, year_number % 100);
  put_two(5, static_cast<unsigned>(date.month()));
  put_two(8, static_cast<unsigned>(date.day()));
  put_two(11, seconds_of_day / 3600);
  put_two(14, seconds_of_day / 60 % 60);
  put_two(17, seconds_of_day % 60);
  put_two(20, milliseconds_of_day % 1000 / 10);
  text[22] = static_cast<char>('0' + milliseconds_of_day % 10);
  out.append(text, sizeof text - 1);
}

std::string format_rfc3339(Instant instant) {
  std::string text;
  append_rfc3339(text, instant);
  return text;
}

std::optional<std::string> format_rfc3339(const std::optional<Instant>& instant) {
  return instant.transform([](Instant known) { return format_rfc3339(known); });
}

std::optional<Instant> parse_instant(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.empty()) return Instant(*date);
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return Instant(*date) + *time - *offset;
}

Instant Month::begin() const {
  return Instant(sys_days(std::chrono::year(year) / static_cast<int>(month) / 1));
}

Instant Month::end() const {
  const Month next = month == 12 ? Month{year + 1, 1} : Month{year, month + 1};
  return next.begin();
}

Month month_of(Instant instant) {
  const year_month_day date{floor<days>(instant)};
  return Month{static_cast<int>(date.year()), static_cast<unsigned>(date.month())};
}

std::string to_text(Month month) {
  return fmt::format("{:04}-{:02}", month.year, month.month);
}

std::optional<Month> parse_month(std::string_view text) {
  const auto year_number = take_digits(text, 4);
  if (!year_number || !take(text, '-')) return std::nullopt;
  const auto month_number = take_digits(text, 2);
  if (!month_number || !text.empty() || *month_number < 1 || *month_number > 12 || *year_number < 1970) {
    return std::nullopt;
  }
  return Month{*year_number, static_cast<unsigned>(*month_number)};
}

std::string format_duration(Duration duration) {
  if (duration < Duration::zero()) return "-" + format_duration(-duration);
  if (duration < milliseconds(1)) return fmt::format("{} µs", duration.count());
  if (duration < seconds(1)) return fmt::format("{} ms", duration / milliseconds(1));
  if (duration < minutes(1)) {
    const auto tenths = duration / milliseconds(100);
    return tenths % 10 == 0 ? fmt::format("{} s", tenths / 10)
                            : fmt::format("{}.{} s", tenths / 10, tenths % 10);
  }
  const auto with_rest = [](auto whole, const char* unit, auto rest, const char* rest_unit) {
    return rest == 0 ? fmt::format("{} {}", whole, unit)
                     : fmt::format("{} {} {} {}", whole, unit, rest, rest_unit);
  };
  if (duration < hours(1))
    return with_rest(duration / minutes(1), "min", duration % minutes(1) / seconds(1), "s");
  if (duration < days(1)) return with_rest(duration / hours(1), "h", duration % hours(1) / minutes(1), "min");
  return with_rest(duration / days(1), "d", duration % days(1) / hours(1), "h");
}

std::optional<Duration> parse_duration(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    Duration length;
  };
  static constexpr std::array<Unit, 5> units{
      {{"ms", milliseconds(1)}, {"s", seconds(1)}, {"m", minutes(1)}, {"h", hours(1)}, {"d", days(1)}}};
  std::int64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0 || count > 1'000'000'000) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  for (const Unit& unit : units) {
    // A billion milliseconds is fine, a billion days is beyond what fits.
    if (text == unit.suffix && count <= Duration::max() / unit.length) return count * unit.length;
  }
  return std::nullopt;
}

}  // namespace trunkline
