#include "engagement/erasure.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/failpoint.hpp"
#include "base/text.hpp"
#include "engagement/action_store.hpp"
#include "engagement/contact_events.hpp"
#include "engagement/contacts.hpp"
#include "engagement/merges.hpp"
#include "engagement/request_keys.hpp"

namespace trunkline::engagement {
namespace {

using db::Statement;
using db::Transaction;
using tenancy::TenantScope;

const Statement delete_owed_of{"owed_replies.delete_of_contact",
                               "DELETE FROM owed_replies WHERE account_id = $1 AND contact_id = $2"};
const Statement insert_receipt{"erasure_receipts.insert", R"sql(
  INSERT INTO erasure_receipts (account_id, id, subject, requested_at, requested_by, completed_at, contacts, actions,
                                calls, transcript_entries, webhooks, calls_pending)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))sql"};
const Statement find_receipt_of{"erasure_receipts.find", R"sql(
  SELECT id, requested_at, completed_at, contacts, actions, calls, transcript_entries, webhooks, calls_pending
  FROM erasure_receipts WHERE account_id = $1 AND subject = $2 ORDER BY id DESC LIMIT 1)sql"};
const Statement count_erased_call{"erasure_receipts.count_call", R"sql(
  UPDATE erasure_receipts
  SET calls = calls + $3, transcript_entries = transcript_entries + $4, webhooks = webhooks + $5,
      calls_pending = calls_pending - 1, completed_at = CASE WHEN calls_pending = 1 THEN $6 ELSE completed_at END
  WHERE account_id = $1 AND id = $2)sql"};

constexpr Duration first_pause = seconds(2);
constexpr std::int64_t attempts_max = 40;

// "RECEIPT CALL", both as UUIDs.
std::string payload_of(ReceiptId receipt, CallId call) {
  return to_text(receipt.uuid()) + " " + to_text(call.uuid());
}

struct ErasureJob {
  ReceiptId receipt;
  CallId call;
};

std::optional<ErasureJob> read_job(const jobs::Job& job) {
  const auto parts = split_once(job.payload, ' ');
  if (!parts) return std::nullopt;
  const auto receipt = parse_uuid(parts->first);
  const auto call = parse_uuid(parts->second);
  if (!receipt || !call) return std::nullopt;
  return ErasureJob{ReceiptId(*receipt), CallId(*call)};
}

}  // namespace

Result<Deleted> Erasure::erase(const TenantScope& scope, std::string_view customer_id, const Asking& asking) {
  const auto target = context_.messages.target_for(scope, "");
  if (!target) return fail(target.error());
  const ReceiptId receipt(context_.ids.next());
  auto deleted = context_.database.transact(scope, [&](Transaction& transaction) -> Result<Deleted> {
    const Instant now = context_.clock.now();
    // A batch that holds the person would else add actions of nobody after this.
    store::wait_for_holders(transaction, scope, db::engine_of(context_.database));
    std::optional<Contact> found = store::lock(transaction, scope, customer_id);
    if (!found) {
      const auto earlier = tombstones_.find(transaction, scope, customer_id);
      if (!earlier || now - earlier->erased_at >= replay_window) return no_such_contact(customer_id);
      return Deleted{.customer_id = std::string(customer_id),
                     .at = earlier->erased_at,
                     .receipt = earlier->receipt,
                     .replayed = true};
    }
    if (found->merged_into) found = store::lock(transaction, scope, *found->merged_into);
    if (!found) return no_such_contact(customer_id);
    std::vector<Contact> group = store::lock_members(transaction, scope, found->id);
    group.insert(group.begin(), std::move(*found));

    Tally tally{.receipt = {.id = receipt, .requested_at = now}, .calls = {}};
    const Tombstone tombstone{.erased_at = now, .receipt = receipt};
    for (const Contact& contact : group) {
      const std::vector<std::string> numbers = erase_contact(transaction, scope, contact, tally);
      tombstones_.raise(transaction, scope, contact, numbers, tombstone);
      context_.messages.emit(transaction, scope, *target, contact.id.uuid(), event_names::contact_deleted,
                             contact_deleted_event(contact, now));
    }
    tally.receipt.calls_pending = static_cast<std::int64_t>(tally.calls.size());
    if (tally.calls.empty()) tally.receipt.completed_at = now;
    write_receipt(transaction, scope, tombstones_.subject(scope, customer_id), asking, tally.receipt);
    for (const CallId call : tally.calls) {
      context_.queue.enqueue(transaction, {.account = scope.account,
                                           .id = context_.ids.next(),
                                           .kind = erase_call_job,
                                           .payload = payload_of(receipt, call)});
    }
    return Deleted{.customer_id = std::string(customer_id), .at = now, .receipt = receipt};
  });
  TRUNKLINE_FAIL_POINT("engagement.erased");
  return deleted;
}

