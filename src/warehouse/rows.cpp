#include "warehouse/rows.hpp"

#include <array>

#include "base/json/write.hpp"

namespace trunkline::warehouse {
namespace {

constexpr std::array<std::string_view, 3> direction_names{"inbound", "outbound", "internal"};
constexpr std::array<std::string_view, 8> status_names{"completed", "no_answer", "busy",        "canceled",
                                                       "failed",    "voicemail", "in_progress", "unknown"};

template <class Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::string_view, size>& names, std::string_view text) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> RawData::write(const json::Value& said) {
  if (said.is_null()) return std::nullopt;
  // Written where there is room already, and kept in just the size that it has.
  thread_local std::string text;
  text.clear();
  json::write_to(text, said);
  return text;
}

std::string_view to_text(Direction direction) {
  return direction_names.at(static_cast<std::size_t>(direction));
}
std::string_view to_text(CallStatus status) {
  return status_names.at(static_cast<std::size_t>(status));
}
std::optional<Direction> parse_direction(std::string_view text) {
  return find_name<Direction>(direction_names, text);
}
std::optional<CallStatus> parse_call_status(std::string_view text) {
  return find_name<CallStatus>(status_names, text);
}
bool is_final(CallStatus status) {
  return status != CallStatus::in_progress;
}

}  // namespace trunkline::warehouse
