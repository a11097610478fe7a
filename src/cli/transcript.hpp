// Calls for people at a terminal.
#pragma once

#include "calls/calls.hpp"
#include "cli/output.hpp"

namespace trunkline::cli {

// "[+12 s] agent: Hello…"
std::string transcript_line(const Output& output, const calls::Call& call,
                            const calls::Transcript::Line& line);

// All that is worth knowing of a call, with its transcript.
std::string describe_call(const Output& output, const calls::CallDetail& detail);

// Prints what happens in a call until it has ended and its summary is there. Suspends.
Result<void> follow_call(Output& output, calls::Calls& calls, const tenancy::TenantScope& scope, CallId id,
                         Duration at_most);

}  // namespace trunkline::cli
