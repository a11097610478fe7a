#include "loopback.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace loopback {
namespace {

constexpr int look_milliseconds = 20;

bool readable(int socket) {
  pollfd waiting{.fd = socket, .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, look_milliseconds) > 0;
}

bool send_all(int connection, const std::string& text) {
  for (std::size_t sent = 0; sent < text.size();) {
    const auto count = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

Request read_head(const std::string& head) {
  std::istringstream lines(head);
  Request request;
  std::string line;
  lines >> request.method >> request.target;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) request.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return request;
}

// The next request; `pending` holds what came after the one before.
std::optional<Request> next_request(int connection, std::string& pending, const std::atomic<bool>& stopped) {
  std::optional<Request> request;
  std::size_t body_size = 0;
  while (!stopped) {
    const std::size_t head_end = request ? std::string::npos : pending.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      request = read_head(pending.substr(0, head_end));
      pending.erase(0, head_end + 4);
      const std::string length = request->header("content-length");
      body_size = length.empty() ? 0 : std::stoul(length);
    }
    if (request && pending.size() >= body_size) {
      request->body = pending.substr(0, body_size);
      pending.erase(0, body_size);
      return request;
    }
    if (!readable(connection)) continue;
    std::array<char, 65536> part{};
    const auto count = ::recv(connection, part.data(), part.size(), 0);
    if (count <= 0) return std::nullopt;
    pending.append(part.data(), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

// A socket on a free port of 127.0.0.1, and the port.
std::pair<int, std::uint16_t> bound_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (socket < 0 || ::bind(socket, generic, size) != 0 || ::getsockname(socket, generic, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "no port");
  }
  return {socket, ntohs(address.sin_port)};
}

Server::Handler scripted(std::vector<Reply> script) {
  const auto next = std::make_shared<std::atomic<std::size_t>>(0);
  return [script = std::move(script), next](const Request&) {
    return script.at(std::min(next->fetch_add(1), script.size() - 1));
  };
}

}  // namespace

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(lower(name));
  return found == headers.end() ? "" : found->second;
}

Server::Server(Handler handler) : handler_(std::move(handler)) {
  std::tie(listener_, port_) = bound_socket();
  if (::listen(listener_, SOMAXCONN) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen");
  }
  acceptor_ = std::jthread([this] { accept_all(); });
}

Server::Server(std::vector<Reply> script) : Server(scripted(std::move(script))) {}

Server::~Server() {
  stopped_ = true;
  acceptor_.join();
  connections_.clear();
  ::close(listener_);
}

std::vector<Request> Server::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void Server::accept_all() {
  for (int number = 1; !stopped_;) {
    if (!readable(listener_)) continue;
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    connections_.emplace_back([this, connection, number] { serve(connection, number); });
    ++number;
  }
}

void Server::serve(int connection, int number) {
  std::string pending;
  for (bool goes_on = true; goes_on;) {
    auto request = next_request(connection, pending, stopped_);
    if (!request) break;
    request->connection = number;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(*request);
    }
    goes_on = answer(connection, handler_(*request));
  }
  ::close(connection);
}

bool Server::answer(int connection, const Reply& reply) {
  if (reply.manner == Manner::drop) return false;
  if (reply.manner == Manner::raw) {
    send_all(connection, reply.body);
    return false;
  }
  while (reply.manner == Manner::hold && !stopped_) {
    if (!readable(connection)) continue;
    return false;  // the client went away
  }
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " -\r\nContent-Type: application/json\r\n";
  for (const auto& [name, value] : reply.headers) text.append(name).append(": ").append(value).append("\r\n");
  text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n";
  const bool whole = reply.manner != Manner::cut;
  text += whole ? reply.body : reply.body.substr(0, reply.body.size() / 2);
  return send_all(connection, text) && whole;
}

std::uint16_t closed_port() {
  const auto [socket, port] = bound_socket();
  ::close(socket);
  return port;
}

}  // namespace loopback
