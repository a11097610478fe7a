#include "fakes/http/listener.hpp"

#include <set>
#include <thread>

#include <boost/asio/ip/tcp.hpp>
#include <fmt/core.h>

#include "net/request_parser.hpp"
#include "net/transport.hpp"

namespace trunkline::fakes {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t body_bytes_max = 8UL * 1024 * 1024;
constexpr Duration sleep_step =
    milliseconds(10);  // how late a sleeping exchange notices that the listener ends

std::string head(int status, const net::Headers& headers) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", status, net::reason_phrase(status));
  for (const auto& [name, value] : headers) text += fmt::format("{}: {}\r\n", name, value);
  return text;
}

}  // namespace

struct HttpExchange::Connection {
  Connection(std::unique_ptr<net::Transport> transport_used, const bool& listener_ends)
      : transport(std::move(transport_used)), is_ending(listener_ends) {}

  bool is_open() const { return !is_closed && !is_ending; }

  bool write(std::string_view bytes) {
    if (!is_open()) return false;
    runtime::Completion<error_code> done;
    transport->write(bytes, [&](error_code error) { done.complete(error); });
    if (done.wait()) close();
    return is_open();
  }

  // What the client sends next; "" when it has left.
  std::string read() {
    if (!is_open()) return "";
    runtime::Completion<std::string> done;
    transport->read(
        [&](error_code error, std::string_view bytes) { done.complete(error ? "" : std::string(bytes)); });
    return done.wait();
  }

  void close() {
    if (!std::exchange(is_closed, true)) transport->close();
  }

  std::unique_ptr<net::Transport> transport;
  const bool& is_ending;
  bool is_closed = false;
};

bool HttpExchange::respond(int status, const net::Headers& headers, std::string_view body) {
  return connection_.write(head(status, headers) +
                           fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body));
}

bool HttpExchange::begin_stream(int status, const net::Headers& headers) {
  return connection_.write(head(status, headers) + "Transfer-Encoding: chunked\r\n\r\n");
}

bool HttpExchange::write_chunk(std::string_view bytes) {
  return connection_.write(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
}

bool HttpExchange::end_stream() {
  return connection_.write("0\r\n\r\n");
}

bool HttpExchange::sleep(Duration duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (connection_.is_open()) {
    const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
    if (left <= Duration::zero()) break;
    runtime::sleep_for(std::min(left, sleep_step));
  }
  return connection_.is_open();
}

void HttpExchange::wait_for_leaving() {
  while (!connection_.read().empty()) {
  }
  connection_.close();
}

void HttpExchange::cut() {
  connection_.close();
}

struct HttpListener::State {
  State(std::uint16_t wanted_port, Handler request_handler)
      : handler(std::move(request_handler)),
        acceptor(loop.context().get_executor(),
                 asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), wanted_port)),
        port(acceptor.local_endpoint().port()) {}

  void accept_next() {
    acceptor.async_accept(loop.context().get_executor(), [this](error_code error, net::TcpSocket socket) {
      if (error) return;
      loop.spawn("fake exchange",
                 [this, accepted = std::move(socket)]() mutable { serve(std::move(accepted)); });
      accept_next();
    });
  }

  void serve(net::TcpSocket socket) {
    HttpExchange::Connection connection(net::plain_transport(std::move(socket), readiness), is_ending);
    connections.insert(&connection);
    std::string received;
    while (connection.is_open()) {
      net::RequestParser parser([](net::Request&) { return body_bytes_max; });
      if (!read_request(connection, parser, received)) break;
      HttpExchange exchange(connection, parser.request());
      handler(exchange);
    }
    connections.erase(&connection);
    connection.close();
  }

  static bool read_request(HttpExchange::Connection& connection, net::RequestParser& parser,
                           std::string& received) {
    while (!parser.complete()) {
      if (received.empty()) received = connection.read();
      if (received.empty()) return false;
      const Result<std::size_t> eaten = parser.feed(received);
      if (!eaten) return false;
      received.erase(0, *eaten);
      if (*eaten > 0 || parser.complete()) continue;
      const std::string more = connection.read();
      if (more.empty()) return false;
      received += more;
    }
    return true;
  }

  void end() {
    is_ending = true;
    error_code ignored;
    (void)acceptor.close(ignored);
    for (HttpExchange::Connection* connection : connections) connection->close();
    stop_when_idle();
  }

  void stop_when_idle() {
    if (loop.take_statistics().fibers_running == 0) return loop.stop();
    check = loop.call_after(milliseconds(1), [this] { stop_when_idle(); });
  }

  runtime::EventLoop loop;
  std::shared_ptr<net::Readiness> readiness = net::Readiness::create(loop);
  Handler handler;
  asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type> acceptor;
  const std::uint16_t port;
  std::set<HttpExchange::Connection*> connections;
  bool is_ending = false;
  runtime::Timer check;
  std::thread thread;
};

HttpListener::HttpListener(std::uint16_t port, Handler handler)
    : state_(std::make_unique<State>(port, std::move(handler))) {}

HttpListener::~HttpListener() {
  if (!state_->thread.joinable()) return;
  state_->loop.post([this] { state_->end(); });
  state_->thread.join();
}

void HttpListener::start() {
  state_->accept_next();
  state_->thread = std::thread([this] { state_->loop.run(); });
}

std::uint16_t HttpListener::port() const {
  return state_->port;
}

}  // namespace trunkline::fakes
