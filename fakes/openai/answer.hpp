// What the fake model says, and how: whole, in pieces of any size, late, broken, or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "net/http.hpp"

namespace trunkline::fakes {

struct ScriptedCall {
  std::string name;
  std::string arguments;  // sent as it is: broken JSON stays broken
  std::string id = "call_1";
  std::size_t pieces = 3;  // of the arguments, in a stream
  bool with_index = true;  // other servers leave it out
};

// How a stream ends.
enum class StreamEnd : std::uint8_t {
  done,          // [DONE]
  without_done,  // the body ends in order, without [DONE]
  error,         // an event with a top-level error object, then the end
  cut,           // the connection is gone
  hang,          // nothing more comes until the client leaves
};

struct Answer {
  std::string text = {};
  std::vector<ScriptedCall> calls = {};
  std::string finish_reason = {};  // "": stop, or tool_calls when there are calls
  bool with_usage = true;

  // Instead of an answer, when the status is not 200: the error envelope, or this body as it is.
  int status = 200;
  std::string error_type = {};
  std::string error_code = {};
  std::string error_message = {};
  std::optional<std::string> raw_body = {};  // also with status 200
  net::Headers headers = {};                 // more of them: retry-after-ms, x-should-retry

  Duration delay{};                      // before the first byte
  Duration pause{};                      // between two events
  std::vector<std::string> pieces = {};  // of the text; none: one word each
  std::size_t split_bytes = 0;           // the stream is written in pieces of so many bytes; 0: an event each
  std::string line_end = "\n";
  bool with_comments = false;     // between the events
  bool with_obfuscation = false;  // the random member that real streams carry
  bool streams = true;            // false: answers in one piece although a stream was asked for
  StreamEnd end = StreamEnd::done;
  std::size_t events_before_end = SIZE_MAX;  // for ends that are none: after so many events
};

}  // namespace trunkline::fakes
