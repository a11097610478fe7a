// Token buckets against abuse (control C10 of docs/security.md): a bucket a key (an address, an API key, an
// account), which fills at a steady rate and from which each request takes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/time.hpp"

namespace trunkline::net {

struct RateVerdict {
  bool admitted = false;
  std::uint64_t remaining = 0;  // whole tokens left
  seconds wait{};               // when refused: until the cost is there; at least 1
  seconds until_full{};         // rounded up
};

// For one thread: one a loop, each with its share of the limit, or all requests of a key on one loop. Memory
// is bounded: of too many keys the one whose bucket is full, or full soonest, is dropped, because it knows
// the least.
class RateLimiter {
 public:
  // `capacity` tokens at most, `refill_per_second` new ones (a fraction is fine: 5 a minute is 5 / 60.0).
  // Throws when one of the three is not positive.
  RateLimiter(std::uint64_t capacity, double refill_per_second, std::size_t max_keys);

  // Takes `cost` tokens, or none when there are fewer. A cost above the capacity is never admitted. Time that
  // goes back does not refill and does not lock out.
  RateVerdict take(std::string_view key, Instant now, std::uint64_t cost = 1);

  std::uint64_t capacity() const { return capacity_; }
  seconds window() const;  // from empty to full, rounded up
  std::size_t size() const { return buckets_.size(); }

 private:
  // A bucket is the moment, in nanoseconds since 1970, at which it is full again.
  using ByFullAt = std::multimap<std::int64_t, std::string>;
  using Buckets = std::unordered_map<std::string_view, ByFullAt::iterator>;  // keys live in ByFullAt

  Buckets::iterator find_or_add(std::string_view key, std::int64_t now);
  void set_full_at(Buckets::iterator bucket, std::int64_t full_at);

  std::uint64_t capacity_;
  std::int64_t nanoseconds_per_token_;
  std::size_t max_keys_;
  ByFullAt by_full_at_;
  Buckets buckets_;
};

// The header fields of draft-ietf-httpapi-ratelimit-headers-11 for a named policy; the name is printable
// ASCII.
//   RateLimit-Policy: "login";q=5;w=60
//   RateLimit: "login";r=4;t=12
std::string rate_limit_policy_field(std::string_view name, const RateLimiter& limiter);
std::string rate_limit_field(std::string_view name, const RateVerdict& verdict);

}  // namespace trunkline::net
