/// \file
/// Customers, what they do, and what the server tells of them (engagement API, sections 2 to 5).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "trunkline/error.hpp"
#include "trunkline/json.hpp"
#include "trunkline/options.hpp"
#include "trunkline/result.hpp"

namespace trunkline::inline v1::engagement {

using v1::Failure;
using v1::Json;
using v1::Result;
using v1::Timestamp;

/// A person, to register or to update. Texts that are empty are not sent and stay as they are.
struct Customer {
  std::string customer_id = {};      ///< your own id: 1 to 255 characters without / ? # %; required
  std::string name = {};             ///< for people to read
  std::string email = {};            ///< an address
  std::string phone = {};            ///< best in E.164, e.g. +12025550101
  Json properties = Json::object();  ///< merged at the top level; null takes one away
};

/// The answer to register_customer() and put_customer().
struct Registration {
  std::string customer_id = {};      ///< whose
  bool created = false;              ///< false: the customer was there and was updated
  std::optional<Timestamp> at = {};  ///< when it was created, or updated
  bool replayed = false;             ///< an earlier try had done it
  Json raw = {};                     ///< the answer as it came
};

/// Something a customer did.
struct Action {
  std::string customer_id = {};             ///< required
  std::string action_name = {};             ///< e.g. purchase; required
  std::optional<Json> action_value = {};    ///< any JSON value, null and false too
  Json action_properties = Json::object();  ///< details
  std::optional<Timestamp> timestamp = {};  ///< when it happened; nothing: now
  /// 1 to 255 visible ASCII characters. Empty: a random one is made, so that tries record it once. Store one
  /// before you call, and the same action with the same key is recorded once for seven days.
  std::string idempotency_key = {};
};

/// The answer to record_action().
struct RecordedAction {
  std::string action_id = {};                 ///< act_…
  std::string customer_id = {};               ///< whose
  std::string action_name = {};               ///< as it was sent
  std::optional<Timestamp> recorded_at = {};  ///< when the server took it in
  std::string idempotency_key = {};           ///< what it was recorded with, given or made
  bool replayed = false;                      ///< an earlier try had recorded it
  Json raw = {};                              ///< the answer as it came
};

/// The answer to delete_customer().
struct Deletion {
  std::string customer_id = {};           ///< who was deleted
  std::optional<Timestamp> deleted = {};  ///< when
  std::string receipt_id = {};            ///< ers_…, of the erasure
  Json raw = {};                          ///< the answer as it came
};

/// A customer as the server has it.
struct StoredCustomer {
  std::string customer_id = {};           ///< your own id
  std::string contact_id = {};            ///< cnt_…, the server's own
  std::string name = {};                  ///< empty when none was given
  std::string email = {};                 ///< empty when none was given
  std::string phone = {};                 ///< as it was given
  std::string phone_e164 = {};            ///< the same in E.164; empty when it is no number
  Json properties = Json::object();       ///< all of them, merged
  std::optional<Timestamp> created = {};  ///< when it was registered
  std::optional<Timestamp> updated = {};  ///< when it last changed
  Json raw = {};                          ///< as it came
};

/// Which customers to list; what is empty does not matter.
struct CustomerFilter {
  std::string customer_id = {};  ///< exactly this one
  std::string email = {};        ///< exactly this address
  std::string phone = {};        ///< this number, in any notation
  std::string property = {};     ///< name=value
  std::string cursor = {};       ///< next_cursor of the page before
  int limit = 50;                ///< of a page; at most 200
};

/// A page of customers, newest first.
struct CustomerPage {
  std::vector<StoredCustomer> items = {};  ///< of this page
  std::string next_cursor = {};            ///< empty: there are no more
};

/// An action or a call of a customer's story.
struct TimelineEntry {
  std::string type = {};                    ///< action or call
  std::optional<Timestamp> at = {};         ///< when it happened
  std::string id = {};                      ///< act_… or call_…
  std::string name = {};                    ///< of an action
  Json value = {};                          ///< of an action
  Json properties = Json::object();         ///< of an action
  std::string outcome = {};                 ///< why a call ended
  std::optional<std::string> summary = {};  ///< of a call
  Json cost = {};                           ///< of a call: billed_minutes, amount, currency; else null
  Json raw = {};                            ///< as it came
};

/// Which part of a timeline to read.
struct TimelineFilter {
  std::string type = {};    ///< action or call; empty: both
  std::string cursor = {};  ///< next_cursor of the page before
  int limit = 50;           ///< of a page; at most 200
};

/// A page of a timeline, latest first.
struct TimelinePage {
  std::vector<TimelineEntry> items = {};  ///< of this page
  std::string next_cursor = {};           ///< empty: there are no more
};

/// How often an action happened on a day.
struct ActionCount {
  std::string date = {};         ///< YYYY-MM-DD, UTC
  std::string action_name = {};  ///< which action
  std::int64_t count = 0;        ///< how often
};

/// Which days to count; empty: the last thirty.
struct CountFilter {
  std::string since = {};        ///< YYYY-MM-DD
  std::string until = {};        ///< YYYY-MM-DD, this day too
  std::string action_name = {};  ///< only this action
};

/// A customer or an action of a batch.
using BatchItem = std::variant<Customer, Action>;

/// What became of an item.
struct BatchItemResult {
  std::string status = {};         ///< created, updated, recorded or rejected
  std::string customer_id = {};    ///< whose
  std::string action_id = {};      ///< of an action
  std::string error_code = {};     ///< of a rejected one
  std::string error_message = {};  ///< of a rejected one
};

/// The answer to send_batch().
struct BatchResult {
  std::vector<BatchItemResult> results = {};  ///< in the order of the items
  std::int64_t accepted = 0;                  ///< how many were taken in
  std::int64_t rejected = 0;                  ///< how many were not
  bool replayed = false;                      ///< an earlier try had done it
  std::string idempotency_key = {};           ///< repeat the same batch with it and nothing is done twice
};

/// How often a client may ask, whatever its program wants.
struct RateLimit {
  int requests = 300;               ///< in any stretch of `window`; 0: no limit
  std::chrono::seconds window{60};  ///< slides: there is no minute that forgets
};

/// What a client is made with.
struct EngagementOptions : ClientOptions {
  RateLimit rate = {};  ///< requests beyond it wait for their turn
};

}  // namespace trunkline::inline v1::engagement
