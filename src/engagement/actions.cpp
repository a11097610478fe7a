#include "engagement/actions.hpp"

#include <algorithm>
#include <map>
#include <set>

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

bool same(const ActionInput& left, const ActionInput& right) {
  return left.name == right.name && left.value == right.value &&
         object_of(left.properties) == object_of(right.properties);
}

bool has_objects(const json::Value& value) {
  const json::Array* items = value.as_array();
  return value.as_object() != nullptr || (items != nullptr && std::ranges::any_of(*items, has_objects));
}

// Values without objects are equal when their texts are.
std::optional<std::optional<std::string>> text_to_compare(const std::optional<json::Value>& value) {
  if (!value) return std::optional<std::string>();
  if (has_objects(*value)) return std::nullopt;
  return std::optional(json::write(*value));
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

struct ActionAttempt {
  const TenantScope& scope;
  const ActionInput& input;
  const Asking& asking;
  std::optional<RequestKey> key;
  std::string fingerprint;  // "" when the action's own time or a key tells repetitions
  ActionId id;
  Instant now{};
  const webhooks::Target* target = nullptr;  // where its event goes
  std::optional<ContactId> contact = {};
  // Once it is decided. Nothing in it: look again shortly.
  std::optional<Result<std::optional<Recorded>>> outcome = {};

  bool is_open() const { return !outcome; }
  bool is_told_by_its_time() const { return input.occurred_at.has_value() && !key; }
  void repeat(ActionId earlier, Instant recorded_at) {
    outcome.emplace(Recorded{.id = earlier, .recorded_at = recorded_at, .replayed = true});
  }
};

Actions::Actions(ActionsContext context)
    : context_(context),
      engine_(db::engine_of(context.database)),
      commit_group_([this](AccountId account, Group group) { commit(account, group); }) {}

Result<Recorded> Actions::record(const TenantScope& scope, const ActionInput& input, const Asking& asking,
                                 std::string_view key, std::string_view request) {
  Attempt attempt{.scope = scope,
                  .input = input,
                  .asking = asking,
                  .key = key.empty() ? std::nullopt : std::optional(RequestKey::of("action", key, request)),
                  .fingerprint = {},
                  .id = ActionId(context_.ids.next()),
                  .now = context_.clock.now()};
  if (!attempt.key && !input.occurred_at) attempt.fingerprint = fingerprint_of(input, asking);
  while (true) {
    Result<std::optional<Recorded>> recorded = try_to_record(attempt);
    if (!recorded) return fail(std::move(recorded.error()));
    if (*recorded) return std::move(**recorded);
    if (std::chrono::steady_clock::now() > runtime::current_deadline()) {
      return fail(Error(trunkline::error_codes::unavailable, "An equal request is under way; try again.")
                      .after(seconds(1)));
    }
    runtime::sleep_for(look_again);
  }
}

Result<std::optional<Recorded>> Actions::try_to_record(Attempt& attempt) {
  if (engine_ == db::Engine::postgresql) {
    if (auto written = context_.groups.write(attempt.scope.account, attempt, commit_group_); !written)
      attempt.outcome.emplace(fail(std::move(written.error())));
  } else {
    Attempt* const alone = &attempt;
    commit(attempt.scope.account, {&alone, 1});
  }
  Result<std::optional<Recorded>> recorded = std::move(*attempt.outcome);
  // An equal request with this key has just been quicker: the next look finds what it did.
  if (!recorded && attempt.key && recorded.error().code() == db::error_codes::duplicate) return std::nullopt;
  if (attempt.fingerprint.empty()) return recorded;
  if (!recorded || !*recorded || (*recorded)->replayed) context_.replies.abandon(attempt.id.uuid());
  if (recorded && *recorded) (*recorded)->reply = OwedReplyGuard(context_.replies, (*recorded)->id.uuid());
  return recorded;
}

void Actions::commit(AccountId account, Group group) {
  const TenantScope scope{.account = account};
  Targets targets;
  Result<void> committed = find_targets(group, targets);
  if (committed) {
    committed = context_.database.transact(
        scope, [&](Transaction& transaction) { record_in(transaction, scope, group); });
  }
  if (committed) return;
  const bool is_the_databases = committed.error().may_pass();
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group.size() > 1 && !is_the_databases) {
      // Nothing of it happened, and one of them is at fault: the others are not to suffer for it.
      commit(account, group.subspan(i, 1));
    } else {
      group[i]->outcome.emplace(fail(Error(committed.error())));
    }
  }
}

