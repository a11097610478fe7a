#include "warehouse/sync/schedule.hpp"

#include "base/encoding.hpp"

namespace trunkline::warehouse::sync {
namespace {

constexpr Duration daily_at = hours(2);
constexpr std::uint32_t jitter_seconds_max = 60;

Duration jitter_of(SyncType type, std::string_view account_key) {
  return seconds(crc32(std::string(account_key) + std::string(to_text(type))) % jitter_seconds_max);
}

}  // namespace

Duration interval_of(SyncType type) {
  switch (type) {
    case SyncType::calls:
    case SyncType::messages:
      return minutes(15);
    case SyncType::recordings:
    case SyncType::balance:
      return hours(1);
    case SyncType::phone_numbers:
    case SyncType::agents:
    case SyncType::billing:
      return days(1);
  }
  return days(1);
}

bool is_due(SyncType type, std::optional<Instant> last_start, Instant now, const TimeZone& zone,
            std::string_view account_key) {
  if (!last_start || *last_start > now) return true;
  const Duration jitter = jitter_of(type, account_key);
  const Duration interval = interval_of(type);
  if (interval < days(1)) return now - *last_start >= interval + jitter;
  const Instant midnight = zone.start_of_day(zone.day(now)).value_or(now);
  const Instant tonight = midnight + daily_at + jitter;
  const Instant due = now >= tonight ? tonight : tonight - days(1);
  return *last_start < due;
}

}  // namespace trunkline::warehouse::sync
