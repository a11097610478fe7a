/// \file
/// What a client is made with.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "trunkline/time.hpp"
#include "trunkline/transport.hpp"

namespace trunkline::inline v1 {

/// How long things may take.
struct Timeouts {
  std::chrono::milliseconds connect{10'000};  ///< to be connected, TLS included
  std::chrono::milliseconds request{30'000};  ///< one try, from start to the whole answer
  std::chrono::milliseconds total{120'000};   ///< all tries of one operation with the pauses between them
};

/// When and how often a client tries again.
///
/// - What does no harm when it is carried out twice: every GET and DELETE, cancelling, hanging up, revoking a
///   key, registering a tool, and create_call, which always carries an Idempotency-Key. When connecting
///   failed, the connection broke, no answer came in time, and on 429, 502, 503 and 504, but not on a used-up
///   quota (code 6002).
/// - Any other POST (an API key, a payment page, logging in): only when the connection failed before the
///   request was sent.
///
/// The pause doubles with each try and is between half and all of its length, by chance. When the server
/// says Retry-After, it is at least that. A pause that would end after `Timeouts::total` is not begun: the
/// failure is reported at once.
struct RetryPolicy {
  int tries = 4;                                   ///< in all; 1: never again
  std::chrono::milliseconds first_pause{250};      ///< before the second try
  std::chrono::milliseconds longest_pause{8'000};  ///< Retry-After may be longer
};

/// What a client is made with. All but the key has defaults.
struct ClientOptions {
  /// The API key, pk_live_… (voice API, section 1). Visible ASCII.
  std::string api_key = {};
  /// Where the server is; http or https, may carry a path prefix. Default: a Trunkline on this machine.
  std::string base_url = "http://127.0.0.1:8080";
  Timeouts timeouts = {};    ///< how long things may take
  RetryPolicy retries = {};  ///< when to try again
  /// The header User-Agent; empty: the SDK's own.
  std::string user_agent = {};
  /// How requests travel; null: curl_transport().
  std::shared_ptr<Transport> transport = {};
  /// What waiting is done by; null: blocking_clock().
  std::shared_ptr<Clock> clock = {};
};

}  // namespace trunkline::inline v1
