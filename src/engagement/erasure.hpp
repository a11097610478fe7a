// The right to be forgotten (control C17 of docs/security.md): the person goes from contacts, actions, calls,
// transcripts, webhooks and memories; what was billed stays; a tombstone keeps imports from bringing the
// person back; a receipt tells what was done.
#pragma once

#include "calls/call_erasure.hpp"
#include "carriers/carrier.hpp"
#include "engagement/tombstones.hpp"
#include "jobs/runner.hpp"
#include "webhooks/messages.hpp"

namespace trunkline::engagement {

struct Receipt {
  ReceiptId id;
  Instant requested_at{};
  std::optional<Instant> completed_at = {};  // nothing while calls are still being erased
  std::int64_t contacts = 0;
  std::int64_t actions = 0;
  std::int64_t calls = 0;
  std::int64_t transcript_entries = 0;
  std::int64_t webhooks = 0;
  std::int64_t calls_pending = 0;
};

struct Deleted {
  std::string customer_id;
  Instant at{};
  ReceiptId receipt;
  bool replayed = false;
};

struct ErasureContext {
  db::Database& database;
  webhooks::Messages& messages;
  tenancy::Keyring& keyring;
  jobs::Queue& queue;
  carriers::Carrier& carrier;
  IdSource& ids;
  const Clock& clock;
  // Erases what is kept of a call elsewhere, such as in the telecom warehouse, once the call itself is
  // erased; tried again until it succeeds. Suspends.
  std::function<Result<void>(CallId)> forget_copies = [](CallId) { return Result<void>(); };
};

class Erasure {
 public:
  explicit Erasure(ErasureContext context) : context_(context), tombstones_(context.keyring) {}

  // Erases the person, all contacts merged into one included, in one transaction; calls that are still under
  // way, and what carriers keep, follow by jobs. Repeated within the window it gives the first answer. Fails
  // with contact_not_found. Suspends.
  Result<Deleted> erase(const tenancy::TenantScope& scope, std::string_view customer_id,
                        const Asking& asking);

  // Of the latest erasure of the customer id. Suspends.
  Result<Receipt> find_receipt(const tenancy::TenantScope& scope, std::string_view customer_id);

  // The handler of `erase_call_job`. Suspends.
  jobs::Outcome erase_call(const jobs::Job& job);

 private:
  struct Tally {
    Receipt receipt;
    std::vector<CallId> calls;  // for their carriers
  };
  std::vector<std::string> erase_contact(db::Transaction& transaction, const tenancy::TenantScope& scope,
                                         const Contact& contact, Tally& tally);
  void erase_calls(db::Transaction& transaction, const tenancy::TenantScope& scope,
                   std::span<const store::OwnedPhone> phones, Tally& tally);
  void write_receipt(db::Transaction& transaction, const tenancy::TenantScope& scope,
                     std::string_view subject, const Asking& asking, const Receipt& receipt);
  jobs::Outcome try_again(const jobs::Job& job, const Error& error) const;

  ErasureContext context_;
  Tombstones tombstones_;
};

inline constexpr std::string_view erase_call_job = "engagement.erase_call";

namespace error_codes {
inline constexpr ErrorCode receipt_not_found{"receipt_not_found", ErrorKind::not_found};
inline constexpr ErrorCode call_running{"call_running", ErrorKind::unavailable};
}  // namespace error_codes

}  // namespace trunkline::engagement
