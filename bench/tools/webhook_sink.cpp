// A receiver of webhooks that is never the bottleneck: one thread, epoll, answers 200 at once and counts.
//
//   bench_webhook_sink --port 9100 [--slow-ms 5000]      paths that begin with /slow are answered so much
//   later
//
// GET /_stats tells what came, by id and in which order; GET /_ids the ids, a line each; GET /_samples the
// first requests as they were, for a check of their signatures; GET /_reset forgets all.
#include <algorithm>
#include <cctype>
#include <deque>
#include <unordered_map>

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.hpp"

namespace {

constexpr std::int64_t bucket_microseconds = 50'000;
constexpr std::size_t samples_kept = 50;
constexpr std::string_view separator = "\n=====\n";
constexpr std::string_view received = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// The value of a header field, by its lower-case name.
std::string_view field(std::string_view head, std::string_view name) {
  const std::string wanted = fmt::format("\r\n{}:", name);
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto found = std::ranges::search(head, wanted, same);
  if (found.empty()) return {};
  std::string_view value(found.end(), head.end());
  value = value.substr(0, value.find("\r\n"));
  while (value.starts_with(' ')) value.remove_prefix(1);
  return value;
}

// What stands after `"name":` in a flat JSON object.
std::string_view member(std::string_view body, std::string_view name) {
  const std::size_t at = body.find(fmt::format("\"{}\":", name));
  if (at == std::string_view::npos) return {};
  std::string_view value = body.substr(at + name.size() + 3);
  while (value.starts_with(' ') || value.starts_with('"')) value.remove_prefix(1);
  return value.substr(0, value.find_first_of("\",}"));
}

// What has come.
class Record {
 public:
  void add(std::string_view head, std::string_view body) {
    const auto bucket =
        static_cast<std::size_t>((bench::now_microseconds() - started_) / bucket_microseconds);
    if (timeline_.size() <= bucket) timeline_.resize(bucket + 1);
    ++timeline_[bucket];
    ++requests_;
    bytes_ += body.size();
    if (samples_.size() < samples_kept) samples_.push_back(fmt::format("{}\r\n\r\n{}", head, body));
    const auto [entry, is_new] = ids_.try_emplace(std::string(field(head, "webhook-id")), 0U);
    ++entry->second;
    if (!is_new) return;
    const std::string_view sequence = member(body, "sequence");
    if (sequence.empty()) return;
    std::int64_t& last = last_sequence_[std::string(member(body, "call_id"))];
    const std::int64_t number = std::strtoll(std::string(sequence).c_str(), nullptr, 10);
    if (number < last) ++out_of_order_;
    last = std::max(last, number);
  }

  std::string statistics() const {
    return fmt::format(
        R"({{"requests": {}, "unique": {}, "out_of_order": {}, "bytes": {}, "started_us": {}, )"
        R"("bucket_us": {}, "timeline": [{}]}})",
        requests_, ids_.size(), out_of_order_, bytes_, started_wall_, bucket_microseconds,
        fmt::join(timeline_, ","));
  }
  std::string ids() const {
    std::string text;
    for (const auto& [id, count] : ids_) fmt::format_to(std::back_inserter(text), "{} {}\n", id, count);
    return text;
  }
  std::string samples() const { return fmt::format("{}", fmt::join(samples_, separator)); }

 private:
  std::int64_t started_ = bench::now_microseconds();
  std::int64_t started_wall_ = bench::wall_microseconds();
  std::uint64_t requests_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t out_of_order_ = 0;
  std::vector<std::uint32_t> timeline_;
  std::vector<std::string> samples_;
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::unordered_map<std::string, std::int64_t> last_sequence_;
};

class Sink {
 public:
  explicit Sink(const bench::Options& options)
      : listener_(bench::listen_on(static_cast<std::uint16_t>(options.number("port", 0)))),
        slow_microseconds_(options.number("slow-ms", 5000) * 1000),
        poll_(::epoll_create1(EPOLL_CLOEXEC)) {
    watch(listener_);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(1024);
    while (true) {
      const int count =
          ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), milliseconds_to_wait());
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)].data.fd);
      answer_late_ones();
    }
  }

 private:
  struct Late {
    std::int64_t due;
    int socket;
  };

  void watch(int socket) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    if (::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event) != 0) bench::give_up("epoll_ctl");
  }

  int milliseconds_to_wait() const {
    if (late_.empty()) return -1;
    return static_cast<int>(
        std::max<std::int64_t>(0, (late_.front().due - bench::now_microseconds()) / 1000 + 1));
  }

  void answer_late_ones() {
    while (!late_.empty() && late_.front().due <= bench::now_microseconds()) {
      send(late_.front().socket, received);
      late_.pop_front();
    }
  }

  // A client that has left gets nothing.
  static void send(int socket, std::string_view text) {
    while (!text.empty()) {
      const ssize_t size = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0 && errno != EAGAIN) return;
      if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
    }
  }

  void handle(int socket) {
    if (socket == listener_) {
      for (int next = bench::accept_next(listener_); next >= 0; next = bench::accept_next(listener_))
        watch(next);
      return;
    }
    char buffer[65536];
    const ssize_t size = ::recv(socket, buffer, sizeof buffer, 0);
    if (size <= 0) {
      unfinished_.erase(socket);
      std::erase_if(late_, [socket](const Late& late) { return late.socket == socket; });
      ::close(socket);
      return;
    }
    std::string_view text(buffer, static_cast<std::size_t>(size));
    std::string all;
    if (const auto before = unfinished_.find(socket); before != unfinished_.end()) {
      all = std::move(before->second.append(text));
      unfinished_.erase(before);
      text = all;
    }
    while (const std::size_t used = take(socket, text)) text.remove_prefix(used);
    if (!text.empty()) unfinished_[socket] = text;
  }

  // How many bytes the first request had; 0 when it is not all there.
  std::size_t take(int socket, std::string_view text) {
    const std::size_t header = text.find("\r\n\r\n");
    if (header == std::string_view::npos) return 0;
    const std::string_view head = text.substr(0, header);
    const std::size_t length = std::strtoul(std::string(field(head, "content-length")).c_str(), nullptr, 10);
    if (text.size() < header + 4 + length) return 0;
    if (head.starts_with("POST")) {
      record_.add(head, text.substr(header + 4, length));
      if (head.starts_with("POST /slow")) {
        late_.push_back({bench::now_microseconds() + slow_microseconds_, socket});
      } else {
        send(socket, received);
      }
    } else {
      const std::string body = answer_to(head.substr(4, head.find(' ', 4) - 4));
      send(socket, fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body));
    }
    return header + 4 + length;
  }

  std::string answer_to(std::string_view path) {
    if (path == "/_ids") return record_.ids();
    if (path == "/_samples") return record_.samples();
    if (path == "/_reset") record_ = Record();
    return record_.statistics();
  }

  int listener_;
  std::int64_t slow_microseconds_;
  int poll_;
  Record record_;
  std::deque<Late> late_;
  std::unordered_map<int, std::string> unfinished_;
};

}  // namespace

int main(int argument_count, char** arguments) {
  Sink(bench::Options(argument_count, arguments)).run();
}
