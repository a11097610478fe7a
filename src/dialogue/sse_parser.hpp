// Reads an event stream (WHATWG HTML, section 9.2.6) as models send it, tolerantly: lines that end with LF,
// CR or CRLF, comments, several data lines, cut at any byte by the network, and a last event without its
// blank line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace trunkline::dialogue {

struct SseEvent {
  std::string type;  // of the `event` field; "" when there was none
  std::string data;

  friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

namespace error_codes {
inline constexpr ErrorCode event_too_large{"event_too_large", ErrorKind::too_large};
}  // namespace error_codes

class SseParser {
 public:
  // A line or the data of an event beyond `bytes_max` is refused, so that nobody can fill the memory.
  explicit SseParser(std::size_t bytes_max = 256UL * 1024) : bytes_max_(bytes_max) {}

  // The events that are complete now; those without data do not count. Fails with event_too_large: then it is
  // over.
  Result<std::vector<SseEvent>> feed(std::string_view bytes);

  // At the end of the stream: the event that its blank line is missing of.
  std::optional<SseEvent> finish();

 private:
  void take_line();
  std::optional<SseEvent> take_event();

  std::size_t bytes_max_;
  std::string line_;
  SseEvent event_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed now belongs to the line end before
  bool is_first_line_ = true;
  std::vector<SseEvent> complete_;
};

}  // namespace trunkline::dialogue