// Once for all of a project: where nothing is set that is looked up each time.
Result<void> Actions::find_targets(Group group, Targets& targets) {
  for (Attempt* attempt : group) {
    const auto [target, is_new] = targets.try_emplace(attempt->scope.project);
    if (is_new) {
      auto found = context_.messages.target_for(attempt->scope, "");
      if (!found) return fail(std::move(found.error()));
      target->second = std::move(*found);
    }
    attempt->target = &target->second;
  }
  return {};
}

void Actions::record_in(Transaction& transaction, const TenantScope& scope, Group group) {
  for (Attempt* attempt : group) attempt->outcome.reset();
  hold_back_equal(group);
  recall_by_key(transaction, scope, group);
  // The actions of one person go one after the other, so that each sees the one it may repeat.
  lock_contacts(transaction, scope, group);
  recall_by_time(transaction, scope, group);
  recall_owed(transaction, scope, group);
  write(transaction, scope, group);
}

// What may repeat another one of the group looks again when that is recorded.
void Actions::hold_back_equal(Group group) {
  std::set<std::string_view> keys;
  std::multimap<std::pair<std::string_view, Instant>, const Attempt*> moments;
  for (Attempt* attempt : group) {
    if (attempt->key && !keys.insert(attempt->key->hash()).second) attempt->outcome.emplace(std::nullopt);
    if (!attempt->is_told_by_its_time()) continue;
    const std::pair<std::string_view, Instant> moment(attempt->input.customer_id,
                                                      *attempt->input.occurred_at);
    const auto [first, last] = moments.equal_range(moment);
    const bool is_repeated = std::any_of(first, last, [&](const auto& earlier) {
      return earlier.second->asking.credential == attempt->asking.credential &&
             same(earlier.second->input, attempt->input);
    });
    if (is_repeated) attempt->outcome.emplace(std::nullopt);
    moments.emplace(moment, attempt);
  }
}

void Actions::recall_by_key(Transaction& transaction, const TenantScope& scope, Group group) const {
  std::vector<Attempt*> asked;
  for (Attempt* attempt : group) {
    if (attempt->key && attempt->is_open()) asked.push_back(attempt);
  }
  if (asked.empty()) return;
  std::ranges::sort(asked, {}, [](const Attempt* attempt) { return attempt->key->hash(); });
  std::vector<const RequestKey*> keys;
  keys.reserve(asked.size());
  for (const Attempt* attempt : asked) keys.push_back(&*attempt->key);
  auto known = RequestKey::find_all(transaction, scope, engine_, keys, asked.front()->now);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!known[i]) {
      asked[i]->outcome.emplace(fail(std::move(known[i].error())));
    } else if (*known[i]) {
      asked[i]->repeat(ActionId((*known[i])->subject), (*known[i])->at);
    }
  }
}

void Actions::lock_contacts(Transaction& transaction, const TenantScope& scope, Group group) const {
  std::vector<std::string_view> names;
  for (const Attempt* attempt : group) {
    if (attempt->is_open()) names.push_back(attempt->input.customer_id);
  }
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  const store::FoundIds found = store::lock_all(transaction, scope, engine_, names);
  for (Attempt* attempt : group) {
    if (!attempt->is_open()) continue;
    const std::string& name = attempt->input.customer_id;
    attempt->contact = found[static_cast<std::size_t>(std::ranges::lower_bound(names, name) - names.begin())];
    if (!attempt->contact) attempt->outcome.emplace(no_such_contact(name));
  }
}

