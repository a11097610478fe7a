// Gives exchanges their connections, kept-alive ones or new ones, and ends them when they are late. Only for
// net/client.cpp.
#pragma once

#include <memory>

#include "net/transfer.hpp"

namespace trunkline::net {

class TransferDriver {
 public:
  // Throws when the CA file cannot be read.
  TransferDriver(runtime::EventLoop& loop, const ClientOptions& options);
  ~TransferDriver();  // no transfer may be under way
  TransferDriver(const TransferDriver&) = delete;
  TransferDriver& operator=(const TransferDriver&) = delete;

  // Begins an exchange.
  Transfer& start(const TransferOrder& order);
  // Ends it if it is under way.
  void release(Transfer& transfer);
  // Its reader has taken what had come.
  void resume(Transfer& transfer);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::net
