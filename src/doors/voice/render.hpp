// Domain values in the words of the voice API.
#pragma once

#include <span>
#include <string>

#include "base/json/value.hpp"
#include "base/json/write.hpp"
#include "calls/calls.hpp"
#include "calls/tools.hpp"

namespace trunkline::doors::voice {

// contracts/voice-api.md, section 3.2, without the transcript when there is none to show (lists).
void write_call(json::Writer& writer, const calls::Call& call, const calls::Transcript* transcript);
// Its lines as an array of role, text and timestamp.
void write_transcript(json::Writer& writer, const calls::Transcript& transcript);
std::string call_body(const calls::CallDetail& detail);
// Section 3.1: what placing a call answers, now and when it is replayed.
std::string placed_body(const calls::Call& call);
void write_tool(json::Writer& writer, const calls::RegisteredTool& tool);

// Their schemas, for the OpenAPI document.
json::Value call_schema(bool with_transcript);
json::Value placed_schema();
json::Value tool_schema();
json::Value error_schema();

}  // namespace trunkline::doors::voice