// Everything about one contact; the numbers that nobody else has.
std::vector<std::string> Erasure::erase_contact(Transaction& transaction, const TenantScope& scope,
                                                const Contact& contact, Tally& tally) {
  const std::vector<store::OwnedPhone> phones = store::phones(transaction, scope, contact.id);
  erase_calls(transaction, scope, phones, tally);
  tally.receipt.actions += store::erase_actions(transaction, scope, contact.id);
  tally.receipt.webhooks += context_.messages.erase(transaction, scope, contact.id.uuid());
  transaction.execute(delete_owed_of, {scope.account, contact.id});
  erase_keys_of(transaction, scope, contact.id);
  erase_merges_of(transaction, scope, contact.id);
  store::remove(transaction, scope, contact);
  ++tally.receipt.contacts;
  std::vector<std::string> numbers;
  for (const store::OwnedPhone& phone : phones) {
    if (!phone.until && !store::owner_of(transaction, scope, phone.number)) numbers.push_back(phone.number);
  }
  return numbers;
}

// All calls with the person's numbers, from before they were known to be theirs too: who spoke was this
// person or cannot be told from them.
void Erasure::erase_calls(Transaction& transaction, const TenantScope& scope,
                          std::span<const store::OwnedPhone> phones, Tally& tally) {
  for (const store::OwnedPhone& phone : phones) {
    const calls::ErasedCalls calls = calls::erase_calls_of(
        transaction, scope, phone.number, phone.until.value_or(Instant::max()), tally.receipt.requested_at);
    tally.receipt.calls += static_cast<std::int64_t>(calls.erased.size());
    tally.receipt.transcript_entries += calls.entries;
    for (const CallId call : calls.erased) {
      tally.receipt.webhooks += context_.messages.erase(transaction, scope, call.uuid());
      tally.calls.push_back(call);
    }
    tally.calls.insert(tally.calls.end(), calls.running.begin(), calls.running.end());
  }
}

void Erasure::write_receipt(Transaction& transaction, const TenantScope& scope, std::string_view subject,
                            const Asking& asking, const Receipt& receipt) {
  transaction.execute(insert_receipt,
                      {scope.account, receipt.id, db::Blob{subject}, receipt.requested_at, asking.credential,
                       receipt.completed_at, receipt.contacts, receipt.actions, receipt.calls,
                       receipt.transcript_entries, receipt.webhooks, receipt.calls_pending});
}

Result<Receipt> Erasure::find_receipt(const TenantScope& scope, std::string_view customer_id) {
  const std::string subject = tombstones_.subject(scope, customer_id);
  const auto rows = context_.database.query(scope, find_receipt_of, {scope.account, db::Blob{subject}});
  if (!rows) return fail(rows.error());
  if (rows->empty()) {
    return fail(error_codes::receipt_not_found, fmt::format("Nobody '{}' was erased.", customer_id));
  }
  const db::Row row = rows->front();
  return Receipt{.id = row.id<ReceiptId>(0),
                 .requested_at = row.instant(1),
                 .completed_at = row.optional_instant(2),
                 .contacts = row.integer(3),
                 .actions = row.integer(4),
                 .calls = row.integer(5),
                 .transcript_entries = row.integer(6),
                 .webhooks = row.integer(7),
                 .calls_pending = row.integer(8)};
}

jobs::Outcome Erasure::try_again(const jobs::Job& job, const Error& error) const {
  if (job.attempts >= attempts_max) return jobs::Outcome::park(error);
  const Duration pause =
      std::min<Duration>(first_pause * (1LL << std::min<std::int64_t>(job.attempts / 4, 6)), minutes(2));
  return jobs::Outcome::retry(error, context_.clock.now() + pause);
}

// The call first, when it was still under way; then what its carrier and others keep; then the
// receipt.
jobs::Outcome Erasure::erase_call(const jobs::Job& job) {
  const auto task = read_job(job);
  if (!task) return jobs::Outcome::park(Error(trunkline::error_codes::internal, "The job names no call."));
  const TenantScope scope{.account = job.account};
  struct Done {
    std::int64_t calls = 0;
    std::int64_t entries = 0;
    std::int64_t webhooks = 0;
  };
  const auto erased = context_.database.transact(scope, [&](Transaction& transaction) -> Result<Done> {
    Done done;
    switch (calls::erase_call(transaction, scope, task->call, context_.clock.now(), done.entries)) {
      case calls::ErasureOutcome::running:
        return fail(error_codes::call_running, "The call has not ended yet.");
      case calls::ErasureOutcome::erased:
        done.calls = 1;
        break;
      case calls::ErasureOutcome::already_erased:
        break;
    }
    done.webhooks = context_.messages.erase(transaction, scope, task->call.uuid());
    return done;
  });
  if (!erased) return try_again(job, erased.error());
  const Result<void> forgotten = context_.carrier.forget(job.account, task->call);
  if (!forgotten) return try_again(job, forgotten.error());
  const Result<void> copies = context_.forget_copies(task->call);
  if (!copies) return try_again(job, copies.error());
  const auto counted = context_.database.transact(scope, [&](Transaction& transaction) {
    context_.queue.finish(transaction, job);
    transaction.execute(count_erased_call, {scope.account, task->receipt, erased->calls, erased->entries,
                                            erased->webhooks, context_.clock.now()});
  });
  if (!counted) return try_again(job, counted.error());
  return jobs::Outcome::finished();
}

}  // namespace trunkline::engagement
