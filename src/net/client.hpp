// The HTTP client for whatever this server calls: customers' webhooks and tools, carriers, payment providers,
// models. HTTP/1.1 over TCP or TLS, with kept-alive connections, deadlines, limits, and the guard of
// net/ssrf_guard.hpp for URLs that users give. No redirects, no proxies from the environment, no cookies.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "net/http.hpp"
#include "net/ssrf_guard.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::net {

// Who chose the URL of a request.
enum class UrlSource : std::uint8_t {
  user,           // anybody with an account: the guard decides where it may lead
  configuration,  // the operator of this server: it may lead anywhere
};

struct ClientRequest {
  Method method = Method::get;
  std::string url;
  UrlSource url_source = UrlSource::user;
  Headers headers;  // not Host, Content-Length or what else frames a message
  std::string body;

  // For the look-up of the name, and then, anew, for the connection with its TLS handshake.
  Duration connect_deadline = seconds(5);
  // From the request's turn to the answer's status line.
  Duration first_byte_deadline = seconds(15);
  // For everything, waiting for its turn included. The fiber's deadline takes its place when it is earlier.
  Duration total_deadline = seconds(15);

  std::size_t response_bytes_max = 64UL * 1024;  // of the body

  // May be sent again over a new connection when the kept-alive one turns out to be closed. Not for what must
  // not happen twice: then the exchange fails with connection_lost.
  bool repeatable = false;
};

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
  // The answer did not say where its body ends: the connection's end was taken for it, and whatever cuts a
  // connection cuts such a body unnoticed.
  bool body_ends_by_close = false;
};

struct ClientOptions {
  std::size_t transfers_max = 4096;         // under way at once
  std::size_t transfers_per_host_max = 64;  // the same, for one scheme, host and port
  std::size_t waiting_per_host_max = 4096;  // fibers in line for a host; a longer line is refused
  std::size_t idle_connections_max = 1024;  // kept alive beside those in use, about
  std::size_t hosts_max = 4096;             // remembered with their addresses
  Duration idle_connection_max_age = seconds(60);
  std::string ca_file;  // PEM; empty: the system's certificates
  std::string user_agent = "Trunkline";
};

struct ClientStatistics {
  std::size_t transfers = 0;  // under way
  std::size_t waiting = 0;    // for their turn
};

// The answer to an exchange whose body is read piece by piece. Destroying it ends the exchange. For the loop
// it was made on.
class ClientStream {
 public:
  ClientStream(ClientStream&& other) noexcept;
  ClientStream& operator=(ClientStream&& other) noexcept;
  ~ClientStream();

  int status() const;
  const Headers& headers() const;
  bool body_ends_by_close() const;  // as in ClientResponse

  // The bytes that have come since the last call, at least one; nothing at the end of the body. Suspends.
  // After a failure there is nothing more to read.
  Result<std::optional<std::string>> next_chunk();

 private:
  friend class Client;
  class Exchange;
  explicit ClientStream(std::unique_ptr<Exchange> exchange);
  std::unique_ptr<Exchange> exchange_;
};

// One a loop.
class Client {
 public:
  // The guard must outlive the client; exchanges must have ended before the loop does.
  Client(runtime::EventLoop& loop, UrlGuard& guard, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Waits for the whole answer, whatever its status. Suspends. Fails with the codes below, and those of
  // UrlGuard and Resolver.
  Result<ClientResponse> send(const ClientRequest& request);

  // Waits for the answer's status and headers. Suspends. Fails as `send` does.
  Result<ClientStream> open(const ClientRequest& request);

  ClientStatistics statistics() const;

 private:
  friend class ClientStream;
  struct State;
  std::shared_ptr<State> state_;
};

inline constexpr ErrorCode cannot_connect{"cannot_connect", ErrorKind::unavailable};
inline constexpr ErrorCode tls_failure{"tls_failure", ErrorKind::unavailable};
inline constexpr ErrorCode connect_timed_out{"connect_timed_out", ErrorKind::timed_out};
inline constexpr ErrorCode client_busy{"client_busy", ErrorKind::unavailable};
// From here on the other side may have acted on the request.
inline constexpr ErrorCode response_timed_out{"response_timed_out", ErrorKind::timed_out};
inline constexpr ErrorCode connection_lost{"connection_lost", ErrorKind::unavailable};
inline constexpr ErrorCode malformed_response{"malformed_response", ErrorKind::unavailable};
inline constexpr ErrorCode response_too_large{"response_too_large", ErrorKind::too_large};

// Whether the request may have reached the other side although the exchange failed: then only what is
// idempotent is sent again (rule R1 of docs/reliability.md).
bool may_have_been_received(const Error& failure);

}  // namespace trunkline::net
