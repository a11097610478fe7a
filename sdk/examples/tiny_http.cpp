#include "tiny_http.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tiny_http {
namespace {

constexpr std::size_t request_bytes_max = 1024UL * 1024;
constexpr int look_milliseconds = 50;
constexpr std::chrono::seconds request_deadline(5);

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool readable(int socket, int milliseconds) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, milliseconds) > 0;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

// The head without its body; nothing when it is no HTTP request.
std::optional<Request> parse_head(std::string_view head) {
  Request request;
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, line_end);
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  if (first_space == std::string_view::npos || first_space == last_space) return std::nullopt;
  request.method = line.substr(0, first_space);
  request.path = line.substr(first_space + 1, last_space - first_space - 1);
  head.remove_prefix(std::min(line_end + 2, head.size()));
  while (!head.empty()) {
    const std::string_view field = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(field.size() + 2, head.size()));
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view value = field.substr(colon + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    request.headers[lower(field.substr(0, colon))] = value;
  }
  return request;
}

// Reads until the whole body is there; nothing when the client does not behave.
std::optional<Request> read_request(int connection) {
  const auto deadline = std::chrono::steady_clock::now() + request_deadline;
  std::string received;
  std::optional<Request> request;
  std::size_t body_size = 0;
  while (std::chrono::steady_clock::now() < deadline) {
    if (request && received.size() >= body_size) {
      request->body = received.substr(0, body_size);
      return request;
    }
    if (!readable(connection, look_milliseconds)) continue;
    std::array<char, 4096> part{};
    const auto count = ::recv(connection, part.data(), part.size(), 0);
    if (count <= 0 || received.size() > request_bytes_max) return std::nullopt;
    received.append(part.data(), static_cast<std::size_t>(count));
    const std::size_t head_end = request ? std::string::npos : received.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    request = parse_head(std::string_view(received).substr(0, head_end));
    if (!request) return std::nullopt;
    received.erase(0, head_end + 4);
    const std::string length = request->header("content-length");
    std::from_chars(length.data(), length.data() + length.size(), body_size);
    if (body_size > request_bytes_max) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(lower(name));
  return found == headers.end() ? "" : found->second;
}

Server::Server(std::uint16_t port, Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail("socket");
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    const int reason = errno;
    ::close(listener_);
    throw std::system_error(reason, std::generic_category(), "listen");
  }
  port_ = ntohs(address.sin_port);
}

Server::~Server() {
  ::close(listener_);
}

void Server::run() {
  while (!stopped_) {
    if (!readable(listener_, look_milliseconds)) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve(connection);
    ::close(connection);
  }
}

void Server::serve(int connection) const {
  const auto request = read_request(connection);
  if (!request) return;
  const Response response = handler_(*request);
  const std::string text = "HTTP/1.1 " + std::to_string(response.status) +
                           " -\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                           std::to_string(response.body.size()) + "\r\n\r\n" + response.body;
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

}  // namespace tiny_http
