// Loads an HTTP/1.1 server over kept-alive connections and says how it did, as JSON.
//
//   bench_http_load --port 8080 --seconds 5 --connections 64 --path /x --header "Authorization: Bearer
//   {line}"
//
// Without --rate each connection sends its next request when it has its answer (closed loop). With --rate
// requests are due at fixed moments, whether the server keeps up or not (open loop): those that find no free
// connection wait in line, and those still there at the end are counted as unsent.
//
// {n} in path, header or body is the request's number, {line} the next line of --lines FILE.
// --keep MEMBER --kept FILE writes the value of a JSON member of every 2xx answer to a file, a line each.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.hpp"

namespace {

// A text with places for {n} and {line}.
class Template {
 public:
  explicit Template(std::string_view text) {
    while (true) {
      const std::size_t number = text.find("{n}");
      const std::size_t line = text.find("{line}");
      const std::size_t at = std::min(number, line);
      const Place next = at == std::string_view::npos ? Place::end
                         : at == number               ? Place::number
                                                      : Place::line;
      parts_.push_back({std::string(text.substr(0, at)), next});
      if (at == std::string_view::npos) return;
      text.remove_prefix(at + (at == number ? 3 : 6));
    }
  }
  void append_to(std::string& out, std::string_view number, std::string_view line) const {
    for (const Part& part : parts_) {
      out += part.text;
      if (part.next == Place::number) out += number;
      if (part.next == Place::line) out += line;
    }
  }

