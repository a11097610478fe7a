#include "net/server_testing.hpp"

#include <charconv>
#include <future>
#include <stdexcept>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trunkline::net {

TestServer::TestServer(const std::function<void(Router&)>& fill, ServerOptions options) {
  fill(router_);
  thread_ = std::thread([this] { loop_.run(); });
  options.log_requests = false;
  std::promise<Result<void>> started;
  loop_.spawn("start", [&] {
    server_ = std::make_unique<Server>(ServerContext{.loop = loop_,
                                                     .router = router_,
                                                     .clock = clock_,
                                                     .random = random_,
                                                     .metrics = metrics_,
                                                     .pool = pool_},
                                       std::move(options));
    started.set_value(server_->start());
  });
  if (const auto outcome = started.get_future().get(); !outcome) {
    loop_.stop();
    thread_.join();
    throw std::runtime_error(outcome.error().describe());
  }
  port_ = server_->port();
}

TestServer::~TestServer() {
  on_loop([](Server& server) { server.drain(milliseconds(200)); });
  on_loop([this](Server&) { server_.reset(); });
  loop_.stop();
  thread_.join();
}

void TestServer::on_loop(const std::function<void(Server&)>& work) {
  std::promise<void> done;
  loop_.spawn("test", [&] {
    if (server_) work(*server_);
    done.set_value();
  });
  done.get_future().get();
}

RawConnection::RawConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the test server");
  }
}

RawConnection::~RawConnection() {
  ::close(socket_);
}

void RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

namespace {

// Appends what comes; false at the end of the connection or when nothing came in time.
bool receive_more(int socket, std::string& into, Duration patience) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience / milliseconds(1))) <= 0) return false;
  char bytes[4096];
  const ssize_t count = ::recv(socket, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  into.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t at = head.find(name);
  std::size_t length = 0;
  if (at != std::string_view::npos) {
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  }
  return length;
}

}  // namespace

std::string RawConnection::receive_answer() {
  while (true) {
    const std::size_t head = buffered_.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t size = head + 4 + content_length(std::string_view(buffered_).substr(0, head));
      if (buffered_.size() >= size) {
        std::string answer = buffered_.substr(0, size);
        buffered_.erase(0, size);
        return answer;
      }
    }
    if (!receive_more(socket_, buffered_, seconds(5))) return std::exchange(buffered_, {});
  }
}

std::string RawConnection::receive_until_closed(Duration patience) {
  while (receive_more(socket_, buffered_, patience)) {
  }
  return std::exchange(buffered_, {});
}

bool RawConnection::closed_within(Duration patience) {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(patience / milliseconds(1))) <= 0) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, MSG_PEEK) <= 0;
}

std::string exchange(std::uint16_t port, std::string_view bytes) {
  RawConnection connection(port);
  connection.send(bytes);
  return connection.receive_answer();
}

int status_of(std::string_view answer) {
  int status = 0;
  if (answer.starts_with("HTTP/1.1 "))
    std::from_chars(answer.data() + 9, answer.data() + answer.size(), status);
  return status;
}

std::string body_of(std::string_view answer) {
  const std::size_t head = answer.find("\r\n\r\n");
  return head == std::string_view::npos ? "" : std::string(answer.substr(head + 4));
}

}  // namespace trunkline::net
