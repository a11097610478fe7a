#include "net/connector.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>
#include <fmt/core.h>

#include "net/client.hpp"

namespace trunkline::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// RFC 8305, section 5: "Connection Attempt Delay".
constexpr Duration patience_with_one_address = milliseconds(250);

asio::ip::address to_asio(const IpAddress& address) {
  if (address.is_v4()) return asio::ip::address_v4(address.v4_bytes());
  return asio::ip::address_v6(address.v6_bytes());
}

bool is_shortage(const error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

Error address_refused(const Url& url) {
  return {address_not_allowed,
          fmt::format("{} leads to an address that is not on the public Internet.", url.host_and_port())};
}

struct Connector::Attempt {
  Attempt(runtime::EventLoop& loop, const IpAddress& to)
      : socket(loop.context().get_executor()), address(to) {}
  void give_up() {
    error_code ignored;
    socket.close(ignored);
  }
  TcpSocket socket;
  IpAddress address;
};

Connector::Connector(ConnectorContext& context, Url url, std::span<const IpAddress> addresses,
                     bool public_only)
    : context_(context),
      url_(std::move(url)),
      addresses_(addresses.begin(), addresses.end()),
      public_only_(public_only) {}

void Connector::start(Done done) {
  done_ = std::move(done);
  try_next();
}

void Connector::cancel() {
  done_ = nullptr;
  give_up_attempts();
  if (transport_) transport_->close();
}

void Connector::try_next() {
  while (tried_ < addresses_.size()) {
    const IpAddress& address = addresses_[tried_++];
    if (public_only_ && !is_public(address)) return finish(fail(address_refused(url_)));
    if (!attempt(address)) return;
    if (under_way_.empty()) continue;
    if (tried_ < addresses_.size()) {
      next_try_ = context_.loop.call_after(patience_with_one_address, [this] { try_next(); });
    }
    return;
  }
  if (!under_way_.empty()) return;
  finish(
      fail(cannot_connect, fmt::format("Nothing answers at {}; check the address and that the server runs.",
                                       url_.host_and_port())));
}

// False when it makes no sense to try another.
bool Connector::attempt(const IpAddress& address) {
  const auto attempt = std::make_shared<Attempt>(context_.loop, address);
  const asio::ip::tcp::endpoint endpoint(to_asio(address), url_.port());
  error_code error;
  attempt->socket.open(endpoint.protocol(), error);
  if (is_shortage(error)) {
    finish(fail(Error(client_busy, "Too many files and connections are open; raise the limit (LimitNOFILE).")
                    .after(seconds(1))));
    return false;
  }
  if (error) return true;  // a family that this machine does not have
  under_way_.push_back(attempt);
  attempt->socket.async_connect(endpoint, [self = shared_from_this(), attempt](error_code outcome) {
    self->answered(attempt, outcome);
  });
  return true;
}

void Connector::answered(const std::shared_ptr<Attempt>& attempt, error_code error) {
  if (std::erase(under_way_, attempt) == 0) return;  // given up
  next_try_.cancel();
  if (error) return try_next();
  give_up_attempts();
  shake_hands(attempt->address, std::move(attempt->socket));
}

void Connector::shake_hands(const IpAddress& address, TcpSocket socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  if (!url_.is_https()) {
    return finish(Connected{plain_transport(std::move(socket), context_.readiness), address});
  }
  asio::ssl::context* tls = context_.tls();
  if (tls == nullptr) return finish(fail(no_trust("the certificates of the authorities cannot be read")));
  const std::string host = url_.literal() ? url_.literal()->to_text() : url_.host();
  transport_ = tls_client_transport(std::move(socket), *tls, host);
  transport_->start([self = shared_from_this(), address](error_code error) {
    if (!self->done_) return;
    if (error) return self->finish(fail(self->no_trust(self->transport_->describe(error))));
    self->finish(Connected{std::move(self->transport_), address});
  });
}

Error Connector::no_trust(std::string_view why) const {
  return {tls_failure,
          fmt::format("There is no trusted TLS connection to {}: {}.", url_.host_and_port(), why)};
}

void Connector::give_up_attempts() {
  next_try_.cancel();
  for (const auto& attempt : std::exchange(under_way_, {})) attempt->give_up();
}

void Connector::finish(Result<Connected> outcome) {
  give_up_attempts();
  if (Done done = std::exchange(done_, nullptr)) done(std::move(outcome));
}

}  // namespace trunkline::net
