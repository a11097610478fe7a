#include "dialogue/sse_parser.hpp"

#include <utility>

#include <fmt/core.h>

namespace trunkline::dialogue {

Result<std::vector<SseEvent>> SseParser::feed(std::string_view bytes) {
  for (const char byte : bytes) {
    const bool is_second_half = std::exchange(after_return_, byte == '\r') && byte == '\n';
    if (is_second_half) continue;
    if (byte == '\r' || byte == '\n') {
      take_line();
    } else {
      line_ += byte;
    }
    if (line_.size() > bytes_max_ || event_.data.size() > bytes_max_) {
      return fail(error_codes::event_too_large,
                  fmt::format("an event of the stream is larger than {} bytes", bytes_max_));
    }
  }
  return std::exchange(complete_, {});
}

std::optional<SseEvent> SseParser::finish() {
  if (!line_.empty()) take_line();
  return take_event();
}

void SseParser::take_line() {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  const std::string whole = std::exchange(line_, {});
  std::string_view line = whole;
  if (std::exchange(is_first_line_, false) && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (line.empty()) {
    if (auto event = take_event()) complete_.push_back(std::move(*event));
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (std::exchange(has_data_, true)) event_.data += '\n';
    event_.data += value;
  } else if (field == "event") {
    event_.type = value;
  }
}

std::optional<SseEvent> SseParser::take_event() {
  SseEvent event = std::exchange(event_, {});
  if (!std::exchange(has_data_, false)) return std::nullopt;
  return event;
}

}  // namespace trunkline::dialogue
