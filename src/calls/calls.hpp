// Calls as customers use them: place, follow, cancel, hang up. What happens on the line is the engine's
// (engine.hpp).
#pragma once

#include "calls/transitions.hpp"
#include "carriers/carrier.hpp"

namespace trunkline::calls {

struct PlacedCall {
  Call call;
  bool replayed = false;  // an earlier request with the same idempotency key had placed it
};

struct IdempotencyKey {
  std::string key;
  std::string request_body;  // compared by its hash
};

inline constexpr Duration idempotency_memory = hours(24);

// A call with its conversation.
using CallDetail = store::CallWithTranscript;

// Somebody above who wants to know of calls in the transaction that places them.
class PlacementObserver {
 public:
  virtual ~PlacementObserver() = default;
  // Before the transaction: what to do in it; nothing when there is nothing to do. Suspends.
  using InTransaction = std::function<void(db::Transaction&, const Call&)>;
  virtual Result<InTransaction> prepare(const tenancy::TenantScope& scope) = 0;
};

class Calls {
 public:
  Calls(db::Database& database, Transitions& transitions, jobs::Queue& queue, carriers::Carrier& carrier,
        IdSource& ids, const Clock& clock)
      : database_(database),
        transitions_(transitions),
        queue_(queue),
        carrier_(carrier),
        ids_(ids),
        clock_(clock) {}

  // At most one; it must outlive this.
  void set_observer(PlacementObserver& observer) { observer_ = &observer; }

  // Durable when it returns; dialling follows. Fails with no_number_for_country, or idempotency_conflict when
  // the key came with another body. Suspends, as all of these do.
  Result<PlacedCall> place(const tenancy::TenantScope& scope, CallRequest request,
                           const std::optional<IdempotencyKey>& idempotency);
  Result<Call> find(const tenancy::TenantScope& scope, CallId id);
  Result<CallDetail> find_with_transcript(const tenancy::TenantScope& scope, CallId id);
  Result<CallPage> list(const tenancy::TenantScope& scope, const CallFilter& filter);
  Result<std::vector<ToolUse>> tool_uses(const tenancy::TenantScope& scope, CallId id);

  // Both give the call as it is afterwards; on a call that has ended they change nothing.
  Result<CallDetail> cancel(const tenancy::TenantScope& scope, CallId id);
  Result<CallDetail> hang_up(const tenancy::TenantScope& scope, CallId id);

  // Forgets idempotency keys that are older than their memory; how many.
  Result<std::int64_t> forget_old_keys();

 private:
  Result<CallDetail> end(const tenancy::TenantScope& scope, CallId id, bool cancel);
  Call draft(const tenancy::TenantScope& scope, CallRequest request) const;
  std::optional<Result<CallId>> claim_key(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                          const IdempotencyKey& key, std::string_view hash, CallId id);

  db::Database& database_;
  Transitions& transitions_;
  jobs::Queue& queue_;
  carriers::Carrier& carrier_;
  IdSource& ids_;
  const Clock& clock_;
  PlacementObserver* observer_ = nullptr;
};

}  // namespace trunkline::calls
