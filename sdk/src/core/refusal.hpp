// Failures that the SDK itself finds, before a request is made.
#pragma once

#include <string>
#include <utility>

#include "trunkline/error.hpp"

namespace trunkline::inline v1::detail {

inline Failure refusal(std::string message) {
  Failure failure;
  failure.kind = FailureKind::validation;
  failure.message = std::move(message);
  return failure;
}

}  // namespace trunkline::inline v1::detail
