#include "calls/calls.hpp"

#include <fmt/core.h>

#include "base/crypto/hash.hpp"
#include "base/failpoint.hpp"
#include "calls/call_events.hpp"

namespace trunkline::calls {
namespace {

using db::Statement;
using tenancy::TenantScope;

const Statement insert_key{"call_idempotency.insert", R"sql(
  INSERT INTO call_idempotency (account_id, project_id, key, request_hash, call_id, created_at)
  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING)sql"};
const Statement find_key{"call_idempotency.find", R"sql(
  SELECT request_hash, call_id, created_at FROM call_idempotency
  WHERE account_id = $1 AND project_id = $2 AND key = $3 FOR UPDATE)sql"};
const Statement replace_key{"call_idempotency.replace", R"sql(
  UPDATE call_idempotency SET request_hash = $4, call_id = $5, created_at = $6
  WHERE account_id = $1 AND project_id = $2 AND key = $3)sql"};
const Statement forget_keys{"call_idempotency.forget", "DELETE FROM call_idempotency WHERE created_at < $1"};

}  // namespace

Call Calls::draft(const TenantScope& scope, CallRequest request) const {
  Call call;
  call.id = CallId(ids_.next());
  call.project = scope.project;
  call.created_at = clock_.now();
  call.request = std::move(request);
  call.price = billing::current_price();
  call.carrier = carrier_.name();
  return call;
}

Result<PlacedCall> Calls::place(const TenantScope& scope, CallRequest request,
                                const std::optional<IdempotencyKey>& idempotency) {
  const auto from = carrier_.caller_number(request.to, request.country);
  if (!from) {
    return fail(Error(error_codes::no_number_for_country,
                      fmt::format("There is no phone number to call {} from.",
                                  request.country.empty() ? "there" : request.country))
                    .with_detail("country", request.country));
  }
  Call call = draft(scope, std::move(request));
  call.from_number = from->text();
  const Result<webhooks::Target> target = transitions_.messages().target_for(scope, call.request.webhook_url);
  if (!target) return fail(target.error());
  const auto observe =
      observer_ == nullptr ? Result<PlacementObserver::InTransaction>() : observer_->prepare(scope);
  if (!observe) return fail(observe.error());
  const std::string hash =
      idempotency ? std::string(ByteView(crypto::sha256(idempotency->request_body)).as_text()) : "";

  std::optional<CallId> earlier;
  const Result<void> placed = database_.transact(scope, [&](db::Transaction& transaction) -> Result<void> {
    earlier.reset();
    if (idempotency) {
      const auto claimed = claim_key(transaction, scope, *idempotency, hash, call.id);
      if (claimed && !*claimed) return fail(claimed->error());
      if (claimed) {
        earlier = **claimed;
        return {};
      }
    }
    store::insert(transaction, scope, call);
    if (*observe) (*observe)(transaction, call);
    transitions_.messages().emit(transaction, scope, *target, call.id.uuid(), event_names::queued,
                                 simple_event(event_names::queued, call, call.created_at));
    queue_.enqueue(transaction, {.account = scope.account, .id = call.id.uuid(), .kind = dial_job});
    return {};
  });
  if (!placed) return fail(placed.error());
  TRUNKLINE_FAIL_POINT("calls.placed");
  if (!earlier) return PlacedCall{.call = std::move(call)};

  Result<Call> original = find(scope, *earlier);
  if (!original) return fail(std::move(original.error()));
  return PlacedCall{.call = std::move(*original), .replayed = true};
}

// Nothing when the key is new (or its memory is over) and now stands for the new call; else the call it
// stands for, or a conflict.
std::optional<Result<CallId>> Calls::claim_key(db::Transaction& transaction, const TenantScope& scope,
                                               const IdempotencyKey& key, std::string_view hash, CallId id) {
  const Instant now = clock_.now();
  const auto inserted = transaction.execute_counted(
      insert_key, {scope.account, scope.project, key.key, db::Blob{hash}, id, now});
  if (inserted == 1) return std::nullopt;
  const db::Rows rows = transaction.query(find_key, {scope.account, scope.project, key.key});
  const db::Row row = rows.front();
  if (now - row.instant(2) >= idempotency_memory) {
    transaction.execute(replace_key, {scope.account, scope.project, key.key, db::Blob{hash}, id, now});
    return std::nullopt;
  }
  if (row.text(0) != hash) {
    return fail(error_codes::idempotency_conflict,
                "This Idempotency-Key came with another request body before; use a new key for a new call.");
  }
  return row.id<CallId>(1);
}

Result<Call> Calls::find(const TenantScope& scope, CallId id) {
  return store::find(database_, scope, id);
}

Result<CallDetail> Calls::find_with_transcript(const TenantScope& scope, CallId id) {
  return store::find_with_transcript(database_, scope, id);
}

Result<CallPage> Calls::list(const TenantScope& scope, const CallFilter& filter) {
  return store::list(database_, scope, filter);
}

Result<std::vector<ToolUse>> Calls::tool_uses(const TenantScope& scope, CallId id) {
  if (const auto call = find(scope, id); !call) return fail(call.error());
  return store::tool_uses(database_, scope, id);
}

Result<CallDetail> Calls::cancel(const TenantScope& scope, CallId id) {
  return end(scope, id, true);
}
Result<CallDetail> Calls::hang_up(const TenantScope& scope, CallId id) {
  return end(scope, id, false);
}

Result<CallDetail> Calls::end(const TenantScope& scope, CallId id, bool cancel) {
  const Result<Call> before = find(scope, id);
  if (!before) return fail(before.error());
  const Result<webhooks::Target> target =
      transitions_.messages().target_for(scope_of(scope.account, *before), before->request.webhook_url);
  if (!target) return fail(target.error());
  const Result<void> ended = database_.transact(scope, [&](db::Transaction& transaction) -> Result<void> {
    std::optional<Call> call = store::lock(transaction, scope, id);
    if (!call) return fail(error_codes::call_not_found, "No such call");
    // The moment is on the call's own clock, which a simulated carrier runs faster than ours.
    const Instant now = clock_.now();
    const Instant at =
        call->event_at ? carrier_.call_time(*call->event_at, *call->event_received_at, now) : now;
    transitions_.perform(transaction, scope, *target, *call,
                         cancel ? LifecycleEvent(events::CancelRequested{at}) : events::HangUpRequested{at});
    return {};
  });
  if (!ended) return fail(ended.error());
  return find_with_transcript(scope, id);
}

Result<std::int64_t> Calls::forget_old_keys() {
  return database_.execute(db::Scope::operations(), forget_keys, {clock_.now() - idempotency_memory});
}

}  // namespace trunkline::calls
