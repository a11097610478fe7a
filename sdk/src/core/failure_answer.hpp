// Reads the failure out of an answer with a status from 400 on (voice API, section 8.1).
#pragma once

#include "trunkline/error.hpp"
#include "trunkline/transport.hpp"

namespace trunkline::inline v1::detail {

// `other` is the kind of the statuses that have none of their own: `call` on paths of calls.
Failure read_failure(const HttpResponse& answer, FailureKind other);

}  // namespace trunkline::inline v1::detail
