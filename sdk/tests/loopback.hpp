// A real HTTP server on the loopback interface that answers by a script and remembers what it was asked.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <trunkline/json.hpp>

namespace loopback {

struct Request {
  std::string method = {};
  std::string target = {};
  std::map<std::string, std::string> headers = {};  // names in lower case
  std::string body = {};
  int connection = 0;  // which one it came on, from 1

  std::string header(const std::string& name) const;
  trunkline::Json json() const { return trunkline::Json::parse(body); }
};

enum class Manner : std::uint8_t {
  answer,
  drop,  // closes the connection without an answer
  hold,  // never answers
  cut,   // announces the whole body, sends half of it and closes
  raw,   // sends `body` alone, without a head, and closes
};

struct Reply {
  int status = 200;
  std::string body = "{}";
  std::vector<std::pair<std::string, std::string>> headers = {};
  Manner manner = Manner::answer;
};

class Server {
 public:
  using Handler = std::function<Reply(const Request&)>;

  explicit Server(Handler handler);
  // One reply after the other; the last one again and again.
  explicit Server(std::vector<Reply> script);
  explicit Server(Reply reply) : Server(std::vector<Reply>{std::move(reply)}) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<Request> requests() const;

 private:
  void accept_all();
  void serve(int connection, int number);
  // False when the connection is over.
  bool answer(int connection, const Reply& reply);

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopped_ = false;
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<std::jthread> connections_;  // touched by acceptor_ only, until it has ended
  std::jthread acceptor_;
};

// A port that nobody listens on.
std::uint16_t closed_port();

}  // namespace loopback
