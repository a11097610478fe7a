// Opens the connections of the HTTP client. Of several addresses the one that answers first is taken: the
// next is tried when one fails, or has not answered for a while (RFC 8305, "Happy Eyeballs", section 5).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/ssl/context.hpp>

#include "net/resolver.hpp"
#include "net/ssrf_guard.hpp"
#include "net/transport.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::net {

// Ready for the first request.
struct Connected {
  std::unique_ptr<Transport> transport;
  IpAddress address;
};

// What all connections of a client share.
struct ConnectorContext {
  runtime::EventLoop& loop;
  std::shared_ptr<Readiness> readiness;
  // The authorities to trust have been read, or there is no TLS: nullptr.
  std::function<boost::asio::ssl::context*()> tls;
};

// The URL leads where a user's request may not go: address_not_allowed.
Error address_refused(const Url& url);

// One connection in the making.
class Connector : public std::enable_shared_from_this<Connector> {
 public:
  using Done = std::move_only_function<void(Result<Connected>)>;

  // `addresses` are the only ones to connect to; with `public_only` none of them that is not public. The
  // context must outlive the connector.
  Connector(ConnectorContext& context, Url url, std::span<const IpAddress> addresses, bool public_only);

  // Calls `done` once, from the loop or from within, unless it is cancelled before. Fails with
  // address_not_allowed, cannot_connect, tls_failure, and client_busy when the process is out of sockets.
  void start(Done done);
  void cancel();

 private:
  struct Attempt;
  void try_next();
  bool attempt(const IpAddress& address);
  void answered(const std::shared_ptr<Attempt>& attempt, boost::system::error_code error);
  void shake_hands(const IpAddress& address, TcpSocket socket);
  Error no_trust(std::string_view why) const;
  void give_up_attempts();
  void finish(Result<Connected> outcome);

  ConnectorContext& context_;
  Url url_;
  std::vector<IpAddress> addresses_;
  bool public_only_;
  Done done_;
  std::size_t tried_ = 0;
  std::vector<std::shared_ptr<Attempt>> under_way_;
  runtime::Timer next_try_;
  std::unique_ptr<Transport> transport_;  // during the TLS handshake
};

}  // namespace trunkline::net
