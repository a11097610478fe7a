#include "engagement/timeline.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace trunkline::engagement {
namespace {

using tenancy::TenantScope;

// Eight bytes of time, sixteen of the action's id, sixteen of the call's.
constexpr std::size_t position_bytes = 8 + 16 + 16;

Uuid read_uuid(std::string_view bytes) {
  Uuid::Bytes id{};
  std::ranges::copy(bytes, id.begin());
  return Uuid(id);
}

// Ids carry the time they were made, so that the order of ids is the order of calls.
Instant time_of(const calls::Call& call) {
  return call.id.uuid().made_at();
}

Result<std::vector<Action>> read_actions(db::Database& database, const TenantScope& scope,
                                         std::span<const ContactId> members,
                                         const store::ActionPosition& before, std::int64_t limit) {
  std::vector<Action> all;
  for (const ContactId member : members) {
    auto actions = store::list_actions(database, scope, member, before, limit);
    if (!actions) return actions;
    std::ranges::move(*actions, std::back_inserter(all));
  }
  if (members.size() > 1) {
    std::ranges::sort(all, std::ranges::greater(),
                      [](const Action& action) { return std::pair(action.occurred_at, action.id); });
  }
  if (all.size() > static_cast<std::size_t>(limit)) all.erase(all.begin() + limit, all.end());
  return all;
}

Result<std::vector<calls::Call>> read_calls(db::Database& database, const TenantScope& scope,
                                            std::span<const ContactId> members, CallId before,
                                            std::int64_t limit) {
  std::vector<calls::Call> all;
  for (const ContactId member : members) {
    const auto phones = store::phones(database, scope, member);
    if (!phones) return fail(phones.error());
    for (const store::OwnedPhone& phone : *phones) {
      auto calls = calls::store::of_number(database, scope, phone.number, before,
                                           phone.until.value_or(Instant::max()), limit);
      if (!calls) return calls;
      std::ranges::move(*calls, std::back_inserter(all));
    }
  }
  std::ranges::sort(all, std::ranges::greater(), &calls::Call::id);
  // Two merged contacts may have had the same number.
  const auto repeated = std::ranges::unique(all, {}, &calls::Call::id);
  all.erase(repeated.begin(), repeated.end());
  if (all.size() > static_cast<std::size_t>(limit)) all.erase(all.begin() + limit, all.end());
  return all;
}

}  // namespace

CallId TimelinePosition::latest_call() {
  Uuid::Bytes last{};
  last.fill(0xff);
  return CallId(Uuid(last));
}

std::string TimelinePosition::text() const {
  std::string bytes;
  const auto at = static_cast<std::uint64_t>(to_microseconds(action.occurred_at));
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>((at >> shift) & 0xff);
  bytes += action.id.uuid().as_text();
  bytes += call.uuid().as_text();
  return base64url_encode(bytes);
}

std::optional<TimelinePosition> TimelinePosition::parse(std::string_view text) {
  const auto bytes = base64url_decode(text);
  if (!bytes || bytes->size() != position_bytes) return std::nullopt;
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < 8; ++i) at = at << 8 | static_cast<unsigned char>((*bytes)[i]);
  const std::string_view all(*bytes);
  return TimelinePosition{.action = {.occurred_at = from_microseconds(static_cast<std::int64_t>(at)),
                                     .id = ActionId(read_uuid(all.substr(8, 16)))},
                          .call = CallId(read_uuid(all.substr(24, 16)))};
}

std::optional<Money> cost_of(const calls::Call& call) {
  if (!call.state.started_at || !call.state.ended_at) return std::nullopt;
  return billing::price_of(call.price, billing::billed_minutes(call.duration_seconds()));
}

Result<TimelinePage> read_timeline(db::Database& database, const TenantScope& scope, ContactId contact,
                                   const TimelinePosition& from, TimelineKinds kinds, std::int64_t limit) {
  const auto members = store::members(database, scope, contact);
  if (!members) return fail(members.error());
  // One more than wanted tells whether there is a next page.
  Result<std::vector<Action>> actions = std::vector<Action>();
  if (kinds != TimelineKinds::calls)
    actions = read_actions(database, scope, *members, from.action, limit + 1);
  if (!actions) return fail(std::move(actions.error()));
  Result<std::vector<calls::Call>> calls = std::vector<calls::Call>();
  if (kinds != TimelineKinds::actions) calls = read_calls(database, scope, *members, from.call, limit + 1);
  if (!calls) return fail(std::move(calls.error()));

  TimelinePage page;
  TimelinePosition position = from;
  auto action = actions->begin();
  auto call = calls->begin();
  while (static_cast<std::int64_t>(page.entries.size()) < limit &&
         (action != actions->end() || call != calls->end())) {
    const bool call_is_next =
        call != calls->end() && (action == actions->end() || time_of(*call) >= action->occurred_at);
    if (call_is_next) {
      position.call = call->id;
      const auto cost = cost_of(*call);
      page.entries.push_back({.at = call->created_at, .what = CallEntry{std::move(*call), cost}});
      ++call;
    } else {
      position.action = {.occurred_at = action->occurred_at, .id = action->id};
      page.entries.push_back({.at = action->occurred_at, .what = std::move(*action)});
      ++action;
    }
  }
  if (action != actions->end() || call != calls->end()) page.next = position;
  return page;
}

}  // namespace trunkline::engagement
