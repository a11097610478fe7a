#include "net/loopback_server_testing.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trunkline::net::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

void run(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0)
    throw std::runtime_error("failed: " + command);
}

}  // namespace

TestCertificates::TestCertificates() {
  const std::string at = directory_.path() + "/";
  const std::string key = " -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
  std::ofstream(at + "names") << "subjectAltName=DNS:hooks.example.com\n";
  run("openssl req -x509" + key + "-days 2 -subj '/CN=Trunkline test CA' -keyout " + at + "ca.key -out " +
      at + "ca.pem");
  run("openssl req" + key + "-subj /CN=hooks.example.com -keyout " + at + "server.key -out " + at +
      "server.csr");
  run("openssl x509 -req -in " + at + "server.csr -CA " + at + "ca.pem -CAkey " + at +
      "ca.key -CAcreateserial -days 2 -extfile " + at + "names -out " + at + "server.pem");
  ca_file = at + "ca.pem";
  certificate_file = at + "server.pem";
  key_file = at + "server.key";
}

const TestCertificates& TestCertificates::instance() {
  static const TestCertificates made;
  return made;
}

struct Peer::Connection {
  using Outcome = std::pair<error_code, std::size_t>;

  Connection(tcp::socket accepted, asio::ssl::context* context, const bool& server_ends, int counted)
      : socket(std::move(accepted)), is_ending(server_ends), number(counted) {
    if (context != nullptr) tls.emplace(socket, *context);
  }

  Outcome read_some(asio::mutable_buffer buffer) {
    runtime::Completion<Outcome> completion;
    const auto done = [&](error_code error, std::size_t size) { completion.complete({error, size}); };
    tls ? tls->async_read_some(buffer, done) : socket.async_read_some(buffer, done);
    return completion.wait();
  }
  void write(std::string_view bytes) {
    runtime::Completion<error_code> completion;
    const auto done = [&](error_code error, std::size_t) { completion.complete(error); };
    tls ? asio::async_write(*tls, asio::buffer(bytes), done)
        : asio::async_write(socket, asio::buffer(bytes), done);
    completion.wait();
  }
  bool shake_hands() {
    if (!tls) return true;
    runtime::Completion<error_code> completion;
    tls->async_handshake(asio::ssl::stream_base::server,
                         [&](error_code error) { completion.complete(error); });
    return !completion.wait();
  }
  bool read_more() {
    char bytes[16384];
    const auto [error, size] = read_some(asio::buffer(bytes));
    received.append(bytes, size);
    return !error;
  }

  tcp::socket socket;
  std::optional<asio::ssl::stream<tcp::socket&>> tls;
  std::string received;
  const bool& is_ending;
  int number;
};

std::optional<std::string> Peer::read_request() {
  std::string& received = connection_.received;
  std::size_t end_of_head = 0;
  while ((end_of_head = received.find("\r\n\r\n")) == std::string::npos) {
    if (!connection_.read_more()) return std::nullopt;
  }
  std::size_t size = end_of_head + 4;
  constexpr std::string_view length = "\r\nContent-Length: ";
  if (const std::size_t at = received.find(length); at < end_of_head) {
    std::size_t body_size = 0;
    std::from_chars(received.data() + at + length.size(), received.data() + end_of_head, body_size);
    size += body_size;
  }
  while (received.size() < size) {
    if (!connection_.read_more()) return std::nullopt;
  }
  std::string request = received.substr(0, size);
  received.erase(0, size);
  return request;
}

void Peer::send(std::string_view bytes) {
  connection_.write(bytes);
}

void Peer::answer(int status, std::string_view body, std::string_view more_headers) {
  send(fmt::format("HTTP/1.1 {} {}\r\n{}Content-Length: {}\r\n\r\n{}", status, reason_phrase(status),
                   more_headers, body.size(), body));
}

void Peer::close() {
  error_code ignored;
  connection_.socket.shutdown(tcp::socket::shutdown_both, ignored);
  connection_.socket.close(ignored);
}

void Peer::reset() {
  error_code ignored;
  connection_.socket.set_option(asio::socket_base::linger(true, 0), ignored);
  connection_.socket.close(ignored);
}

bool Peer::sleep(Duration duration) {
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!connection_.is_ending && std::chrono::steady_clock::now() < until) {
    const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
    runtime::sleep_for(std::clamp(left, Duration(1), Duration(milliseconds(10))));
  }
  return !connection_.is_ending;
}

