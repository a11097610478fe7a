#include "net/rate_limit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>

#include <fmt/core.h>

namespace trunkline::net {
namespace {

using std::chrono::nanoseconds;

seconds round_up(std::int64_t duration_ns) {
  return std::chrono::ceil<seconds>(nanoseconds(duration_ns));
}

// An sf-string (RFC 8941, section 3.3.3).
std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

RateLimiter::RateLimiter(std::uint64_t capacity, double refill_per_second, std::size_t max_keys)
    : capacity_(capacity), nanoseconds_per_token_(0), max_keys_(max_keys) {
  const double nanoseconds_per_token = 1e9 / refill_per_second;
  // A year to fill a bucket is the most, which keeps all sums far from their limits.
  const bool is_sane = refill_per_second > 0 && capacity > 0 && max_keys > 0 && nanoseconds_per_token >= 1 &&
                       nanoseconds_per_token * static_cast<double>(capacity) <= 366.0 * 86400 * 1e9;
  if (!is_sane)
    throw std::invalid_argument("a rate limit needs a capacity, a refill rate and keys above zero");
  nanoseconds_per_token_ = std::llround(nanoseconds_per_token);
}

RateVerdict RateLimiter::take(std::string_view key, Instant now, std::uint64_t cost) {
  const std::int64_t now_ns = nanoseconds(now.time_since_epoch()).count();
  const std::int64_t depth_ns = static_cast<std::int64_t>(capacity_) * nanoseconds_per_token_;
  const auto bucket = find_or_add(key, now_ns);
  // Not before now: it is full. Not further than the depth: time went back.
  const std::int64_t full_at = std::clamp(bucket->second->first, now_ns, now_ns + depth_ns);
  const std::uint64_t affordable = std::min(cost, capacity_ + 1);
  const std::int64_t full_at_after = full_at + static_cast<std::int64_t>(affordable) * nanoseconds_per_token_;
  const bool admitted = full_at_after <= now_ns + depth_ns;
  const std::int64_t full_at_now = admitted ? full_at_after : full_at;
  set_full_at(bucket, full_at_now);
  return {
      .admitted = admitted,
      .remaining = static_cast<std::uint64_t>((now_ns + depth_ns - full_at_now) / nanoseconds_per_token_),
      .wait = admitted ? seconds(0) : round_up(full_at_after - now_ns - depth_ns),
      .until_full = round_up(full_at_now - now_ns),
  };
}

RateLimiter::Buckets::iterator RateLimiter::find_or_add(std::string_view key, std::int64_t now) {
  if (const auto known = buckets_.find(key); known != buckets_.end()) return known;
  if (buckets_.size() >= max_keys_) {
    buckets_.erase(by_full_at_.begin()->second);
    by_full_at_.erase(by_full_at_.begin());
  }
  const auto place = by_full_at_.emplace(now, std::string(key));
  return buckets_.emplace(place->second, place).first;
}

void RateLimiter::set_full_at(Buckets::iterator bucket, std::int64_t full_at) {
  if (bucket->second->first == full_at) return;
  auto node = by_full_at_.extract(bucket->second);  // the key stays where it is in memory
  node.key() = full_at;
  bucket->second = by_full_at_.insert(std::move(node));
}

seconds RateLimiter::window() const {
  return round_up(static_cast<std::int64_t>(capacity_) * nanoseconds_per_token_);
}

std::string rate_limit_policy_field(std::string_view name, const RateLimiter& limiter) {
  return fmt::format("{};q={};w={}", quote(name), limiter.capacity(), limiter.window().count());
}

std::string rate_limit_field(std::string_view name, const RateVerdict& verdict) {
  const seconds until = verdict.admitted ? verdict.until_full : verdict.wait;
  return fmt::format("{};r={};t={}", quote(name), verdict.remaining, until.count());
}

}  // namespace trunkline::net
