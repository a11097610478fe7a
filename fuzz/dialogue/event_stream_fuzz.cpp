// Feeds any bytes as a model's event stream, in one piece and byte by byte: the events must be the same, and
// what they hold goes through the reader of answers.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dialogue/chat_stream.hpp"
#include "dialogue/sse_parser.hpp"

namespace {

using namespace trunkline::dialogue;

struct Outcome {
  bool failed = false;
  std::vector<SseEvent> events;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view bytes, std::size_t step) {
  SseParser parser(1024);
  Outcome outcome;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const auto events = parser.feed(bytes.substr(at, step));
    if (!events) return {.failed = true, .events = {}};
    outcome.events.insert(outcome.events.end(), events->begin(), events->end());
  }
  if (auto last = parser.finish()) outcome.events.push_back(std::move(*last));
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = read(bytes, size == 0 ? 1 : size);
  if (whole != read(bytes, 1)) std::abort();
  ChatStream stream;
  for (const SseEvent& event : whole.events) {
    if (!stream.take(event.data)) break;
  }
  if (stream.calls().size() > ChatStream::calls_max) std::abort();
  return 0;
}
