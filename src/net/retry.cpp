#include "net/retry.hpp"

#include <algorithm>
#include <charconv>

#include <time.h>

#include "base/text.hpp"

namespace trunkline::net {
namespace {

// Longer is as good as for ever, and stays clear of overflow.
constexpr double seconds_max = 1e9;

// A decimal number of seconds from zero, as some send in place of whole ones.
std::optional<Duration> parse_seconds(std::string_view text, double unit_seconds) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return std::nullopt;  // no "inf"
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error == std::errc::result_out_of_range) number = seconds_max;
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::ceil<Duration>(
      std::chrono::duration<double>(std::min(number * unit_seconds, seconds_max)));
}

Duration backed_off(const RetryPolicy& policy, std::size_t attempts_made) {
  if (!policy.steps.empty()) return policy.steps[std::min(attempts_made, policy.steps.size()) - 1];
  Duration delay = policy.first_delay;
  for (std::size_t i = 1; i < attempts_made && delay < policy.delay_max; ++i) delay *= 2;
  return std::min(delay, policy.delay_max);
}

// From zero to `most`.
Duration chance(Duration most, Random& random) {
  return Duration(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

bool wants_retry(const RetryPolicy& policy, const Result<ClientResponse>& outcome) {
  if (!outcome) return std::ranges::find(policy.failures, outcome.error().code()) != policy.failures.end();
  if (policy.heeds_should_retry) {
    const auto wish = outcome->headers.find("x-should-retry");
    if (wish && outcome->status >= 400 && (*wish == "true" || *wish == "false")) return *wish == "true";
  }
  return std::ranges::find(policy.statuses, outcome->status) != policy.statuses.end();
}

}  // namespace

RetryPolicy retry_passing_failures() {
  RetryPolicy policy = retry_only_unreceived();
  policy.statuses = {408, 409, 425, 429, 500, 502, 503, 504};
  policy.failures.insert(policy.failures.end(), {response_timed_out, connection_lost, malformed_response});
  return policy;
}

RetryPolicy retry_only_unreceived() {
  RetryPolicy policy;
  policy.statuses = {429};
  policy.failures = {name_not_resolved, cannot_connect, tls_failure, connect_timed_out, client_busy};
  return policy;
}

std::optional<Instant> parse_http_date(const std::string& text) {
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    tm parts{};
    const char* end = strptime(text.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    return Instant(seconds(timegm(&parts)));
  }
  return std::nullopt;
}

std::optional<Duration> asked_delay(const Headers& headers, Instant now) {
  if (const auto text = headers.find("retry-after-ms")) {
    if (const auto delay = parse_seconds(trim(*text), 0.001)) return delay;
  }
  const auto text = headers.find("Retry-After");
  if (!text) return std::nullopt;
  if (const auto delay = parse_seconds(trim(*text), 1)) return delay;
  const auto until = parse_http_date(std::string(trim(*text)));
  if (!until) return std::nullopt;
  const auto date = headers.find("Date");
  const auto answered_at = date ? parse_http_date(std::string(*date)) : std::nullopt;
  return std::max(Duration::zero(), *until - answered_at.value_or(now));
}

std::optional<Duration> next_delay(const RetryPolicy& policy, std::size_t attempts_made,
                                   const Result<ClientResponse>& outcome, Instant now, Random& random) {
  if (attempts_made == 0 || attempts_made >= policy.attempts_max || !wants_retry(policy, outcome))
    return std::nullopt;
  const Duration whole = backed_off(policy, attempts_made);
  const Duration by_chance = whole * policy.jitter_percent / 100;
  const Duration delay = whole - by_chance + chance(by_chance, random);
  const auto asked = outcome ? asked_delay(outcome->headers, now) : outcome.error().retry_after();
  if (!asked) return delay;
  return std::max(delay, std::min(*asked, policy.asked_delay_max) + chance(policy.first_delay, random));
}

Result<ClientResponse> send_with_retries(Client& client, const ClientRequest& request,
                                         const RetryPolicy& policy, const Clock& clock, Random& random) {
  for (std::size_t attempts = 1;; ++attempts) {
    Result<ClientResponse> outcome = client.send(request);
    const auto delay = next_delay(policy, attempts, outcome, clock.now(), random);
    if (!delay || *delay >= runtime::current_deadline() - std::chrono::steady_clock::now()) return outcome;
    runtime::sleep_for(*delay);
  }
}

}  // namespace trunkline::net
