// The certificates of the authorities that the client trusts, and the rules of its TLS.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace trunkline::net {

class ClientTls {
 public:
  // `ca_file` is PEM; empty: the system's certificates. Throws when it cannot be read.
  explicit ClientTls(const std::string& ca_file);
  ~ClientTls();

  // Waits until the system's certificates have been read. nullptr when they could not be.
  boost::asio::ssl::context* context();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::net
