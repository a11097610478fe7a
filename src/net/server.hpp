// The HTTP server of one loop: accepts, reads requests, runs each on a fiber, writes the answers. Several
// loops each have one on the same port (SO_REUSEPORT); they share the router and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "net/router.hpp"
#include "runtime/event_loop.hpp"
#include "runtime/thread_pool.hpp"

namespace trunkline::net {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;            // 0: any free one
  std::string tls_certificate_file;  // PEM, with the chain; both or neither
  std::string tls_key_file;
  std::vector<std::string> cors_origins;  // "https://app.example.com", or "*"
  std::size_t connections_per_address = limits::connections_per_address;
  std::size_t requests_running = limits::requests_running;
  Duration request_wait = limits::request_wait;
  bool trust_forwarded_for = false;  // only behind a proxy that sets X-Forwarded-For itself
  bool log_requests = true;
  bool share_port = false;  // other loops listen on the same port
};

// What the server needs of the program around it. All must outlive it.
struct ServerContext {
  runtime::EventLoop& loop;
  const Router& router;
  const Clock& clock;
  Random& random;
  Metrics& metrics;
  runtime::ThreadPool& pool;
};

class Server {
 public:
  Server(ServerContext context, ServerOptions options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept. On the loop's thread. Fails when the address is taken or the certificate
  // unusable, and says what to do.
  Result<void> start();
  std::uint16_t port() const;

  // Stops accepting, lets running requests finish and closes the connections; returns when none is left or
  // `at_most` has passed. Suspends.
  void drain(Duration at_most);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace trunkline::net
