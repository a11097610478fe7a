// How the engagement API says what went wrong. Its published client understands 400, 401, 404, 429 and 5xx
// with a JSON object that has a `message`; it repeats everything else three times and hides the reason
// (contracts/engagement-api.md, section 6). New paths use problem details.
#pragma once

#include "net/message.hpp"

namespace trunkline::doors::engagement {

namespace error_codes {
inline constexpr ErrorCode rate_limit_exceeded{"rate_limit_exceeded", ErrorKind::rate_limited};
inline constexpr ErrorCode bad_parameter{"bad_parameter", ErrorKind::invalid};
inline constexpr ErrorCode content_type{"content_type", ErrorKind::invalid};
}  // namespace error_codes

// The status that the published client is given for a kind of failure.
int published_status(ErrorKind kind);

// {"message": …, "code": …}.
net::Response render_published(const Error& error);

// By the request: the four published calls in the published form, all else as problem details.
net::Response render_error(const Error& error, const net::Request& request);

}  // namespace trunkline::doors::engagement
