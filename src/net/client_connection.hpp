// A connection of the HTTP client, with one exchange at a time, and the pool of those that wait for their
// next. Only for net/transfer_driver.cpp.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/resolver.hpp"
#include "net/transfer.hpp"
#include "net/transport.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::net {

// Hears what becomes of connections, until they are closed.
class ConnectionOwner {
 public:
  // It has succeeded or failed.
  virtual void transfer_completed(Transfer& transfer) = 0;
  // It has ended while idle, or brought bytes that nobody asked for.
  virtual void idle_connection_spoilt(ClientConnection& connection) = 0;

 protected:
  ~ConnectionOwner() = default;
};

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(ConnectionOwner& owner, Connected connected, std::string origin);

  // Sends the request and feeds the transfer what comes, until it is complete.
  void carry(Transfer& transfer);
  void read();         // on, after the transfer was held back
  void become_idle();  // keeps an eye on it
  void close();        // the pool and the transfer must have let go of it

  // The whole request has gone out.
  bool has_sent_all() const { return unsent_.empty(); }
  bool was_used_before() const { return times_used_ > 1; }
  // Nothing has come that would be taken for the next answer, its end included.
  bool is_quiet() const { return transport_->is_quiet(); }
  const IpAddress& address() const { return address_; }
  const std::string& origin() const { return origin_; }
  runtime::SteadyTime opened_at() const { return opened_at_; }
  runtime::SteadyTime idle_since() const { return idle_since_; }

 private:
  friend class ConnectionPool;
  void received(boost::system::error_code error, std::string_view bytes);
  void send();

  ConnectionOwner& owner_;
  std::unique_ptr<Transport> transport_;
  IpAddress address_;
  std::string origin_;
  Transfer* transfer_ = nullptr;  // null while it is idle
  std::string unsent_;
  int times_used_ = 0;
  bool is_reading_ = false;
  bool is_closed_ = false;
  runtime::SteadyTime opened_at_ = runtime::steady_now();
  runtime::SteadyTime idle_since_{};
  std::list<std::shared_ptr<ClientConnection>>::iterator place_;  // in the pool
};

class ConnectionPool {
 public:
  ConnectionPool(std::size_t connections_max, Duration idle_max)
      : max_(connections_max), idle_max_(idle_max) {}
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  // Closes whom it has no room for, and who has been idle too long.
  void put(std::shared_ptr<ClientConnection> connection);
  // One to this origin that is fit to carry a request, the one used last; nullptr when there is none.
  std::shared_ptr<ClientConnection> take(const std::string& origin);
  void drop(ClientConnection& connection);

 private:
  std::shared_ptr<ClientConnection> remove(ClientConnection& connection);

  std::size_t max_;
  Duration idle_max_;
  std::list<std::shared_ptr<ClientConnection>> connections_;  // the one idle for the longest time in front
  std::unordered_map<std::string, std::vector<ClientConnection*>> by_origin_;
};

}  // namespace trunkline::net
