// From an HTTP request to a web socket. Used by connection.cpp only.
#pragma once

#include "net/message.hpp"
#include "net/transport.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::net {

// Answers the upgrade and runs `handler`; when that returns the socket is closed with code 1000. A request
// that is no web socket handshake is refused. Suspends.
void serve_web_socket(runtime::EventLoop& loop, Transport& transport, const Request& request,
                      std::move_only_function<void(WebSocket&)> handler);

}  // namespace trunkline::net
