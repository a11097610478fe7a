// A very small HTTP/1.1 server for the examples: one request a connection, one after the other, on plain
// sockets. A real receiver stands behind the HTTP server that the program has anyway.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace tiny_http {

struct Request {
  std::string method = {};
  std::string path = {};
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string body = {};                            // the bytes as they came: signatures cover these

  // "" when there is none.
  std::string header(const std::string& name) const;
};

struct Response {
  int status = 200;
  std::string body = "{}";  // JSON
};

class Server {
 public:
  using Handler = std::function<Response(const Request&)>;

  // Listens on 127.0.0.1; port 0 takes a free one. Throws std::system_error when it cannot.
  Server(std::uint16_t port, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }

  // Serves until stop().
  void run();
  // Can be called from another thread.
  void stop() { stopped_ = true; }

 private:
  void serve(int connection) const;

  Handler handler_;
  std::atomic<bool> stopped_ = false;
  int listener_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace tiny_http
