#include "net/transport.hpp"

#include <cerrno>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
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

// A look at what has arrived: an end, an error, or nothing yet.
bool has_peer(int socket) {
  char byte = 0;
  const ssize_t count = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count > 0 || (count < 0 && (errno == EWOULDBLOCK || errno == EINTR));
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(TcpSocket socket) : socket_(std::move(socket)), address_(address_of(socket_)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  void start(WriteHandler ready) override { ready({}); }

  void read(ReadHandler handler) override {
    socket_.async_wait(TcpSocket::wait_read, [this, handler = std::move(handler)](error_code error) mutable {
      if (error) return handler(error, {});
      const std::size_t count = socket_.read_some(asio::buffer(scratch), error);
      if (error == asio::error::would_block) return read(std::move(handler));
      handler(error, {scratch.data(), count});
    });
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
    error_code ignored;
    socket_.shutdown(TcpSocket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  bool peer_is_there() override { return has_peer(socket_.native_handle()); }

  std::string remote_address() const override { return address_; }

 private:
  TcpSocket socket_;
  std::string address_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(TcpSocket socket, asio::ssl::context& context)
      : address_(address_of(socket)), stream_(std::move(socket), context) {
    error_code ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
  }

  void start(WriteHandler ready) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [ready = std::move(ready)](error_code error) mutable { ready(error); });
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

  bool peer_is_there() override { return has_peer(stream_.next_layer().native_handle()); }

  std::string remote_address() const override { return address_; }

 private:
  std::string address_;
  asio::ssl::stream<TcpSocket> stream_;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<Transport> plain_transport(TcpSocket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> tls_transport(TcpSocket socket, boost::asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

}  // namespace trunkline::net
