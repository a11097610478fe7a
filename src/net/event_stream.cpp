#include "net/event_stream.hpp"

namespace trunkline::net {

bool EventStream::send(std::string_view event, std::string_view id, std::string_view data) {
  std::string text;
  text.append("event: ").append(event).append("\n");
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  while (true) {
    const std::size_t end = data.find('\n');
    text.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  text.append("\n");
  return write_(text);
}

bool EventStream::heartbeat() {
  return write_(": still here\n\n");
}

}  // namespace trunkline::net
