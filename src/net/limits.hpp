// The limits of the HTTP server in one place (control C9 of docs/security.md). Routes may ask for a smaller
// or larger body.
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace trunkline::net::limits {

inline constexpr std::size_t header_bytes = 16UL * 1024;
inline constexpr std::size_t header_fields = 100;
inline constexpr std::size_t target_bytes = 8UL * 1024;
inline constexpr std::size_t body_bytes = 1024UL * 1024;
inline constexpr Duration header_deadline = seconds(10);
inline constexpr std::size_t body_bytes_per_second = 1024;  // slower bodies are cut off
inline constexpr Duration idle = seconds(75);               // longer than clients reuse a connection
inline constexpr Duration write_stall = seconds(30);  // a reader that takes nothing for so long is cut off
inline constexpr Duration request_deadline = seconds(15);  // unless the route says otherwise
inline constexpr std::size_t connections_per_address = 256;
inline constexpr std::size_t requests_running = 512;  // a loop
inline constexpr Duration request_wait = seconds(1);  // in line, before it begins
inline constexpr std::size_t requests_waiting = 16'384;
inline constexpr std::size_t request_bytes_waiting = 64UL * 1024 * 1024;
inline constexpr std::size_t gzip_from_bytes = 8UL * 1024;

}  // namespace trunkline::net::limits
