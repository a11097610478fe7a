/// \file
/// The engagement API for a program with an API key.
#pragma once

#include <optional>
#include <utility>

#include "trunkline/engagement/errors.hpp"
#include "trunkline/engagement/result_client.hpp"

namespace trunkline::inline v1::engagement {

/// Registers customers, records what they do, reads their story (engagement API).
///
/// Every function blocks until it is done and throws when it cannot: AuthenticationError, RateLimitError,
/// InvalidRequestError, ApiError. All of them are tried again as RetryPolicy says, without doing anything
/// twice. Requests beyond the rate limit wait; the tries of one request count once.
///
/// Thread-safe. Copies are cheap; connections close with the last copy.
class TRUNKLINE_EXPORT Client {
 public:
  /// Makes no connection yet. Throws ValidationError when the options make no sense.
  explicit Client(const EngagementOptions& options) : results_(options) {}

  /// Registers a customer. Throws InvalidRequestError when there is one of this id.
  Registration register_customer(const Customer& customer) const {
    return checked(results_.register_customer(customer));
  }

  /// Registers a customer, or updates the one that is there: `created` tells which.
  Registration put_customer(const Customer& customer) const {
    return checked(results_.put_customer(customer));
  }

  /// Records what a customer did. Throws InvalidRequestError for an unknown customer.
  RecordedAction record_action(const Action& action) const { return checked(results_.record_action(action)); }

  /// Erases a customer: actions, calls' contents and queued webhooks; what was billed stays.
  Deletion delete_customer(std::string_view customer_id) const {
    return checked(results_.delete_customer(customer_id));
  }

  /// One customer; of a merged one the customer that it is part of.
  StoredCustomer get_customer(std::string_view customer_id) const {
    return checked(results_.get_customer(customer_id));
  }

  /// One page of customers, newest first.
  CustomerPage list_customers(const CustomerFilter& filter = {}) const {
    return checked(results_.list_customers(filter));
  }

  /// One page of what a customer did and the calls with them, latest first.
  TimelinePage read_timeline(std::string_view customer_id, const TimelineFilter& filter = {}) const {
    return checked(results_.read_timeline(customer_id, filter));
  }

  /// How often each action happened, by UTC day.
  std::vector<ActionCount> count_actions(const CountFilter& filter = {}) const {
    return checked(results_.count_actions(filter));
  }

  /// Up to 1000 customers and actions at once, each with its own result.
  BatchResult send_batch(std::span<const BatchItem> items, std::string idempotency_key = {}) const {
    return checked(results_.send_batch(items, std::move(idempotency_key)));
  }

 private:
  template <class T>
  static T checked(Result<T> result) {
    if (!result) throw_engagement_failure(result.error());
    return std::move(*result);
  }

  ResultClient results_;
};

}  // namespace trunkline::inline v1::engagement
