#include "warehouse/telnyx/feeds.hpp"

#include <algorithm>

namespace trunkline::warehouse::telnyx {
namespace {

constexpr std::string_view records = "/detail_records";

constexpr std::array<FeedSource, 29> sources{{
    {"phone_numbers", Rows::phone_numbers, SyncType::phone_numbers, "/phone_numbers", "", "", "", ""},
    {"fqdn_connections", Rows::resources, SyncType::phone_numbers, "/fqdn_connections", "", "",
     "fqdn_connection", "connection_name"},
    {"fqdns", Rows::resources, SyncType::phone_numbers, "/fqdns", "", "", "fqdn", "fqdn"},
    {"outbound_voice_profiles", Rows::resources, SyncType::phone_numbers, "/outbound_voice_profiles", "", "",
     "outbound_voice_profile", "name"},
    {"messaging_profiles", Rows::resources, SyncType::phone_numbers, "/messaging_profiles", "", "",
     "messaging_profile", "name"},
    {"call_control_applications", Rows::resources, SyncType::phone_numbers, "/call_control_applications", "",
     "", "call_control_application", "application_name"},
    {"number_orders", Rows::resources, SyncType::phone_numbers, "/number_orders", "", "", "number_order",
     "customer_reference"},
    {"portouts", Rows::resources, SyncType::phone_numbers, "/portouts", "", "", "portout", ""},
    {"portout_events", Rows::resources, SyncType::phone_numbers, "/portouts/events", "", "created_at",
     "portout_event", "event_type"},
    {"verify_profiles", Rows::resources, SyncType::phone_numbers, "/verify_profiles", "", "",
     "verify_profile", "name"},
    {"billing_groups", Rows::resources, SyncType::phone_numbers, "/billing_groups", "", "", "billing_group",
     "name"},
    {"sip_trunking", Rows::calls, SyncType::calls, records, "sip-trunking", "started_at", "", ""},
    {"call_control", Rows::charges, SyncType::calls, records, "call-control", "started_at", "call_control",
     ""},
    {"webrtc", Rows::calls, SyncType::calls, records, "webrtc", "started_at", "", "", false},
    {"amd", Rows::charges, SyncType::calls, records, "amd", "invoked_at", "amd", "", false},
    {"recording_charges", Rows::charges, SyncType::calls, records, "recording", "started_at", "recording", "",
     false},
    {"stt", Rows::charges, SyncType::calls, records, "stt", "start_time", "stt", "", false},
    {"tts", Rows::charges, SyncType::calls, records, "tts", "created_at", "tts", "", false},
    {"ai_voice_assistant", Rows::charges, SyncType::calls, records, "ai-voice-assistant", "created_at",
     "ai_voice_assistant", "", false},
    {"conference_participants", Rows::charges, SyncType::calls, records, "conference-participant",
     "joined_at", "conference", "", false},
    {"verify", Rows::charges, SyncType::calls, records, "verify", "created_at", "verify", "", false},
    {"call_reports", Rows::call_reports, SyncType::calls, "/batch_detail_records/voice", "", "", "", "",
     false},
    {"recordings", Rows::recordings, SyncType::recordings, "/recordings", "", "created_at", "", ""},
    {"messages", Rows::messages, SyncType::messages, records, "messaging", "created_at", "", ""},
    {"message_reports", Rows::message_reports, SyncType::messages, "/reports/mdrs", "", "", "", "", false},
    {"balance", Rows::balance, SyncType::balance, "/balance", "", "", "", ""},
    {"invoices", Rows::invoices, SyncType::billing, "/invoices", "", "", "", ""},
    {"charges_summary", Rows::charges_summary, SyncType::billing, "/charges_summary", "", "", "", ""},
    {"charges_breakdown", Rows::charges_breakdown, SyncType::billing, "/charges_breakdown", "", "", "", ""},
}};

Feed feed_of(const FeedSource& source) {
  Feed feed{.name = std::string(source.name), .type = source.type, .on_by_default = source.on_by_default};
  switch (source.rows) {
    case Rows::calls:
    case Rows::charges:
    case Rows::messages:
    case Rows::message_reports:
      feed.order = FeedOrder::newest_first;
      feed.overlap = hours(72);
      feed.window_max = days(7);
      break;
    case Rows::call_reports:
      feed.order = FeedOrder::ascending;
      feed.overlap = hours(72);
      feed.window_max = days(1);
      break;
    case Rows::recordings:
      feed.order = FeedOrder::newest_first;
      feed.window_max = days(30);
      break;
    case Rows::charges_summary:
    case Rows::charges_breakdown:
      // A month stays open until it is billed.
      feed.overlap = days(35);
      feed.window_max = days(31);
      break;
    case Rows::phone_numbers:
    case Rows::resources:
    case Rows::invoices:
    case Rows::balance:
      feed.scope = FeedScope::listing;
      break;
  }
  if (source.rows == Rows::calls) feed.fingerprint_version = 1;
  feed.lists_phone_numbers = source.rows == Rows::phone_numbers;
  // Events are added and never taken back: their absence says nothing.
  if (source.rows == Rows::resources && source.name != "portout_events")
    feed.resource_kinds = {std::string(source.label)};
  return feed;
}

}  // namespace

std::span<const FeedSource> feed_sources() {
  return sources;
}

const FeedSource* source_of(std::string_view feed) {
  const auto* const found = std::ranges::find(sources, feed, &FeedSource::name);
  return found == sources.end() ? nullptr : found;
}

std::vector<Feed> feeds_of(const ProviderAccount& account) {
  std::vector<Feed> on;
  for (const FeedSource& source : sources) {
    const std::string name(source.name);
    const bool is_on =
        source.on_by_default ? !account.feeds_off.contains(name) : account.feeds_on.contains(name);
    if (is_on) on.push_back(feed_of(source));
  }
  return on;
}

}  // namespace trunkline::warehouse::telnyx
