#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/core.h>

#include "base/text.hpp"
#include "warehouse/normalise.hpp"

namespace trunkline::warehouse {

struct TimeZone::Rules {
  absl::TimeZone zone;
};

namespace {

// How near another clock must be to the second reading of an ambiguous hour to be believed.
constexpr Duration near_enough = seconds(300);
constexpr std::size_t local_time_size = 19;  // 2026-04-05 02:30:00

Instant to_instant(absl::Time time) {
  return from_microseconds(absl::ToUnixMicros(time));
}
absl::Time from_instant(Instant instant) {
  return absl::FromUnixMicros(to_microseconds(instant));
}

std::optional<absl::CivilSecond> read_civil(std::string_view text) {
  if (text.size() != local_time_size || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
  // As if it were UTC: the one parser of times refuses days that do not exist.
  const auto as_utc = parse_instant(text);
  if (!as_utc) return std::nullopt;
  return absl::ToCivilSecond(from_instant(*as_utc), absl::UTCTimeZone());
}

}  // namespace

Result<TimeZone> TimeZone::find(std::string_view name) {
  auto rules = std::make_shared<Rules>();
  if (name.empty() || !absl::LoadTimeZone(std::string(name), &rules->zone)) {
    return fail(trunkline::error_codes::invalid_argument,
                fmt::format("'{}' is no time zone; write one such as Australia/Sydney or UTC.", name));
  }
  return TimeZone(std::string(name), std::move(rules));
}

TimeZone TimeZone::utc() {
  return TimeZone("UTC", std::make_shared<Rules>(Rules{absl::UTCTimeZone()}));
}

std::optional<LocalTime> TimeZone::read(std::string_view local, std::optional<Instant> near) const {
  const auto civil = read_civil(trim(local));
  if (!civil) return std::nullopt;
  const absl::TimeZone::TimeInfo info = rules_->zone.At(*civil);
  LocalTime result{.instant = to_instant(info.pre)};
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) result.kind = LocalTimeKind::gap;
  if (info.kind != absl::TimeZone::TimeInfo::REPEATED) return result;
  result.kind = LocalTimeKind::ambiguous;
  const Instant second = to_instant(info.post);
  if (near && std::chrono::abs(*near - second) <= near_enough) result.instant = second;
  return result;
}

std::string TimeZone::write(Instant instant) const {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", from_instant(instant), rules_->zone);
}

std::string TimeZone::day(Instant instant) const {
  const absl::CivilDay day = absl::ToCivilDay(from_instant(instant), rules_->zone);
  return fmt::format("{:04}-{:02}-{:02}", day.year(), day.month(), day.day());
}

std::optional<Instant> TimeZone::start_of_day(std::string_view day) const {
  const auto civil = read_civil(std::string(day) + " 00:00:00");
  if (!civil) return std::nullopt;
  // A midnight that does not exist: the day begins where the gap ends.
  const absl::TimeZone::TimeInfo info = rules_->zone.At(*civil);
  return to_instant(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre);
}

Window TimeZone::widened(Window window) const {
  const auto is_doubtful = [this](Instant instant) {
    const absl::CivilSecond civil = absl::ToCivilSecond(from_instant(instant), rules_->zone);
    // Behind a gap the wall clock reads an hour more than before it: the hour before is the missing one.
    return rules_->zone.At(civil).kind != absl::TimeZone::TimeInfo::UNIQUE ||
           rules_->zone.At(civil - 3600).kind == absl::TimeZone::TimeInfo::SKIPPED;
  };
  if (is_doubtful(window.begin)) window.begin -= hours(1);
  if (is_doubtful(window.end)) window.end += hours(1);
  return window;
}

Duration TimeZone::offset_at(Instant instant) const {
  return seconds(rules_->zone.At(from_instant(instant)).offset);
}

void mark_local_time(json::Value& raw_data, LocalTimeKind kind) {
  json::Object* object = raw_data.as_object();
  if (object == nullptr || kind == LocalTimeKind::unique) return;
  object->set("_tz", kind == LocalTimeKind::gap ? "gap" : "ambiguous");
}

}  // namespace trunkline::warehouse
