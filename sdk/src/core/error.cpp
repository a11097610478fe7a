#include "trunkline/error.hpp"

namespace trunkline::inline v1 {
namespace {

// "No such call (code 7003, status 404, request req_1)"
std::string description(const Failure& failure) {
  std::string facts;
  const auto add = [&](const std::string& fact) { facts += facts.empty() ? fact : ", " + fact; };
  if (failure.code) add("code " + std::to_string(*failure.code));
  if (failure.status != 0) add("status " + std::to_string(failure.status));
  if (!failure.request_id.empty()) add("request " + failure.request_id);
  return facts.empty() ? failure.message : failure.message + " (" + facts + ")";
}

}  // namespace

Error::Error(Failure failure)
    : std::runtime_error(description(failure)),
      failure_(std::make_shared<const Failure>(std::move(failure))) {}

void throw_failure(const Failure& failure) {
  switch (failure.kind) {
    case FailureKind::authentication:
      throw AuthenticationError(failure);
    case FailureKind::subscription:
      throw SubscriptionError(failure);
    case FailureKind::rate_limit:
      throw RateLimitError(failure);
    case FailureKind::validation:
      throw ValidationError(failure);
    case FailureKind::call:
      throw CallError(failure);
    case FailureKind::connection:
      throw ConnectionError(failure);
    case FailureKind::timeout:
      throw TimeoutError(failure);
    case FailureKind::other:
      break;
  }
  throw Error(failure);
}

}  // namespace trunkline::inline v1
