/// \file
/// What can go wrong, once as a value (Failure) and once as exceptions (Error and its classes). Both say the
/// same; see result.hpp for how the one becomes the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "trunkline/export.hpp"
#include "trunkline/json.hpp"

namespace trunkline::inline v1 {

/// The class of a failure; each but `other` has an exception class of its own. By HTTP status: 401 is
/// `authentication`, 403 `subscription`, 429 `rate_limit`, 400 and 422 `validation`; every other status from
/// 400 on is `call` when the path begins with /calls, else `other` (voice API, section 8.1).
enum class FailureKind : std::uint8_t {
  authentication,  ///< AuthenticationError
  subscription,    ///< SubscriptionError
  rate_limit,      ///< RateLimitError
  validation,      ///< ValidationError; with status 0 the SDK itself refused the arguments
  call,            ///< CallError
  connection,      ///< ConnectionError
  timeout,         ///< TimeoutError
  other,           ///< Error
};

/// Everything known about a failure.
struct Failure {
  FailureKind kind = FailureKind::other;  ///< which class
  std::string message = {};               ///< what the server said, or what happened
  /// The API's error code, such as 7003 (voice API, section 8.3), if the answer had one.
  std::optional<int> code = {};
  /// Always an object; empty if the answer had none.
  Json details = Json::object();
  /// The HTTP status; 0 when there was no answer.
  int status = 0;
  /// Finds the request in the server's log. Set for every request that was made, also without an answer.
  std::string request_id = {};
  /// How long the server asks to wait: `details.retry_after`, else the header Retry-After.
  std::optional<std::chrono::seconds> retry_after = {};
  /// Whether the same request may succeed later.
  bool temporary = false;
  /// False when it is certain that the server has not seen the request.
  bool sent = false;
  /// Of create_call: repeat the call with this key and it is placed once at most, whatever has happened.
  std::string idempotency_key = {};
};

/// The base of all exceptions of the SDK; thrown itself for whatever has no class of its own.
class TRUNKLINE_EXPORT Error : public std::runtime_error {
 public:
  /// Of a failure as a value.
  explicit Error(Failure failure);

  /// What the server said, or what happened. what() adds code, status and request id.
  const std::string& message() const noexcept { return failure_->message; }
  /// The API's error code (voice API, section 8.3).
  std::optional<int> code() const noexcept { return failure_->code; }
  /// An object, maybe empty.
  const Json& details() const noexcept { return failure_->details; }
  /// The HTTP status; 0 when there was no answer.
  int status() const noexcept { return failure_->status; }
  /// Finds the request in the server's log; empty when none was made.
  const std::string& request_id() const noexcept { return failure_->request_id; }
  /// How long the server asks to wait.
  std::optional<std::chrono::seconds> retry_after() const noexcept { return failure_->retry_after; }
  /// Of create_call: the key to repeat the very same call with.
  const std::string& idempotency_key() const noexcept { return failure_->idempotency_key; }
  /// All of it.
  const Failure& failure() const noexcept { return *failure_; }

 private:
  // Shared, since copying an exception must not fail.
  std::shared_ptr<const Failure> failure_;
};

/// Status 401: no API key, one that is not valid, or one that has expired (codes 1001 to 1003). Also: the
/// signature of a tool request is wrong.
class TRUNKLINE_EXPORT AuthenticationError : public Error {
 public:
  using Error::Error;
};

/// Status 403: no subscription, or its grace period is over (codes 1005, 7008).
class TRUNKLINE_EXPORT SubscriptionError : public Error {
 public:
  using Error::Error;
};

/// Status 429: too many requests, or a quota is used up (codes 6001, 6002). See retry_after().
class TRUNKLINE_EXPORT RateLimitError : public Error {
 public:
  using Error::Error;
};

/// Status 400 or 422: the request is wrong (codes 2001, 2002, 7004, 7005). Status 0: the SDK refused
/// arguments before a request was made, or a body that was to be parsed.
class TRUNKLINE_EXPORT ValidationError : public Error {
 public:
  using Error::Error;
};

/// Any other status on a path of calls, such as 404 for an unknown call (code 7003) or 409 for an
/// idempotency key that came with another body.
class TRUNKLINE_EXPORT CallError : public Error {
 public:
  using Error::Error;
};

/// The server cannot be reached or the connection broke. `failure().sent` tells whether the server may have
/// seen the request.
class TRUNKLINE_EXPORT ConnectionError : public Error {
 public:
  using Error::Error;
};

/// No answer in time, or wait_for_call() ran out of time. `failure().sent` as with ConnectionError.
class TRUNKLINE_EXPORT TimeoutError : public Error {
 public:
  using Error::Error;
};

/// Throws the exception of the failure's kind.
[[noreturn]] TRUNKLINE_EXPORT void throw_failure(const Failure& failure);

}  // namespace trunkline::inline v1
