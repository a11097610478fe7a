#include "tenancy/subscription.hpp"

namespace trunkline::tenancy {

std::string_view to_text(SubscriptionStatus status) {
  switch (status) {
    case SubscriptionStatus::none:
      return "none";
    case SubscriptionStatus::active:
      return "active";
    case SubscriptionStatus::past_due:
      return "past_due";
    case SubscriptionStatus::canceled:
      return "canceled";
  }
  return "none";
}

std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text) {
  for (const auto status : {SubscriptionStatus::none, SubscriptionStatus::active,
                            SubscriptionStatus::past_due, SubscriptionStatus::canceled}) {
    if (to_text(status) == text) return status;
  }
  return std::nullopt;
}

std::optional<Instant> Subscription::grace_ends_at() const {
  if (status != SubscriptionStatus::past_due || !past_due_since) return std::nullopt;
  return *past_due_since + grace_period;
}

Result<void> check(const Subscription& subscription, Instant now) {
  switch (subscription.status) {
    case SubscriptionStatus::active:
      return {};
    case SubscriptionStatus::past_due: {
      const auto grace_ends = subscription.grace_ends_at();
      if (grace_ends && now < *grace_ends) return {};
      return fail(error_codes::grace_period_ended,
                  "The subscription's payment is overdue and the grace period of a week is over. Settle the "
                  "payment to "
                  "use the API again.");
    }
    case SubscriptionStatus::none:
    case SubscriptionStatus::canceled:
      break;
  }
  return fail(error_codes::subscription_required, "The API needs an active subscription.");
}

}  // namespace trunkline::tenancy
