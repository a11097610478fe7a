// The floor of an HTTP answer on this machine: one thread, epoll, fixed bytes, no parsing beyond the end of
// the header.
//
//   bench_http_floor --port 9000 --bytes 1200        answers that are so long with their header
#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.hpp"

namespace {

std::string answer_of(std::size_t bytes) {
  const auto head = [](std::size_t length) {
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                       length);
  };
  const std::size_t overhead = head(bytes).size();
  const std::size_t body = bytes > overhead ? bytes - overhead : 1;
  return head(body) + std::string(body, 'x');
}

}  // namespace

int main(int argument_count, char** arguments) {
  const bench::Options options(argument_count, arguments);
  const int listener = bench::listen_on(static_cast<std::uint16_t>(options.number("port", 0)));
  const std::string answer = answer_of(static_cast<std::size_t>(options.number("bytes", 512)));
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  const auto watch = [poll](int socket) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    if (::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) != 0) bench::give_up("epoll_ctl");
  };
  watch(listener);
  epoll_event events[256];
  char buffer[16384];
  while (true) {
    const int count = ::epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      const int socket = events[i].data.fd;
      if (socket == listener) {
        for (int next = bench::accept_next(listener); next >= 0; next = bench::accept_next(listener))
          watch(next);
        continue;
      }
      const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
      if (size <= 0) {
        ::close(socket);
        continue;
      }
      // The generator never pipelines: a read that ends a header is a request.
      const std::string_view request(buffer, static_cast<std::size_t>(size));
      if (!request.ends_with("\r\n\r\n")) continue;
      if (::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) ::close(socket);
    }
  }
}
