/// \file
/// The error classes of the engagement API (section 6), all derived from trunkline::Error.
#pragma once

#include "trunkline/error.hpp"

namespace trunkline::inline v1::engagement {

using v1::AuthenticationError;
using v1::Error;
using v1::RateLimitError;

/// The request is wrong (400, 409), or there is no such customer (404), or the SDK itself refused it.
class TRUNKLINE_EXPORT InvalidRequestError : public Error {
 public:
  using Error::Error;
};

/// The server failed or could not be reached, after all tries.
class TRUNKLINE_EXPORT ApiError : public Error {
 public:
  using Error::Error;
};

/// Throws AuthenticationError, RateLimitError, InvalidRequestError or ApiError.
[[noreturn]] TRUNKLINE_EXPORT void throw_engagement_failure(const Failure& failure);

}  // namespace trunkline::inline v1::engagement
