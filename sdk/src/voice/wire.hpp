// The voice API's JSON, written and read.
#pragma once

#include "core/json_fields.hpp"
#include "trunkline/voice/account.hpp"
#include "trunkline/voice/calls.hpp"
#include "trunkline/voice/tools.hpp"

namespace trunkline::inline v1::voice::wire {

// Fields that are empty are left out, as the published clients do.
Json write_call_request(const CallRequest& request);
Json write_tool(const ToolDefinition& definition);
Json write_api_key_request(const ApiKeyRequest& request);

// Each takes an object; what is missing in it stays empty.
Call read_call(Json value);
PlacedCall read_placed_call(Json value);
CallPage read_call_page(Json value);
std::vector<TranscriptEntry> read_transcript(const Json& owner);
Tool read_tool(Json value);
DeletedTool read_deleted_tool(Json value);
Usage read_usage(Json value);
ApiKey read_api_key(Json value);
Subscription read_subscription(Json value);
PaymentPage read_payment_page(Json value);
Session read_session(Json value);

// The objects of a bare array, or of the array `items` in an object.
std::vector<Json> list_of(const Json& value);

}  // namespace trunkline::inline v1::voice::wire
