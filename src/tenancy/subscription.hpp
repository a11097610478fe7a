// Whether an account may use the API (contracts/voice-api.md, section 7.2).
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace trunkline::tenancy {

// `canceled` has one l here, in contrast to a call's `cancelled`.
enum class SubscriptionStatus : std::uint8_t { none, active, past_due, canceled };

std::string_view to_text(SubscriptionStatus status);
std::optional<SubscriptionStatus> parse_subscription_status(std::string_view text);

struct Subscription {
  SubscriptionStatus status = SubscriptionStatus::none;
  std::optional<Instant> past_due_since = {};
  std::optional<Instant> current_period_end = {};

  // The first moment that is too late; nothing unless a payment is overdue.
  std::optional<Instant> grace_ends_at() const;
};

inline constexpr Duration grace_period = days(7);

namespace error_codes {
inline constexpr ErrorCode subscription_required{"subscription_required", ErrorKind::forbidden};
inline constexpr ErrorCode grace_period_ended{"grace_period_ended", ErrorKind::forbidden};
}  // namespace error_codes

// The gate: nothing, or one of the codes above.
Result<void> check(const Subscription& subscription, Instant now);

}  // namespace trunkline::tenancy
