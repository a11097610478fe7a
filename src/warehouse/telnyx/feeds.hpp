// The table of Telnyx's feeds: where each is read and what its rows become (contracts/warehouse.md, sections
// 3 and 11).
#pragma once

#include "warehouse/provider.hpp"

namespace trunkline::warehouse::telnyx {

enum class Rows : std::uint8_t {
  calls,     // detail records that are calls
  charges,   // detail records that are components of a call's cost
  messages,  // detail records of messages
  message_reports,
  recordings,
  phone_numbers,
  resources,
  invoices,
  balance,
  charges_summary,
  charges_breakdown,
  call_reports,  // batch reports as CSV
};

struct FeedSource {
  std::string_view name;
  Rows rows;
  SyncType type;
  std::string_view path;         // below the base URL
  std::string_view record_type;  // of detail records
  std::string_view time_field;   // by which windows are asked for
  std::string_view label;        // the component of a charge, or the kind of a resource
  std::string_view name_key;     // of a resource
  bool on_by_default = true;
};

std::span<const FeedSource> feed_sources();
// Nothing when there is no such feed.
const FeedSource* source_of(std::string_view feed);
// The feeds that are on for the account.
std::vector<Feed> feeds_of(const ProviderAccount& account);

}  // namespace trunkline::warehouse::telnyx