// The same action at the same moment, by the same key, a short while ago.
void Actions::recall_by_time(Transaction& transaction, const TenantScope& scope, Group group) const {
  std::vector<Attempt*> asked;
  std::vector<store::Moment> moments;
  Instant since = Instant::max();
  for (Attempt* attempt : group) {
    if (!attempt->is_open() || !attempt->is_told_by_its_time()) continue;
    const ActionInput& input = attempt->input;
    asked.push_back(attempt);
    moments.push_back({.contact = *attempt->contact,
                       .recorded_by = attempt->asking.credential,
                       .occurred_at = *input.occurred_at,
                       .name = input.name,
                       .value_text = text_to_compare(input.value)});
    since = std::min(since, attempt->now - replay_window);
  }
  if (asked.empty()) return;
  const auto found = store::recorded_at(transaction, scope, engine_, moments, since);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto earlier = std::ranges::find_if(found[i], [&](const Action& action) {
      return same(action, asked[i]->input) && action.recorded_at >= asked[i]->now - replay_window;
    });
    if (earlier != found[i].end()) asked[i]->repeat(earlier->id, earlier->recorded_at);
  }
}

// The same action, whose reply was lost.
void Actions::recall_owed(Transaction& transaction, const TenantScope& scope, Group group) {
  std::vector<Attempt*> asked;
  std::vector<store::OwedQuestion> questions;
  Instant since = Instant::max();
  for (Attempt* attempt : group) {
    if (!attempt->is_open() || attempt->fingerprint.empty()) continue;
    asked.push_back(attempt);
    questions.push_back({.contact = *attempt->contact, .fingerprint = attempt->fingerprint});
    since = std::min(since, attempt->now - note_memory);
  }
  if (asked.empty()) return;
  const auto found = store::owed(transaction, scope, engine_, questions, since);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    for (const store::OwedReply& owed : found[i]) {
      const Repeats verdict = repeats(owed);
      if (verdict == Repeats::no) continue;
      if (verdict == Repeats::unclear) {
        asked[i]->outcome.emplace(std::nullopt);
      } else {
        context_.replies.begin(ReplyMemory::Note{.account = scope.account, .reply = owed});
        asked[i]->repeat(owed.action, owed.recorded_at);
      }
      break;
    }
  }
}

void Actions::write(Transaction& transaction, const TenantScope& scope, Group group) {
  std::vector<store::NewAction> actions;
  std::vector<store::OwedReply> owed;
  for (Attempt* attempt : group) {
    if (!attempt->is_open()) continue;
    const ActionInput& input = attempt->input;
    const Action& action =
        actions
            .emplace_back(store::NewAction{.action = {.id = attempt->id,
                                                      .contact = *attempt->contact,
                                                      .name = input.name,
                                                      .value = input.value,
                                                      .properties = object_of(input.properties),
                                                      .occurred_at = input.occurred_at.value_or(attempt->now),
                                                      .recorded_at = attempt->now},
                                           .recorded_by = attempt->asking.credential})
            .action;
    if (!attempt->fingerprint.empty()) {
      owed.push_back({.contact = action.contact,
                      .fingerprint = attempt->fingerprint,
                      .action = action.id,
                      .recorded_at = action.recorded_at});
      context_.replies.begin(ReplyMemory::Note{.account = scope.account, .reply = owed.back()});
    }
    if (attempt->key) {
      attempt->key->remember(transaction, scope, action.contact, action.id.uuid(), "", attempt->now);
    }
    if (!attempt->target->url.empty()) {
      context_.messages.emit(transaction, attempt->scope, *attempt->target, action.contact.uuid(),
                             event_names::action_recorded, action_event(input.customer_id, action));
    }
    attempt->outcome.emplace(Recorded{.id = action.id, .recorded_at = action.recorded_at});
  }
  store::insert_actions(transaction, scope, engine_, actions);
  store::insert_owed(transaction, scope, engine_, owed);
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