 private:
  enum class Place : std::uint8_t { number, line, end };
  struct Part {
    std::string text;
    Place next;
  };
  std::vector<Part> parts_;
};

struct Connection {
  int socket = -1;
  bool busy = false;
  std::int64_t sent_at = 0;
  std::string unsent;
  std::string received;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Load {
 public:
  explicit Load(const bench::Options& options)
      : port_(static_cast<std::uint16_t>(options.number("port", 0))),
        seconds_(options.number("seconds", 5)),
        rate_(options.number("rate", 0)),
        most_(options.number("requests", 0)),
        number_(options.number("first", 0)),
        lines_(lines_of(options.text("lines"))),
        body_(options.text("body-file").empty() ? "" : read_file(options.text("body-file"))),
        head_(head_of(options)),
        keep_(options.text("keep").empty() ? "" : '"' + options.text("keep") + "\":\""),
        connections_(static_cast<std::size_t>(options.number("connections", 64))) {
    if (!keep_.empty()) kept_ = std::fopen(options.text("kept").c_str(), "w");
  }

  void run() {
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (Connection& connection : connections_) connect(connection);
    // Connections that are still to be made are no part of what is measured.
    started_ = bench::now_microseconds();
    const std::int64_t until = started_ + seconds_ * 1'000'000;
    for (Connection& connection : connections_) next(connection);
    std::vector<epoll_event> events(1024);
    while (true) {
      const std::int64_t now = bench::now_microseconds();
      if (now >= until || finished()) break;
      if (rate_ > 0) send_due(now);
      // What is due and finds no free connection waits for an answer.
      const bool by_clock = rate_ > 0 && !free_.empty();
      const timespec wait = wait_until(by_clock ? std::min(until, due_at(scheduled_)) : until, now);
      const int count = ::epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &wait, nullptr);
      for (int i = 0; i < count; ++i)
        handle(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    ended_ = bench::now_microseconds();
    if (kept_ != nullptr) std::fclose(kept_);
  }

  void report() {
    std::string statuses;
    std::vector<std::uint32_t> good;
    std::vector<std::uint32_t> refused;
    std::uint64_t good_count = 0;
    for (auto& [status, times] : times_) {
      statuses += fmt::format("{}\"{}\": {}", statuses.empty() ? "" : ", ", status, times.size());
      auto& into = status < 300 ? good : refused;
      into.insert(into.end(), times.begin(), times.end());
      if (status < 300) good_count += times.size();
    }
    std::ranges::sort(good);
    std::ranges::sort(refused);
    std::ranges::sort(late_);
    const auto figures = [](const std::vector<std::uint32_t>& sorted) {
      return fmt::format(R"({{"p50": {}, "p90": {}, "p99": {}, "max": {}}})", bench::percentile(sorted, 0.5),
                         bench::percentile(sorted, 0.9), bench::percentile(sorted, 0.99),
                         sorted.empty() ? 0 : sorted.back());
    };
    const std::int64_t overdue =
        rate_ > 0 ? std::max<std::int64_t>(0, (ended_ - started_) * rate_ / 1'000'000 - scheduled_) : 0;
    fmt::print(R"({{"seconds": {:.6f}, "statuses": {{{}}}, "succeeded": {}, "sent": {}, )"
               R"("unsent": {}, "broken": {}, )"
               R"("answer_bytes": {}, "succeeded_us": {}, "refused_us": {}, "late_us": {}}})"
               "\n",
               static_cast<double>(ended_ - started_) / 1e6, statuses, good_count, sent_, overdue, broken_,
               answer_bytes_, figures(good), figures(refused), figures(late_));
  }

 private:
  static constexpr int sent_at_once = 32;

  static Template head_of(const bench::Options& options) {
    std::string text =
        options.text("method", "GET") + " " + options.text("path", "/") + " HTTP/1.1\r\nHost: 127.0.0.1";
    for (const std::string& header : options.all("header")) text += "\r\n" + header;
    return Template(text);
  }

  bool finished() const { return most_ > 0 && answered_ >= most_; }
  std::int64_t due_at(std::int64_t index) const { return started_ + index * 1'000'000 / rate_; }

  static timespec wait_until(std::int64_t then, std::int64_t now) {
    const std::int64_t wait = std::max<std::int64_t>(0, then - now);
    return {.tv_sec = wait / 1'000'000, .tv_nsec = wait % 1'000'000 * 1000};
  }

  void connect(Connection& connection) {
    connection = Connection{.socket = bench::connect_to(port_)};
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &connection}};
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event) != 0) bench::give_up("epoll_ctl");
  }

  // A few at a time, so that answers that have come meanwhile are read, and timed, between them.
  void send_due(std::int64_t now) {
    for (int i = 0; i < sent_at_once && !free_.empty() && due_at(scheduled_) <= now; ++i) {
      Connection& connection = *free_.back();
      free_.pop_back();
      late_.push_back(static_cast<std::uint32_t>(now - due_at(scheduled_)));
      ++scheduled_;
      send(connection);
    }
  }

  void send(Connection& connection) {
    if (most_ > 0 && sent_ >= most_) return;
    const fmt::format_int number(number_++);
    const std::string& line = lines_[line_++ % lines_.size()];
    std::string body;
    body_.append_to(body, {number.data(), number.size()}, line);
    head_.append_to(connection.unsent, {number.data(), number.size()}, line);
    if (!body.empty())
      fmt::format_to(std::back_inserter(connection.unsent), "\r\nContent-Length: {}", body.size());
    connection.unsent += "\r\n\r\n";
    connection.unsent += body;
    connection.busy = true;
    connection.sent_at = bench::now_microseconds();
    ++sent_;
    flush(connection);
  }

  static void flush(Connection& connection) {
    if (connection.unsent.empty()) return;
    const ssize_t size =
        ::send(connection.socket, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (size > 0) connection.unsent.erase(0, static_cast<std::size_t>(size));
  }

  void handle(Connection& connection) {
    flush(connection);
    char buffer[65536];
    while (true) {
      const ssize_t size = ::recv(connection.socket, buffer, sizeof buffer, 0);
      if (size < 0 && (errno == EAGAIN || errno == ENOTCONN)) break;
      if (size <= 0) return reopen(connection);
      connection.received.append(buffer, static_cast<std::size_t>(size));
      if (static_cast<std::size_t>(size) < sizeof buffer) break;
    }
    if (take_answer(connection)) next(connection);
  }

  // A server that ends a connection in the middle of a request has not answered it.
  void reopen(Connection& connection) {
    if (connection.busy) ++broken_;
    ::close(connection.socket);
    std::erase(free_, &connection);
    ::usleep(100);  // a server that is down is not hammered
    connect(connection);
    next(connection);
  }

  bool take_answer(Connection& connection) {
    const std::string& text = connection.received;
    const std::size_t header = text.find("\r\n\r\n");
    if (header == std::string::npos || !connection.busy) return false;
    const std::size_t total = header + 4 + content_length(std::string_view(text).substr(0, header));
    if (text.size() < total) return false;
    const int status = std::atoi(text.c_str() + 9);
    times_[status].push_back(static_cast<std::uint32_t>(bench::now_microseconds() - connection.sent_at));
    answer_bytes_ = total;
    ++answered_;
    if (kept_ != nullptr && status < 300) keep(std::string_view(text).substr(header));
    connection.received.erase(0, total);
    connection.busy = false;
    return true;
  }

  void keep(std::string_view body) {
    const std::size_t at = body.find(keep_);
    if (at == std::string_view::npos) return;
    const std::string_view value = body.substr(at + keep_.size());
    fmt::print(kept_, "{}\n", value.substr(0, value.find('"')));
  }

  void next(Connection& connection) {
    if (rate_ > 0) {
      free_.push_back(&connection);
    } else {
      send(connection);
    }
  }

  static std::size_t content_length(std::string_view header) {
    static constexpr std::string_view name = "\r\ncontent-length:";
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    const auto found = std::ranges::search(header, name, same);
    if (found.empty()) return 0;
    return std::strtoul(&*found.end(), nullptr, 10);
  }

  std::uint16_t port_;
  std::int64_t seconds_;
  std::int64_t rate_;
  std::int64_t most_;
  std::int64_t number_;
  std::vector<std::string> lines_;
  std::size_t line_ = 0;
  Template body_;
  Template head_;
  std::string keep_;
  std::FILE* kept_ = nullptr;
  std::vector<Connection> connections_;
  std::vector<Connection*> free_;
  int poll_ = -1;
  std::int64_t started_ = 0;
  std::int64_t ended_ = 0;
  std::int64_t scheduled_ = 0;
  std::int64_t sent_ = 0;
  std::int64_t answered_ = 0;
  std::int64_t broken_ = 0;
  std::size_t answer_bytes_ = 0;
  std::map<int, std::vector<std::uint32_t>> times_;
  std::vector<std::uint32_t> late_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  const bench::Options options(argument_count, arguments);
  Load load(options);
  load.run();
  load.report();
}
