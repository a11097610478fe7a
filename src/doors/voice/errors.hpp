// How the voice API says what went wrong (contracts/voice-api.md, section 8): its envelope, its statuses, its
// codes.
#pragma once

#include "net/message.hpp"

namespace trunkline::doors::voice {

namespace error_codes {
inline constexpr ErrorCode payments_not_configured{"payments_not_configured", ErrorKind::unavailable};
inline constexpr ErrorCode rate_limit_exceeded{"rate_limit_exceeded", ErrorKind::rate_limited};
inline constexpr ErrorCode bad_parameter{"bad_parameter", ErrorKind::invalid};
}  // namespace error_codes

// The status and the number that an error has here; no number where none is published.
struct PublishedError {
  int status = 500;
  std::optional<int> code;
};
PublishedError published(const ErrorCode& code);

// {"detail": {"error_code", "message", "details"}} with a copy of the three at the top level for other
// clients. Never a member called `error`: published clients trip over it.
net::Response render_error(const Error& error, const net::Request& request);

}  // namespace trunkline::doors::voice
