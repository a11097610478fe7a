// For tests: our HTTP server on a loop and thread of its own, and a client that sends exact bytes.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "net/server.hpp"

namespace trunkline::net {

class TestServer {
 public:
  // `fill` adds the routes.
  explicit TestServer(const std::function<void(Router&)>& fill, ServerOptions options = {});
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::uint16_t port() const { return port_; }
  // Runs on a fiber of the server's loop, and waits for it.
  void on_loop(const std::function<void(Server&)>& work);

 private:
  runtime::EventLoop loop_;
  SystemClock clock_;
  SystemRandom random_;
  Metrics metrics_;
  runtime::ThreadPool pool_{"test-pool", 2, 100};
  Router router_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  std::uint16_t port_ = 0;
};

// A blocking connection to it.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void send(std::string_view bytes);
  // Up to the end of one answer: its head, and as much body as Content-Length says. "" when the server
  // closed.
  std::string receive_answer();
  // Whatever comes until the server closes, or nothing came for `patience`.
  std::string receive_until_closed(Duration patience = seconds(5));
  bool closed_within(Duration patience);

 private:
  int socket_;
  std::string buffered_;
};

// One request, one answer.
std::string exchange(std::uint16_t port, std::string_view bytes);
// The status in an answer; 0 when it is none.
int status_of(std::string_view answer);
std::string body_of(std::string_view answer);

}  // namespace trunkline::net
