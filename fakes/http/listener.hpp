// The fake's own HTTP: our server's parser and transport, but answers are written byte by byte as a script
// wants them. net::Server writes whole events only and ends a stream by closing; the real API uses the
// chunked coding, and tests need pieces that end inside a character, connections that break and answers that
// never come.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/message.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::fakes {

// One request and its answer. Its functions suspend; after the client has left they do nothing and return
// false.
class HttpExchange {
 public:
  struct Connection;
  HttpExchange(Connection& connection, net::Request& request) : connection_(connection), request_(request) {}

  const net::Request& request() const { return request_; }

  // A whole answer with a Content-Length.
  bool respond(int status, const net::Headers& headers, std::string_view body);

  // An answer in the chunked coding.
  bool begin_stream(int status, const net::Headers& headers);
  bool write_chunk(std::string_view bytes);
  bool end_stream();

  bool sleep(Duration duration);
  // Until the client leaves.
  void wait_for_leaving();
  // The connection ends here, whatever is missing.
  void cut();

 private:
  Connection& connection_;
  net::Request& request_;
};

// Listens on 127.0.0.1, on a thread of its own. Each connection is a fiber, which runs the handler for each
// request.
class HttpListener {
 public:
  using Handler = std::function<void(HttpExchange&)>;

  // Port 0 is any free one. Throws when the port is taken. Who connects before `start` waits.
  HttpListener(std::uint16_t port, Handler handler);
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

  // Once all that the handler uses is there.
  void start();
  std::uint16_t port() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
