#include "fakes/zadarma/local_time.hpp"

#include <stdexcept>

#include <fmt/core.h>

namespace trunkline::fakes::zadarma {
namespace {

using std::chrono::floor;
using std::chrono::year;

// Daylight time begins at 2:00 and ends at 3:00 wall time, which is 16:00 UTC of the day before both times.
Instant change_on_first_sunday(year of, std::chrono::month month) {
  const std::chrono::sys_days sunday = of / month / std::chrono::Sunday[1];
  return Instant(sunday) - hours(8);
}

}  // namespace

LocalTime::LocalTime(std::string_view zone) : is_sydney_(zone == "Australia/Sydney") {
  if (!is_sydney_ && zone != "UTC") throw std::invalid_argument("the fake knows Australia/Sydney and UTC");
}

Duration LocalTime::offset_at(Instant instant) const {
  if (!is_sydney_) return Duration::zero();
  const year of = std::chrono::year_month_day(floor<days>(instant)).year();
  const bool is_winter = instant >= change_on_first_sunday(of, std::chrono::April) &&
                         instant < change_on_first_sunday(of, std::chrono::October);
  return is_winter ? hours(10) : hours(11);
}

std::string LocalTime::write(Instant instant) const {
  const Instant local = instant + offset_at(instant);
  const auto day = floor<days>(local);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(floor<seconds>(local - day));
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<Instant> LocalTime::earliest(std::string_view text) const {
  if (text.size() != 19) return std::nullopt;
  const auto as_utc = parse_instant(text);
  if (!as_utc) return std::nullopt;
  const Instant with_larger = *as_utc - (is_sydney_ ? Duration(hours(11)) : Duration::zero());
  // In winter the larger offset does not hold at that moment.
  if (offset_at(with_larger) == (is_sydney_ ? Duration(hours(11)) : Duration::zero())) return with_larger;
  return *as_utc - hours(10);
}

}  // namespace trunkline::fakes::zadarma
