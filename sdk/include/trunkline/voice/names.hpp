/// \file
/// The names that every API of the SDK shares, as trunkline::voice too.
#pragma once

#include "trunkline/error.hpp"
#include "trunkline/json.hpp"
#include "trunkline/options.hpp"
#include "trunkline/result.hpp"
#include "trunkline/webhooks.hpp"

namespace trunkline::inline v1::voice {

using v1::AuthenticationError;
using v1::CallError;
using v1::ClientOptions;
using v1::ConnectionError;
using v1::Error;
using v1::Failure;
using v1::FailureKind;
using v1::Json;
using v1::RateLimitError;
using v1::ReplayGuard;
using v1::Result;
using v1::RetryPolicy;
using v1::Secrets;
using v1::sign_standard_webhook;
using v1::sign_webhook;
using v1::signature_header;
using v1::StandardCheck;
using v1::StandardHeaders;
using v1::SubscriptionError;
using v1::TimeoutError;
using v1::Timeouts;
using v1::Timestamp;
using v1::ValidationError;
using v1::verify_standard_webhook;
using v1::verify_webhook;

}  // namespace trunkline::inline v1::voice
