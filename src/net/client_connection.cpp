#include "net/client_connection.hpp"

#include <algorithm>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

namespace trunkline::net {
namespace {

using boost::system::error_code;

// A name may move: a connection is not used for ever.
constexpr Duration age_max = minutes(10);

// TLS that ends without saying so is an end like others: whether the answer was whole, its framing says.
bool is_end(const error_code& error) {
  return error == boost::asio::error::eof || error == boost::asio::ssl::error::stream_truncated;
}

}  // namespace

ClientConnection::ClientConnection(ConnectionOwner& owner, Connected connected, std::string origin)
    : owner_(owner),
      transport_(std::move(connected.transport)),
      address_(connected.address),
      origin_(std::move(origin)) {}

void ClientConnection::carry(Transfer& transfer) {
  transfer_ = &transfer;
  ++times_used_;
  transfer.begin_sending();
  read();
  send();
}

void ClientConnection::become_idle() {
  transfer_ = nullptr;
  idle_since_ = runtime::steady_now();
  read();
}

void ClientConnection::close() {
  if (std::exchange(is_closed_, true)) return;
  transfer_ = nullptr;
  transport_->close();
}

void ClientConnection::read() {
  if (std::exchange(is_reading_, true)) return;
  transport_->read([self = shared_from_this()](error_code error, std::string_view bytes) {
    self->is_reading_ = false;
    if (!self->is_closed_) self->received(error, bytes);
  });
}

void ClientConnection::received(error_code error, std::string_view bytes) {
  if (transfer_ == nullptr) return owner_.idle_connection_spoilt(*this);
  Transfer& transfer = *transfer_;
  if (error) {
    transfer.take_end(is_end(error));
  } else {
    transfer.take(bytes);
  }
  if (transfer.wants_more()) return read();
  if (transfer.is_complete()) owner_.transfer_completed(transfer);
}

// What cannot be sent shows when the answer is read: there may be one nevertheless.
void ClientConnection::send() {
  const std::string_view head = transfer_->head();
  const std::size_t sent = transport_->write_now(head);
  // The rest is copied: the transfer may be given up, and its memory used anew, while this is under way.
  unsent_.append(head.substr(sent)).append(transfer_->rest_of_body());
  if (unsent_.empty()) return;
  transport_->write(unsent_, [self = shared_from_this()](error_code error) {
    if (!error) self->unsent_ = std::string();
  });
}

ConnectionPool::~ConnectionPool() {
  for (const auto& connection : connections_) connection->close();
}

void ConnectionPool::put(std::shared_ptr<ClientConnection> connection) {
  const runtime::SteadyTime now = runtime::steady_now();
  if (now - connection->opened_at() > age_max) return connection->close();
  ClientConnection& put = *connection;
  put.place_ = connections_.insert(connections_.end(), std::move(connection));
  by_origin_[put.origin()].push_back(&put);
  put.become_idle();
  while (!connections_.empty() &&
         (connections_.size() > max_ || now - connections_.front()->idle_since() > idle_max_)) {
    drop(*connections_.front());
  }
}

std::shared_ptr<ClientConnection> ConnectionPool::take(const std::string& origin) {
  for (auto found = by_origin_.find(origin); found != by_origin_.end(); found = by_origin_.find(origin)) {
    std::shared_ptr<ClientConnection> connection = remove(*found->second.back());
    const bool is_fresh = runtime::steady_now() - connection->idle_since() <= idle_max_;
    if (is_fresh && connection->is_quiet()) return connection;
    connection->close();
  }
  return nullptr;
}

void ConnectionPool::drop(ClientConnection& connection) {
  remove(connection)->close();
}

std::shared_ptr<ClientConnection> ConnectionPool::remove(ClientConnection& connection) {
  std::shared_ptr<ClientConnection> removed = std::move(*connection.place_);
  connections_.erase(connection.place_);
  const auto siblings = by_origin_.find(removed->origin());
  // The one used last is taken first, and stands last.
  const auto among = std::ranges::find(siblings->second.rbegin(), siblings->second.rend(), &connection);
  siblings->second.erase(std::prev(among.base()));
  if (siblings->second.empty()) by_origin_.erase(siblings);
  return removed;
}

}  // namespace trunkline::net
