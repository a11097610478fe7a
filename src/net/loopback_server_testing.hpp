// For tests of what speaks HTTP outward: a real TCP or TLS server on a thread of its own, which serves each
// connection by a script on a fiber; certificates made by openssl; a resolver that says what it is told.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/scratch_directory.hpp"
#include "net/client.hpp"
#include "net/resolver.hpp"

namespace trunkline::net::testing {

// Files of an authority and of a server certificate for hooks.example.com, made once a run.
class TestCertificates {
 public:
  static const TestCertificates& instance();

  std::string ca_file;
  std::string certificate_file;
  std::string key_file;

 private:
  TestCertificates();
  ScratchDirectory directory_;
};

// One accepted connection. Its functions suspend; after the other side or the server closed, they do nothing.
class Peer {
 public:
  struct Connection;
  explicit Peer(Connection& connection) : connection_(connection) {}

  // The next request, head and body as sent; nothing when the client has closed.
  std::optional<std::string> read_request();
  void send(std::string_view bytes);
  // A whole answer with a Content-Length.
  void answer(int status, std::string_view body, std::string_view more_headers = "");
  void close();
  void reset();                   // TCP RST
  bool sleep(Duration duration);  // false when the server ends
  bool wait_for_close();          // true when the client has closed, false when it sends something more
  int number() const;             // of the connection, from 1

 private:
  Connection& connection_;
};

class LoopbackServer {
 public:
  using Script = std::function<void(Peer&)>;

  // Listens, on a free port unless one is given. When the script returns, the connection is closed. `tls`
  // serves TLS when it is not null.
  explicit LoopbackServer(Script script, const TestCertificates* tls = nullptr,
                          const std::string& address = "127.0.0.1", std::uint16_t port = 0);
  ~LoopbackServer();

  std::uint16_t port() const;
  int connections() const;  // accepted so far
  int open() const;         // of these, not closed yet
  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A port of 127.0.0.1 whose queue of connections is full: the kernel answers no further one.
class FullPort {
 public:
  FullPort();
  ~FullPort();
  FullPort(const FullPort&) = delete;
  FullPort& operator=(const FullPort&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const;

 private:
  int listener_;
  int fillers_[4];
  std::uint16_t port_;
};

// Answers every request with 200 and the body that it came with.
void echo(Peer& peer);

// Says what the test decides; says so at once.
class FakeResolver final : public Resolver {
 public:
  using Answer = std::function<Result<std::vector<IpAddress>>(const std::string&)>;
  explicit FakeResolver(Answer answer) : answer_(std::move(answer)) {}
  Result<std::vector<IpAddress>> look_up(const std::string& host) override {
    ++look_ups;
    return answer_(host);
  }
  int look_ups = 0;

 private:
  Answer answer_;
};

// Says these addresses of every name.
FakeResolver resolver_of(std::vector<const char*> addresses);

// A client on the current loop that may go anywhere; every name is at 127.0.0.1.
struct TestClient {
  explicit TestClient(ClientOptions options = {});

  FakeResolver resolver;
  UrlGuard guard;
  Client client;
};

ClientRequest get(std::string url);
ClientRequest post(std::string url, std::string body);

// The code of the failure; "" when there is none.
template <class T>
std::string_view code_of(const Result<T>& result) {
  return result ? std::string_view() : result.error().code().name;
}

}  // namespace trunkline::net::testing
