/// \file
/// Time on the wire, and the clock that clients wait by.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "trunkline/export.hpp"

namespace trunkline::inline v1 {

/// A moment, UTC, in milliseconds.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Reads RFC 3339 such as "2026-03-02T09:15:04.123Z" or "2026-03-02T10:15:04+01:00"; what is finer than a
/// millisecond is cut. Nothing for any other text.
TRUNKLINE_EXPORT std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "2026-03-02T09:15:04.123Z".
TRUNKLINE_EXPORT std::string to_text(Timestamp timestamp);

/// What clients measure deadlines by and how they wait between tries and polls. Tests, and programs that
/// must not block a thread, hand in their own. Must be thread-safe.
class TRUNKLINE_EXPORT Clock {
 public:
  virtual ~Clock();
  /// The present; never goes back.
  virtual std::chrono::steady_clock::time_point now() = 0;
  /// Returns after that time.
  virtual void sleep_for(std::chrono::milliseconds duration) = 0;
};

/// std::chrono::steady_clock and std::this_thread::sleep_for.
TRUNKLINE_EXPORT std::shared_ptr<Clock> blocking_clock();

}  // namespace trunkline::inline v1
