#include "trunkline/time.hpp"

#include <array>
#include <cstdio>
#include <thread>

namespace trunkline::inline v1 {
namespace {

class BlockingClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point now() override { return std::chrono::steady_clock::now(); }
  void sleep_for(std::chrono::milliseconds duration) override { std::this_thread::sleep_for(duration); }
};

// Takes things off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Exactly so many digits; -1 when there are others.
  int number(std::size_t digits) {
    if (text_.size() < digits) return -1;
    int value = 0;
    for (const char digit : text_.substr(0, digits)) {
      if (digit < '0' || digit > '9') return -1;
      value = value * 10 + (digit - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }

  bool take(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }

  // The fraction after a point in milliseconds, cut; -1 when there is a point without digits.
  int milliseconds() {
    if (!take(".")) return 0;
    int value = 0;
    int digits = 0;
    for (int digit = number(1); digit >= 0; digit = number(1)) {
      if (digits < 3) value = value * 10 + digit;
      ++digits;
    }
    if (digits == 0) return -1;
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }

  bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

// Minutes east of Greenwich at the end of the text.
std::optional<std::chrono::minutes> offset(Scanner& scanner) {
  if (scanner.take("Zz")) return std::chrono::minutes(0);
  const bool east = scanner.take("+");
  if (!east && !scanner.take("-")) return std::nullopt;
  const int hours = scanner.number(2);
  const bool colon = scanner.take(":");
  const int minutes = scanner.number(2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes distance(hours * 60 + minutes);
  return east ? distance : -distance;
}

}  // namespace

Clock::~Clock() = default;

std::shared_ptr<Clock> blocking_clock() {
  static const auto clock = std::make_shared<BlockingClock>();
  return clock;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  Scanner scanner(text);
  const int year = scanner.number(4);
  const bool first_dash = scanner.take("-");
  const int month = scanner.number(2);
  const bool second_dash = scanner.take("-");
  const int day = scanner.number(2);
  const bool separated = scanner.take("Tt ");
  const int hour = scanner.number(2);
  const bool first_colon = scanner.take(":");
  const int minute = scanner.number(2);
  const bool second_colon = scanner.take(":");
  const int second = scanner.number(2);
  const int milliseconds = scanner.milliseconds();
  const auto east = offset(scanner);
  const bool in_form = first_dash && second_dash && separated && first_colon && second_colon && east;
  if (!in_form || !scanner.done() || year < 0 || month < 0 || day < 0 || milliseconds < 0)
    return std::nullopt;
  // 60 is a leap second; it counts as the first of the next minute.
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(milliseconds) - *east;
}

std::string to_text(Timestamp timestamp) {
  const auto day = std::chrono::floor<std::chrono::days>(timestamp);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(timestamp - day);
  std::array<char, 64> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return std::string(text.data(), static_cast<std::size_t>(length));
}

}  // namespace trunkline::inline v1
