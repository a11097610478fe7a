// Names to addresses, without stalling a loop: what an address is, and the look-up that the client and the
// URL guard are given. Tests hand in their own Resolver.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "runtime/thread_pool.hpp"

struct sockaddr;

namespace trunkline::net {

class IpAddress {
 public:
  using V4Bytes = std::array<std::uint8_t, 4>;
  using V6Bytes = std::array<std::uint8_t, 16>;

  explicit IpAddress(const V4Bytes& bytes);
  explicit IpAddress(const V6Bytes& bytes) : bytes_(bytes) {}

  // Four decimal numbers, or IPv6 text (RFC 4291, section 2.2) without brackets and zone; nothing for
  // anything else.
  static std::optional<IpAddress> parse(std::string_view text);
  // Nothing for other families than IPv4 and IPv6.
  static std::optional<IpAddress> from_socket_address(const sockaddr& address);

  bool is_v4() const { return is_v4_; }
  V4Bytes v4_bytes() const { return {bytes_[0], bytes_[1], bytes_[2], bytes_[3]}; }
  const V6Bytes& v6_bytes() const { return bytes_; }
  std::string to_text() const;  // without brackets

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  V6Bytes bytes_{};  // of an IPv4 address the first four
  bool is_v4_ = false;
};

// Everything that a resolver can say of a name goes through this.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // All addresses of a host name, the preferred ones first; at least one. Suspends, no longer than the
  // current fiber's deadline. Fails with name_not_resolved.
  virtual Result<std::vector<IpAddress>> look_up(const std::string& host) = 0;
};

struct ResolverOptions {
  Duration fresh_for = seconds(5);       // an answer serves further look-ups for so long; zero: never
  Duration grace = minutes(5);           // and, should a later look-up fail, for so long (fault F25)
  Duration look_up_limit = seconds(10);  // nobody waits longer
  std::size_t names_max = 4096;          // names that are remembered
};

// getaddrinfo on the threads of a pool of its own: a name server that does not answer holds a thread for many
// seconds, and must not hold up password hashing. One look-up a name is under way, however many wait for it.
// For one loop.
class SystemResolver final : public Resolver {
 public:
  // The pool must outlive the resolver and end before the loop does: a look-up that nobody waits for any more
  // goes on.
  explicit SystemResolver(runtime::ThreadPool& pool, ResolverOptions options = {});
  ~SystemResolver() override;

  Result<std::vector<IpAddress>> look_up(const std::string& host) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

inline constexpr ErrorCode name_not_resolved{"name_not_resolved", ErrorKind::unavailable};

}  // namespace trunkline::net
