#include "net/transport.hpp"

#include <cerrno>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509v3.h>
#include <sys/socket.h>

namespace trunkline::net {
namespace {

namespace asio = boost::asio;

// What one read takes. Idle connections own no buffer: they wait for readiness and read into this one.
constexpr std::size_t read_bytes = 64UL * 1024;
thread_local std::array<char, read_bytes> scratch;

std::string address_of(const TcpSocket& socket) {
  boost::system::error_code ignored;
  return socket.remote_endpoint(ignored).address().to_string();
}

enum class Arrived : std::uint8_t { nothing, bytes, end };

// A look at what waits to be read; an error is an end, too.
Arrived look_at(int socket) {
  char byte = 0;
  const ssize_t count = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count > 0) return Arrived::bytes;
  return count < 0 && (errno == EWOULDBLOCK || errno == EINTR) ? Arrived::nothing : Arrived::end;
}

class PlainTransport final : public Transport, Readiness::Reader {
 public:
  PlainTransport(TcpSocket socket, std::shared_ptr<Readiness> readiness)
      : socket_(std::move(socket)), readiness_(std::move(readiness)), address_(address_of(socket_)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }
  ~PlainTransport() override { ignore_arrivals(); }

  void start(WriteHandler ready) override { ready({}); }

  void read(ReadHandler handler) override {
    on_read_ = std::move(handler);
    if (is_watched_) return;
    is_watched_ = socket_.is_open() && readiness_->join(socket_.native_handle(), *this);
    if (!is_watched_) end_read(asio::error::bad_descriptor);
  }

  void write(std::string_view bytes, WriteHandler handler) override {
    asio::async_write(
        socket_, asio::buffer(bytes),
        [handler = std::move(handler)](error_code error, std::size_t) mutable { handler(error); });
  }

  std::size_t write_now(std::string_view bytes) override {
    error_code ignored;
    return socket_.write_some(asio::buffer(bytes), ignored);
  }

  void finish_writing() override {
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_send, ignored);
  }

  void close() override {
    ignore_arrivals();
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_both, ignored);
    socket_.close(ignored);
    if (on_read_) end_read(asio::error::operation_aborted);
  }

  bool peer_is_there() override { return look_at(socket_.native_handle()) != Arrived::end; }
  bool is_quiet() override { return look_at(socket_.native_handle()) == Arrived::nothing; }

  std::string remote_address() const override { return address_; }

 private:
  void on_readable() override {
    if (!on_read_) return ignore_arrivals();  // until somebody reads again
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(scratch), error);
    if (error == asio::error::would_block) return;
    ReadHandler handler = std::exchange(on_read_, nullptr);  // it may be the last to hold this transport
    handler(error, {scratch.data(), count});
  }

  void ignore_arrivals() {
    if (std::exchange(is_watched_, false)) readiness_->leave(socket_.native_handle());
  }

  // Not from the caller's stack: the handler may end what calls.
  void end_read(error_code error) {
    asio::post(socket_.get_executor(),
               [handler = std::exchange(on_read_, nullptr), error]() mutable { handler(error, {}); });
  }

  TcpSocket socket_;
  std::shared_ptr<Readiness> readiness_;
  std::string address_;
  ReadHandler on_read_;
  bool is_watched_ = false;
};

class TlsTransport final : public Transport {
 public:
  using Role = asio::ssl::stream_base::handshake_type;

  TlsTransport(TcpSocket socket, asio::ssl::context& context, Role role)
      : address_(address_of(socket)), stream_(std::move(socket), context), role_(role) {
    error_code ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  void start(WriteHandler ready) override {
    stream_.async_handshake(role_, [ready = std::move(ready)](error_code error) mutable { ready(error); });
  }

  // RFC 9110, section 4.3.4: the certificate must be for the host of the URL. The name goes out with the
  // first message, for servers with many (RFC 6066, section 3), which an address never does.
  void expect_host(std::string host) {
    SSL* tls = stream_.native_handle();
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1) return;
    // SSL_set_tlsext_host_name as a function: the macro casts as C does.
    const bool is_named =
        SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
    SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);  // RFC 6125, section 6.4.3
    if (!is_named || SSL_set1_host(tls, host.c_str()) != 1) throw std::bad_alloc();
  }

  std::string describe(error_code error) override {
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    if (verdict == X509_V_OK) return error.message();
    return std::string("certificate: ") + X509_verify_cert_error_string(verdict);
  }

  void read(ReadHandler handler) override {
    if (buffer_.empty()) buffer_.resize(16UL * 1024);
    stream_.async_read_some(asio::buffer(buffer_), [this, handler = std::move(handler)](
                                                       error_code error, std::size_t count) mutable {
      handler(error, {buffer_.data(), count});
    });
  }

  void write(std::string_view bytes, WriteHandler handler) override {
    asio::async_write(
        stream_, asio::buffer(bytes),
        [handler = std::move(handler)](error_code error, std::size_t) mutable { handler(error); });
  }

  std::size_t write_now(std::string_view) override { return 0; }

  void finish_writing() override {}

  void close() override {
    error_code ignored;
    stream_.next_layer().shutdown(TcpSocket::shutdown_both, ignored);
    stream_.next_layer().close(ignored);
  }

  bool peer_is_there() override { return look() != Arrived::end; }
  bool is_quiet() override { return look() == Arrived::nothing; }

  std::string remote_address() const override { return address_; }

 private:
  using Stream = asio::ssl::stream<TcpSocket>;
  Arrived look() { return look_at(stream_.next_layer().native_handle()); }

  std::string address_;
  Stream stream_;
  Role role_;
  std::string buffer_;
};

}  // namespace

asio::ssl::context tls_context(asio::ssl::context::method method) {
  asio::ssl::context context(method);
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
  return context;
}

std::unique_ptr<Transport> plain_transport(TcpSocket socket, std::shared_ptr<Readiness> readiness) {
  return std::make_unique<PlainTransport>(std::move(socket), std::move(readiness));
}

std::unique_ptr<Transport> tls_transport(TcpSocket socket, asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context, asio::ssl::stream_base::server);
}

std::unique_ptr<Transport> tls_client_transport(TcpSocket socket, asio::ssl::context& context,
                                                const std::string& host) {
  auto transport = std::make_unique<TlsTransport>(std::move(socket), context, asio::ssl::stream_base::client);
  transport->expect_host(host);
  return transport;
}

}  // namespace trunkline::net
