// One person's story, latest first: what they did and the calls with them, in one order.
#pragma once

#include "billing/price.hpp"
#include "calls/call_store.hpp"
#include "engagement/action_store.hpp"
#include "engagement/contact_store.hpp"

namespace trunkline::engagement {

// A call as the person's story tells it.
struct CallEntry {
  calls::Call call;
  std::optional<Money> cost;  // of a connected call that has ended
};

struct TimelineEntry {
  Instant at{};
  std::variant<Action, CallEntry> what;
};

// Which kinds of entries.
enum class TimelineKinds : std::uint8_t { all, actions, calls };

// Where the reading goes on, in both streams. As text it is opaque and safe in a URL.
struct TimelinePosition {
  store::ActionPosition action = {};
  CallId call = latest_call();

  std::string text() const;
  static std::optional<TimelinePosition> parse(std::string_view text);
  static CallId latest_call();
};

struct TimelinePage {
  std::vector<TimelineEntry> entries;
  std::optional<TimelinePosition> next = {};
};

// Reads the timeline of the contact and of those merged into it. The calls are those of the scope's project.
// Suspends.
Result<TimelinePage> read_timeline(db::Database& database, const tenancy::TenantScope& scope,
                                   ContactId contact, const TimelinePosition& from, TimelineKinds kinds,
                                   std::int64_t limit);

// What an ended call cost; nothing for one that was not connected or still runs.
std::optional<Money> cost_of(const calls::Call& call);

}  // namespace trunkline::engagement
