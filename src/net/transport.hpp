// The bytes of one connection, plain or TLS. Callbacks run on the loop; one read and one write may be under
// way.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "net/readiness.hpp"

namespace trunkline::net {

using TcpSocket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Transport {
 public:
  using error_code = boost::system::error_code;
  // The bytes are valid during the call only.
  using ReadHandler = std::move_only_function<void(error_code, std::string_view)>;
  using WriteHandler = std::move_only_function<void(error_code)>;

  virtual ~Transport() = default;

  // Does what precedes the first byte (a TLS handshake).
  virtual void start(WriteHandler ready) = 0;
  // Why `start` failed, in words.
  virtual std::string describe(error_code error) { return error.message(); }
  virtual void read(ReadHandler handler) = 0;
  // Writes all of it; the bytes must stay until the handler runs.
  virtual void write(std::string_view bytes, WriteHandler handler) = 0;
  // Writes what the kernel takes at once; how many bytes, 0 when it takes none or the connection is gone.
  virtual std::size_t write_now(std::string_view bytes) = 0;
  // Says that nothing more will be written; reading goes on.
  virtual void finish_writing() = 0;
  virtual void close() = 0;
  // False once the other side has closed or reset the connection.
  virtual bool peer_is_there() = 0;
  // True when nothing has come that is still to be read: no byte, no end, no error.
  virtual bool is_quiet() = 0;
  virtual std::string remote_address() const = 0;
};

// TLS 1.2 or later, for either end.
boost::asio::ssl::context tls_context(boost::asio::ssl::context::method method);

std::unique_ptr<Transport> plain_transport(TcpSocket socket, std::shared_ptr<Readiness> readiness);
// The server's end of TLS. The contexts must outlive the transports.
std::unique_ptr<Transport> tls_transport(TcpSocket socket, boost::asio::ssl::context& context);
// The client's end: `start` fails unless the other side's certificate is for `host`, which is a name, or an
// IP address without brackets.
std::unique_ptr<Transport> tls_client_transport(TcpSocket socket, boost::asio::ssl::context& context,
                                                const std::string& host);

}  // namespace trunkline::net
