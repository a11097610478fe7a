#include "common.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {
namespace {

constexpr int backlog = 4096;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

void set_flag(int socket, int level, int name) {
  const int on = 1;
  if (::setsockopt(socket, level, name, &on, sizeof on) != 0) give_up("setsockopt");
}

}  // namespace

Options::Options(int argument_count, char** arguments) {
  for (int i = 1; i < argument_count; i += 2) {
    const std::string_view name = arguments[i];
    if (!name.starts_with("--") || i + 1 >= argument_count)
      give_up(fmt::format("{} must be --NAME VALUE", name));
    values_.emplace(name.substr(2), arguments[i + 1]);
  }
}

std::string Options::text(const std::string& name, std::string fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

std::int64_t Options::number(const std::string& name, std::int64_t fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : std::strtoll(found->second.c_str(), nullptr, 10);
}

std::vector<std::string> Options::all(const std::string& name) const {
  std::vector<std::string> values;
  const auto [first, last] = values_.equal_range(name);
  for (auto entry = first; entry != last; ++entry) values.push_back(entry->second);
  return values;
}

void give_up(const std::string& what) {
  fmt::print(stderr, "bench: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

int listen_on(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) give_up("socket");
  set_flag(socket, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = address_of(INADDR_ANY, port);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("bind");
  if (::listen(socket, backlog) != 0) give_up("listen");
  return socket;
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) give_up("socket");
  set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
  const sockaddr_in address = address_of(INADDR_LOOPBACK, port);
  const int outcome = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (outcome != 0 && errno != EINPROGRESS) give_up("connect");
  return socket;
}

int accept_next(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) set_flag(socket, IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

std::int64_t now_microseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

std::int64_t wall_microseconds() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(index, sorted.size() - 1)];
}

}  // namespace bench
