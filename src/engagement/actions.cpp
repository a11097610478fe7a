#include "engagement/actions.hpp"

#include "base/crypto/hash.hpp"
#include "base/json/canonical.hpp"
#include "base/json/write.hpp"
#include "engagement/contact_events.hpp"
#include "engagement/contacts.hpp"
#include "engagement/request_keys.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::engagement {
namespace {

using db::Transaction;
using tenancy::TenantScope;

constexpr Duration look_again = milliseconds(5);

json::Object object_of(const std::optional<json::Value>& properties) {
  return properties ? *properties->as_object() : json::Object();
}

bool same(const Action& action, const ActionInput& input) {
  return action.name == input.name && action.value == input.value &&
         action.properties == object_of(input.properties);
}

// What makes two actions equal: the key, the customer, the name, the value, the properties.
std::string fingerprint_of(const ActionInput& input, const Asking& asking) {
  json::Value parts =
      json::array({to_text(asking.credential), input.customer_id, input.name,
                   input.value ? json::array({*input.value}) : json::Value(), object_of(input.properties)});
  const auto canonical = json::canonical(parts, json::SignatureStyle::compact);
  const crypto::Sha256 hash = crypto::sha256(canonical ? *canonical : json::write(parts));
  return std::string(ByteView(hash).as_text().substr(0, 16));
}

}  // namespace

struct Actions::Attempt {
  const ActionInput& input;
  const Asking& asking;
  const webhooks::Target& target;
  std::optional<RequestKey> key;
  std::string fingerprint;  // "" when the action's own time or a key tells repetitions
  ActionId id;
  Instant now{};
};

Result<Recorded> Actions::record(const TenantScope& scope, const ActionInput& input, const Asking& asking,
                                 std::string_view key, std::string_view request) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  Attempt attempt{.input = input,
                  .asking = asking,
                  .target = *target,
                  .key = key.empty() ? std::nullopt : std::optional(RequestKey::of("action", key, request)),
                  .fingerprint = {},
                  .id = ActionId(context_.ids.next()),
                  .now = context_.clock.now()};
  if (!attempt.key && !input.occurred_at) attempt.fingerprint = fingerprint_of(input, asking);
  while (true) {
    Result<std::optional<Recorded>> recorded = try_to_record(scope, attempt);
    if (!recorded) return fail(std::move(recorded.error()));
    if (*recorded) return std::move(**recorded);
    if (std::chrono::steady_clock::now() > runtime::current_deadline()) {
      return fail(Error(trunkline::error_codes::unavailable, "An equal request is under way; try again.")
                      .after(seconds(1)));
    }
    runtime::sleep_for(look_again);
  }
}

Result<std::optional<Recorded>> Actions::try_to_record(const TenantScope& scope, const Attempt& attempt) {
  auto recorded = context_.database.transact(
      scope, [&](Transaction& transaction) { return record_in(transaction, scope, attempt); });
  // An equal request with this key has just been quicker: the next look finds what it did.
  if (!recorded && attempt.key && recorded.error().code() == db::error_codes::duplicate) return std::nullopt;
  if (attempt.fingerprint.empty()) return recorded;
  if (!recorded || !*recorded || (*recorded)->replayed) context_.replies.abandon(attempt.id.uuid());
  if (recorded && *recorded) (*recorded)->reply = OwedReplyGuard(context_.replies, (*recorded)->id.uuid());
  return recorded;
}

Result<std::optional<Recorded>> Actions::record_in(Transaction& transaction, const TenantScope& scope,
                                                   const Attempt& attempt) {
  const ActionInput& input = attempt.input;
  if (attempt.key) {
    const auto known = attempt.key->find(transaction, scope, attempt.now);
    if (!known) return fail(known.error());
    if (*known)
      return Recorded{.id = ActionId((*known)->subject), .recorded_at = (*known)->at, .replayed = true};
  }
  // The actions of one person go one after the other, so that each sees the one it may repeat.
  const std::optional<ContactId> contact = store::lock_id(transaction, scope, input.customer_id);
  if (!contact) return no_such_contact(input.customer_id);
  if (input.occurred_at && !attempt.key) {
    if (auto earlier = repeated_by_time(transaction, scope, attempt, *contact)) return earlier;
  }
  if (!attempt.fingerprint.empty()) {
    for (const store::OwedReply& owed :
         store::owed(transaction, scope, *contact, attempt.fingerprint, attempt.now - note_memory)) {
      const Repeats verdict = repeats(owed);
      if (verdict == Repeats::no) continue;
      if (verdict == Repeats::unclear) return std::nullopt;
      context_.replies.begin(ReplyMemory::Note{.account = scope.account,
                                               .contact = *contact,
                                               .fingerprint = attempt.fingerprint,
                                               .action = owed.action});
      return Recorded{.id = owed.action, .recorded_at = owed.recorded_at, .replayed = true};
    }
  }
  const Action action{.id = attempt.id,
                      .contact = *contact,
                      .name = input.name,
                      .value = input.value,
                      .properties = object_of(input.properties),
                      .occurred_at = input.occurred_at.value_or(attempt.now),
                      .recorded_at = attempt.now};
  store::insert_actions(transaction, scope, attempt.asking.credential, std::span(&action, 1));
  if (!attempt.fingerprint.empty()) {
    store::insert_owed(transaction, scope, action, attempt.fingerprint);
    context_.replies.begin(ReplyMemory::Note{.account = scope.account,
                                             .contact = *contact,
                                             .fingerprint = attempt.fingerprint,
                                             .action = action.id});
  }
  if (attempt.key) attempt.key->remember(transaction, scope, *contact, action.id.uuid(), "", attempt.now);
  context_.messages.emit(transaction, scope, attempt.target, contact->uuid(), event_names::action_recorded,
                         action_event(input.customer_id, action));
  return Recorded{.id = action.id, .recorded_at = action.recorded_at};
}

// The same action at the same moment, by the same key, a short while ago.
std::optional<Recorded> Actions::repeated_by_time(Transaction& transaction, const TenantScope& scope,
                                                  const Attempt& attempt, ContactId contact) {
  for (const Action& earlier :
       store::recorded_at_moment(transaction, scope, contact, *attempt.input.occurred_at,
                                 attempt.now - replay_window, attempt.asking.credential)) {
    if (!same(earlier, attempt.input)) continue;
    return Recorded{.id = earlier.id, .recorded_at = earlier.recorded_at, .replayed = true};
  }
  return std::nullopt;
}

// Whether the client of the earlier, equal action is still without its reply.
Actions::Repeats Actions::repeats(const store::OwedReply& owed) const {
  const Duration age = context_.clock.now() - owed.recorded_at;
  switch (context_.replies.state(owed.action.uuid()).standing) {
    case ReplyStanding::undelivered:
      return Repeats::yes;
    case ReplyStanding::delivered:
      return Repeats::no;
    case ReplyStanding::under_way:
      return age < soonest_repeat ? Repeats::no : Repeats::unclear;
    case ReplyStanding::unknown:
      // Of a process that died, or of another one that would have deleted the note by now.
      return age < note_settles ? Repeats::no : Repeats::yes;
  }
  return Repeats::no;
}

Result<std::vector<store::ActionCount>> Actions::counts(const TenantScope& scope, Instant first, Instant last,
                                                        std::string_view name) {
  return store::counts(context_.database, scope, store::day_of(first), store::day_of(last), name, counts_max);
}

}  // namespace trunkline::engagement
