// Retell's objects in the warehouse's words (contracts/warehouse.md, sections 5 and 6). Pure: an object that
// cannot be read fails with provider_malformed and the pointer of the member at fault.
#pragma once

#include "warehouse/http/fields.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse::retell {

struct Reading {
  std::string_view default_region;
  bool all_recordings = false;  // also the multi-channel and the scrubbed ones
};

// A call with its charges and recordings, from a list, from get-call or from a webhook.
Result<void> add_call(const json::Value& call, const Reading& reading, Revision revision, RowSet& rows);

Result<PhoneNumberRow> phone_number(const json::Value& row, const Reading& reading);
Result<AgentRow> agent(const json::Value& row);
// Of an agent or a number, where it has one: an account's webhooks are settings of these.
std::optional<ResourceRow> webhook_of(const json::Value& row, std::string_view kind, std::string_view id,
                                      std::string_view url_key);
// Prompts and tools can hold other people's keys: of these only digests and names are kept.
Result<ResourceRow> llm(const json::Value& row);
Result<ResourceRow> resource(const json::Value& row, std::string_view kind, std::string_view id_key,
                             std::string_view name_key);

}  // namespace trunkline::warehouse::retell
