// Where a URL that a user gave may lead (control C5 of docs/security.md, OWASP API7): https to public
// addresses only. A URL is read once, by libcurl's parser, and the parts it made are what the transfer uses
// later: what was checked is what is fetched. A name is looked up and checked before every attempt, and
// the connection goes to a checked address.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/resolver.hpp"

namespace trunkline::net {

// An absolute http or https URL in ASCII, without user name and password. Cheap to copy.
class Url {
 public:
  // Fails with invalid_url, and says what is wrong with it.
  static Result<Url> parse(std::string_view text);

  const std::string& text() const;           // normalised by libcurl
  const std::string& origin() const;         // "https://example.com:443"
  const std::string& host_and_port() const;  // "example.com:443"
  const std::string& host() const;           // lower case; an IPv6 address in brackets
  // What a request says of it (RFC 9110, section 7.1): "/path?query", and the value of its Host field.
  const std::string& target() const;
  const std::string& host_field() const;
  std::uint16_t port() const;
  bool is_https() const;
  const std::optional<IpAddress>& literal() const;  // the host, when it is an address

 private:
  struct Parts;
  explicit Url(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
};

struct UrlPolicy {
  // Development only: addresses, ports and schemes are then not restricted.
  bool allow_private = false;
  std::vector<std::uint16_t> ports{443, 8443};
  std::size_t length_max = 2048;
};

// A URL that the guard has passed. Its name must still be resolved by the guard before each attempt.
class GuardedUrl {
 public:
  const Url& url() const { return url_; }

 private:
  friend class UrlGuard;
  explicit GuardedUrl(Url url) : url_(std::move(url)) {}
  Url url_;
};

// False for every address that is not for all of the Internet: loopback, private, link-local, shared,
// reserved, multicast, documentation, and IPv6 that hides a non-public IPv4 address.
bool is_public(const IpAddress& address);

// For one loop.
class UrlGuard {
 public:
  // The resolver must outlive the guard.
  UrlGuard(UrlPolicy policy, Resolver& resolver) : policy_(std::move(policy)), resolver_(resolver) {}

  // Syntax and policy, without the network: for when a user stores a URL. Fails with invalid_url or
  // url_not_allowed.
  Result<GuardedUrl> check(std::string_view text) const;

  // The addresses that a transfer may connect to now. Fails with address_not_allowed when any address of the
  // name is not public, and as Resolver::look_up does. Suspends.
  Result<std::vector<IpAddress>> resolve(const GuardedUrl& url) const;

  bool allows(const IpAddress& address) const { return policy_.allow_private || is_public(address); }
  bool allows_private() const { return policy_.allow_private; }
  Resolver& resolver() const { return resolver_; }

 private:
  std::optional<Error> objection(const Url& url) const;

  UrlPolicy policy_;
  Resolver& resolver_;
};

inline constexpr ErrorCode invalid_url{"invalid_url", ErrorKind::invalid};
inline constexpr ErrorCode url_not_allowed{"url_not_allowed", ErrorKind::invalid};
inline constexpr ErrorCode address_not_allowed{"address_not_allowed", ErrorKind::forbidden};

}  // namespace trunkline::net
