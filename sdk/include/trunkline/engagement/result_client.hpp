/// \file
/// The engagement API with outcomes as values. Client is the same with exceptions.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "trunkline/engagement/customers.hpp"

namespace trunkline::inline v1 {
namespace detail {
class Channel;
class SlidingWindow;
}  // namespace detail

namespace engagement {

/// Registers customers, records what they do, reads their story. Every function blocks until it has an
/// outcome; see Client for what each of them does.
///
/// Thread-safe. Copies are cheap and share connections and rate limit, which end with the last of them.
class TRUNKLINE_EXPORT ResultClient {
 public:
  /// Throws ValidationError when the options make no sense, such as an empty key.
  explicit ResultClient(const EngagementOptions& options);

  /// Registers a customer; fails when there is one of this id.
  Result<Registration> register_customer(const Customer& customer) const;
  /// Registers a customer, or updates the one that is there.
  Result<Registration> put_customer(const Customer& customer) const;
  /// Records what a customer did, once however often it is tried.
  Result<RecordedAction> record_action(const Action& action) const;
  /// Deletes a customer with all that is known of the person.
  Result<Deletion> delete_customer(std::string_view customer_id) const;

  /// Reads a customer.
  Result<StoredCustomer> get_customer(std::string_view customer_id) const;
  /// A page of the customers that match.
  Result<CustomerPage> list_customers(const CustomerFilter& filter = {}) const;
  /// A page of a customer's actions and calls.
  Result<TimelinePage> read_timeline(std::string_view customer_id, const TimelineFilter& filter = {}) const;
  /// Counts actions by name and day.
  Result<std::vector<ActionCount>> count_actions(const CountFilter& filter = {}) const;
  /// Up to 1000 customers and actions in one request, each with its own result.
  Result<BatchResult> send_batch(std::span<const BatchItem> items, std::string idempotency_key = {}) const;

 private:
  std::shared_ptr<const detail::Channel> channel_;
  std::shared_ptr<detail::SlidingWindow> window_;
};

}  // namespace engagement
}  // namespace trunkline::inline v1
