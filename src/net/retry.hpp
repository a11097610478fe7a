// Trying again: policies as values, the pure rule that says when, and the loop that does it. Queues that keep
// their attempts in the database (webhooks) use the rule alone.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/client.hpp"

namespace trunkline::net {

struct RetryPolicy {
  std::size_t attempts_max = 3;  // the first one counts
  std::vector<int> statuses;     // answers that are worth another attempt
  std::vector<ErrorCode> failures;

  // Before attempt n + 1: steps[n - 1], or, without steps, first_delay doubled n - 1 times and at most
  // delay_max.
  Duration first_delay = milliseconds(500);
  Duration delay_max = seconds(8);
  std::vector<Duration> steps;
  // How much of the delay is chance; 100 is "full jitter", anything from zero to the whole.
  unsigned jitter_percent = 100;

  // A longer wait than this that the other side asks for (Retry-After) is cut to it.
  Duration asked_delay_max = hours(1);
  // The answer's x-should-retry decides whether there is another attempt (contracts/openai.md, section 2).
  bool heeds_should_retry = false;
};

// For requests that may be carried out twice: passing failures, and 408, 409, 425, 429, 500, 502, 503, 504.
RetryPolicy retry_passing_failures();
// For requests that must not be: only when the other side cannot have acted, and on 429.
RetryPolicy retry_only_unreceived();

// How long the other side asks to wait: retry-after-ms, or Retry-After in seconds or as an HTTP date (RFC
// 9110, section 10.2.3), which counts from the answer's own Date. Never negative; nothing when it does not
// ask.
std::optional<Duration> asked_delay(const Headers& headers, Instant now);

// The three forms of RFC 9110, section 5.6.7.
std::optional<Instant> parse_http_date(const std::string& text);

// How long to wait before the next attempt after `attempts_made`; nothing when there is to be none. What the
// other side asks for is the least, plus chance up to `first_delay`.
std::optional<Duration> next_delay(const RetryPolicy& policy, std::size_t attempts_made,
                                   const Result<ClientResponse>& outcome, Instant now, Random& random);

// Sends until the policy is content or has had enough; the last outcome. Does not begin a wait that would
// outlast the fiber's deadline. Suspends.
Result<ClientResponse> send_with_retries(Client& client, const ClientRequest& request,
                                         const RetryPolicy& policy, const Clock& clock, Random& random);

}  // namespace trunkline::net
