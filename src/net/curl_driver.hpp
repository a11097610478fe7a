// Runs libcurl's transfers on a loop: its sockets and timers (the multi-socket interface, libcurl-multi(3))
// and the transfers' deadlines. Only for net/client.cpp.
//
// Libcurl walks through all connections of a multi handle for each request it finishes. So there are many
// handles, and a host always has the same one.
//
// Sockets stand in an epoll set of the driver's own, which the loop watches as one descriptor: a wake-up
// serves all that are ready, and a kept-alive connection stays registered from one request to the next,
// without a system call.
#pragma once

#include <memory>

#include "net/curl_transfer.hpp"

namespace trunkline::net {

class CurlDriver {
 public:
  // Throws when the CA file cannot be read.
  CurlDriver(runtime::EventLoop& loop, const ClientOptions& options);
  ~CurlDriver();  // no transfer may be under way
  CurlDriver(const CurlDriver&) = delete;
  CurlDriver& operator=(const CurlDriver&) = delete;

  // Begins an exchange. From a fiber or the loop, never from libcurl's callbacks.
  Transfer& start(const TransferOrder& order);
  // Ends it if it is under way.
  void release(Transfer& transfer);
  // Lets a paused transfer read on.
  void resume(Transfer& transfer);
  // Forgets the addresses of a host that is not used any more.
  void drop_pin(const Url& url);

  // For the callbacks.
  void open_socket(int socket);
  void close_socket(int socket);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace trunkline::net
