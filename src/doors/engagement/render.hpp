// Domain values in the words of the engagement API.
#pragma once

#include "base/json/write.hpp"
#include "engagement/contacts.hpp"
#include "engagement/erasure.hpp"
#include "engagement/merges.hpp"
#include "engagement/timeline.hpp"
#include "net/message.hpp"

namespace trunkline::doors::engagement {

// contracts/engagement-api.md, sections 2 and 3: exactly one of `created` and `updated`.
net::Response registered_response(const ::trunkline::engagement::Registered& registered);

void write_contact(json::Writer& writer, const ::trunkline::engagement::Contact& contact);
void write_entry(json::Writer& writer, const ::trunkline::engagement::TimelineEntry& entry);
void write_merge(json::Writer& writer, const ::trunkline::engagement::Merge& merge);
void write_receipt(json::Writer& writer, const ::trunkline::engagement::Receipt& receipt);

// Schemas for the OpenAPI document.
json::Value message_schema();
json::Value problem_schema();
json::Value contact_schema();
json::Value entry_schema();

}  // namespace trunkline::doors::engagement