bool Peer::wait_for_close() {
  char byte = 0;
  return connection_.read_some(asio::buffer(&byte, 1)).first.failed();
}

int Peer::number() const {
  return connection_.number;
}

struct LoopbackServer::State {
  State(Script connection_script, const TestCertificates* certificates, const tcp::endpoint& endpoint)
      : script(std::move(connection_script)),
        acceptor(loop.context(), endpoint),
        port(acceptor.local_endpoint().port()) {
    if (certificates == nullptr) return;
    tls.emplace(asio::ssl::context::tls_server);
    tls->use_certificate_chain_file(certificates->certificate_file);
    tls->use_private_key_file(certificates->key_file, asio::ssl::context::pem);
  }

  void accept_next() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      if (error) return;
      const int number = ++accepted;
      ++open;
      loop.spawn("peer", [this, number, accepted_socket = std::move(socket)]() mutable {
        serve(std::move(accepted_socket), number);
      });
      accept_next();
    });
  }

  void serve(tcp::socket socket, int number) {
    socket.set_option(tcp::no_delay(true));
    Peer::Connection connection(std::move(socket), tls ? &*tls : nullptr, is_ending, number);
    connections.insert(&connection);
    Peer peer(connection);
    if (!is_ending && connection.shake_hands()) script(peer);
    connections.erase(&connection);
    peer.close();
    --open;
  }

  void end() {
    is_ending = true;
    error_code ignored;
    acceptor.close(ignored);
    for (Peer::Connection* each : connections) {
      each->socket.shutdown(tcp::socket::shutdown_both, ignored);
      each->socket.cancel(ignored);
    }
    stop_when_idle();
  }

  void stop_when_idle() {
    if (loop.take_statistics().fibers_running == 0) return loop.stop();
    check = loop.call_after(milliseconds(1), [this] { stop_when_idle(); });
  }

  runtime::EventLoop loop;
  Script script;
  tcp::acceptor acceptor;
  const std::uint16_t port;
  std::optional<asio::ssl::context> tls;
  std::set<Peer::Connection*> connections;
  std::atomic<int> accepted = 0;
  std::atomic<int> open = 0;
  bool is_ending = false;
  runtime::Timer check;
  std::thread thread;
};

LoopbackServer::LoopbackServer(Script script, const TestCertificates* tls, const std::string& address,
                               std::uint16_t port)
    : state_(std::make_unique<State>(std::move(script), tls,
                                     tcp::endpoint(asio::ip::make_address(address), port))) {
  state_->accept_next();
  state_->thread = std::thread([this] { state_->loop.run(); });
}

LoopbackServer::~LoopbackServer() {
  state_->loop.post([this] { state_->end(); });
  state_->thread.join();
}

std::uint16_t LoopbackServer::port() const {
  return state_->port;
}
int LoopbackServer::connections() const {
  return state_->accepted;
}
int LoopbackServer::open() const {
  return state_->open;
}

std::string LoopbackServer::url(std::string_view path, std::string_view host) const {
  return fmt::format("{}://{}:{}{}", state_->tls ? "https" : "http", host, port(), path);
}

FullPort::FullPort() {
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  sockaddr* generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  bind(listener_, generic, size);
  listen(listener_, 0);
  getsockname(listener_, generic, &size);
  port_ = ntohs(address.sin_port);
  for (int& filler : fillers_) {
    filler = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(filler, generic, size);
  }
}

FullPort::~FullPort() {
  for (const int filler : fillers_) ::close(filler);
  ::close(listener_);
}

std::string FullPort::url() const {
  return fmt::format("http://127.0.0.1:{}/", port_);
}

void echo(Peer& peer) {
  while (const auto request = peer.read_request())
    peer.answer(200, request->substr(request->find("\r\n\r\n") + 4));
}

FakeResolver resolver_of(std::vector<const char*> addresses) {
  return FakeResolver([addresses](const std::string&) {
    std::vector<IpAddress> parsed;
    for (const char* each : addresses) parsed.push_back(*IpAddress::parse(each));
    return parsed;
  });
}

TestClient::TestClient(ClientOptions options)
    : resolver(resolver_of({"127.0.0.1"})),
      guard({.allow_private = true}, resolver),
      client(*runtime::EventLoop::current(), guard, std::move(options)) {}

ClientRequest get(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  return request;
}

ClientRequest post(std::string url, std::string body) {
  ClientRequest request;
  request.method = Method::post;
  request.url = std::move(url);
  request.body = std::move(body);
  return request;
}

}  // namespace trunkline::net::testing
