// Server-sent events (WHATWG HTML, section 9.2): a response that stays open and carries events with ids, so
// that a client that lost the connection goes on where it was by Last-Event-ID.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace trunkline::net {

// The open response, used on the request's fiber. When the client is gone, the functions return false: then
// return.
class EventStream {
 public:
  using Write = std::function<bool(std::string_view)>;  // suspends until the kernel took it
  using Sleep = std::function<bool(Duration)>;          // suspends; false when the client left meanwhile
  EventStream(Write write, Sleep sleep) : write_(std::move(write)), sleep_(std::move(sleep)) {}

  // Suspends. `data` may have several lines.
  bool send(std::string_view event, std::string_view id, std::string_view data);
  // A comment that keeps proxies from closing a silent stream. Suspends.
  bool heartbeat();
  // Waits; false when the client left.
  bool wait(Duration duration) { return sleep_(duration); }

 private:
  Write write_;
  Sleep sleep_;
};

}  // namespace trunkline::net
