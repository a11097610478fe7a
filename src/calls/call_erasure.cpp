#include "calls/call_erasure.hpp"

namespace trunkline::calls {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement find_calls_of_number{"calls.erasable_of_number", R"sql(
  SELECT id, status FROM calls WHERE account_id = $1 AND to_number = $2 AND created_at < $3 AND erased_at IS NULL
  ORDER BY id FOR UPDATE)sql"};
const Statement lock_call_status{
    "calls.erasable", "SELECT status, erased_at FROM calls WHERE account_id = $1 AND id = $2 FOR UPDATE"};
// Who it was, what was wanted of them, what they said and did. Times, durations, prices and tokens stay.
const Statement erase_call_row{"calls.erase", R"sql(
  UPDATE calls SET erased_at = $3, to_number = '', task = '', instructions = '', agent_name = '', caller_name = '',
         metadata = '', tools = '', webhook_url = '', tool_webhook_url = '', end_user_id = '', summary = NULL,
         fallbacks = '', entries = 0
  WHERE account_id = $1 AND id = $2)sql"};
const Statement delete_entries{"call_entries.delete",
                               "DELETE FROM call_entries WHERE account_id = $1 AND call_id = $2"};
const Statement delete_tool_uses{"call_tool_uses.delete",
                                 "DELETE FROM call_tool_uses WHERE account_id = $1 AND call_id = $2"};
const Statement delete_keys{"call_idempotency.delete_of_call",
                            "DELETE FROM call_idempotency WHERE account_id = $1 AND call_id = $2"};

void erase_ended(Transaction& transaction, const TenantScope& scope, CallId call, Instant now,
                 std::int64_t& entries) {
  entries += transaction.execute_counted(delete_entries, {scope.account, call});
  transaction.execute(delete_tool_uses, {scope.account, call});
  transaction.execute(delete_keys, {scope.account, call});
  transaction.execute(erase_call_row, {scope.account, call, now});
}

bool has_ended(std::string_view status) {
  return is_terminal(parse_status(status).value_or(Status::failed));
}

}  // namespace

ErasedCalls erase_calls_of(Transaction& transaction, const TenantScope& scope, std::string_view number,
                           Instant until, Instant now) {
  ErasedCalls result;
  for (const db::Row row : transaction.query(find_calls_of_number, {scope.account, number, until})) {
    const auto id = row.id<CallId>(0);
    if (has_ended(row.text(1))) {
      erase_ended(transaction, scope, id, now, result.entries);
      result.erased.push_back(id);
    } else {
      result.running.push_back(id);
    }
  }
  return result;
}

ErasureOutcome erase_call(Transaction& transaction, const TenantScope& scope, CallId call, Instant now,
                          std::int64_t& entries) {
  const db::Rows rows = transaction.query(lock_call_status, {scope.account, call});
  if (rows.empty() || !rows.front().is_null(1)) return ErasureOutcome::already_erased;
  if (!has_ended(rows.front().text(0))) return ErasureOutcome::running;
  erase_ended(transaction, scope, call, now, entries);
  return ErasureOutcome::erased;
}

}  // namespace trunkline::calls
