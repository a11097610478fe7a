#include "warehouse/sync/own_erasure.hpp"

#include "warehouse/store/store.hpp"
#include "warehouse/sync/ledger.hpp"

namespace trunkline::warehouse::sync {
namespace {

// Without its hash the row is compared anew by the next run, which finds nobody in it any more.
const db::Statement forget_person{
    "sync.forget_own_call",
    "UPDATE telco.calls SET from_number = NULL, to_number = NULL, transcript = NULL, recording_url = NULL,"
    " content_hash = NULL WHERE provider_id = $1 AND account = $2 AND external_call_id = $3"};

}  // namespace

Result<void> forget_own_call(db::Database& telco, std::string_view call, Instant now) {
  const Owner own{.provider_id = store::own_provider, .account = ProviderAccount().account};
  return telco.transact(db::Scope::operations(), [&](db::Transaction& transaction) -> Result<void> {
    // A run that begins after this reads the call as it is now.
    if (is_running(transaction, own, SyncType::calls, now)) {
      return fail(trunkline::error_codes::unavailable, "The warehouse is reading Trunkline's own calls.");
    }
    transaction.execute(forget_person, {own.provider_id, own.account, call});
    return {};
  });
}

}  // namespace trunkline::warehouse::sync
