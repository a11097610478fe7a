// Web sockets (RFC 6455) for handlers: messages in and out on the request's fiber.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace trunkline::net {

class WebSocket {
 public:
  struct State;
  explicit WebSocket(State& state) : state_(state) {}

  // The next message; nothing when `at_most` has passed or the client has left. Suspends.
  std::optional<std::string> receive(Duration at_most);
  // False when the client has left. Suspends until it is on its way.
  bool send(std::string_view text);
  bool is_open() const;

 private:
  State& state_;
};

}  // namespace trunkline::net
