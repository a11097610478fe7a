#include "warehouse/store/tables.hpp"

#include <array>

namespace trunkline::warehouse::store {
namespace {

using enum ColumnKind;

constexpr auto call_list = std::to_array<Column>({
    {"external_call_id", text, Rule::key},
    {"session_id", text, Rule::merge},
    {"is_primary", boolean, Rule::kept},
    {"from_number", text, Rule::merge},
    {"to_number", text, Rule::merge},
    {"direction", text, Rule::merge},
    {"started_at", ColumnKind::time, Rule::merge},
    {"answered_at", ColumnKind::time, Rule::merge},
    {"ended_at", ColumnKind::time, Rule::merge},
    {"duration_seconds", integer, Rule::merge},
    {"billable_seconds", integer, Rule::merge},
    {"status", text, Rule::status},
    {"disposition", text, Rule::merge},
    {"hangup_cause", text, Rule::merge},
    {"cost", amount, Rule::merge},
    {"cost_units", integer, Rule::merge},
    {"currency", text, Rule::merge},
    {"retell_agent_id", text, Rule::merge},
    {"retell_agent_name", text, Rule::merge},
    {"transcript", text, Rule::merge},
    {"sentiment", text, Rule::merge},
    {"answered_by", text, Rule::merge},
    {"has_recording", boolean, Rule::either},
    {"recording_url", text, Rule::kept},
    {"recording_url_expires_at", ColumnKind::time, Rule::kept},
    {"recording_duration_seconds", integer, Rule::kept},
    {"call_date", date, Rule::kept},
    {"feed", text, Rule::merge},
    {"leg_direction", text, Rule::merge},
    {"shadow_of", text, Rule::kept},
    {"as_sent", text, Rule::kept},
    {"standing", integer, Rule::kept},
    {"revision_at", ColumnKind::time, Rule::kept},
    {"is_settled", boolean, Rule::either},
    {"looked_for_at", ColumnKind::time, Rule::kept},
    {"content_hash", text, Rule::kept},
    {"event_hash", text, Rule::kept},
    {"source_hash", integer, Rule::merge},
    {"raw_data", ColumnKind::json, Rule::merge},
    {"synced_at", ColumnKind::time, Rule::kept},
    {"created_at", ColumnKind::time, Rule::first},
});

constexpr auto charge_list = std::to_array<Column>({
    {"external_charge_id", text, Rule::key},
    {"external_call_id", text, Rule::merge},
    {"session_id", text, Rule::merge},
    {"call_id", integer, Rule::kept},
    {"component", text, Rule::merge},
    {"amount", amount, Rule::merge},
    {"amount_units", integer, Rule::merge},
    {"currency", text, Rule::merge},
    {"quantity", amount, Rule::merge},
    {"charged_at", ColumnKind::time, Rule::merge},
    {"charge_date", date, Rule::kept},
    {"is_in_call_cost", boolean, Rule::either},
    {"content_hash", text, Rule::kept},
    {"raw_data", ColumnKind::json, Rule::merge},
    {"synced_at", ColumnKind::time, Rule::kept},
});

constexpr auto recording_list = std::to_array<Column>({
    {"external_recording_id", text, Rule::key},
    {"call_id", integer, Rule::kept},
    {"external_call_id", text, Rule::merge},
    {"session_id", text, Rule::merge},
    {"recording_url", text, Rule::merge},
    {"recording_url_expires_at", ColumnKind::time, Rule::merge},
    {"duration_seconds", integer, Rule::merge},
    {"file_size_bytes", integer, Rule::merge},
    {"format", text, Rule::merge},
    {"s3_bucket", text, Rule::kept},
    {"s3_key", text, Rule::kept},
    {"local_path", text, Rule::kept},
    {"metadata", ColumnKind::json, Rule::kept},
    {"transcription", text, Rule::merge},
    {"transcription_confidence", amount, Rule::merge},
    {"status", text, Rule::kept},
    {"attempts", integer, Rule::kept},
    {"tried_at", ColumnKind::time, Rule::kept},
    {"standing", integer, Rule::kept},
    {"revision_at", ColumnKind::time, Rule::kept},
    {"content_hash", text, Rule::kept},
    {"event_hash", text, Rule::kept},
    {"raw_data", ColumnKind::json, Rule::merge},
    {"created_at", ColumnKind::time, Rule::merge},
    {"synced_at", ColumnKind::time, Rule::kept},
});

constexpr auto message_list = std::to_array<Column>({
    {"external_message_id", text, Rule::key},
    {"from_number", text, Rule::merge},
    {"to_number", text, Rule::merge},
    {"direction", text, Rule::merge},
    {"message_type", text, Rule::merge},
    {"body", text, Rule::merge},
    {"media_urls", ColumnKind::json, Rule::merge},
    {"status", text, Rule::merge},
    {"segments", integer, Rule::merge},
    {"cost", amount, Rule::merge},
    {"cost_units", integer, Rule::merge},
    {"currency", text, Rule::merge},
    {"sent_at", ColumnKind::time, Rule::merge},
    {"delivered_at", ColumnKind::time, Rule::merge},
    {"standing", integer, Rule::kept},
    {"revision_at", ColumnKind::time, Rule::kept},
    {"is_settled", boolean, Rule::either},
    {"looked_for_at", ColumnKind::time, Rule::kept},
    {"content_hash", text, Rule::kept},
    {"event_hash", text, Rule::kept},
    {"raw_data", ColumnKind::json, Rule::merge},
    {"synced_at", ColumnKind::time, Rule::kept},
    {"created_at", ColumnKind::time, Rule::first},
});

constexpr auto billing_list = std::to_array<Column>({
    {"item_key", text, Rule::key},
    {"invoice_id", text, Rule::truth},
    {"invoice_date", date, Rule::truth},
    {"item_type", text, Rule::truth},
    {"description", text, Rule::truth},
    {"quantity", amount, Rule::truth},
    {"unit_price", amount, Rule::truth},
    {"total", amount, Rule::truth},
    {"total_units", integer, Rule::truth},
    {"currency", text, Rule::truth},
    {"period_start", date, Rule::truth},
    {"period_end", date, Rule::truth},
    {"phone_number", text, Rule::truth},
    {"content_hash", text, Rule::kept},
    {"raw_data", ColumnKind::json, Rule::truth},
    {"synced_at", ColumnKind::time, Rule::kept},
});

constexpr auto number_list = std::to_array<Column>({
    {"phone_number", text, Rule::key},
    {"phone_number_e164", text, Rule::truth},
    {"nickname", text, Rule::truth},
    {"status", text, Rule::truth},
    {"city", text, Rule::truth},
    {"monthly_cost", amount, Rule::merge},  // it may come from another feed than the listing
    {"currency", text, Rule::merge},
    {"retell_agent_id", text, Rule::truth},
    {"retell_agent_name", text, Rule::kept},
    {"metadata", ColumnKind::json, Rule::truth},
    {"held_since", ColumnKind::time, Rule::merge},
    {"released_at", ColumnKind::time, Rule::truth},
    {"content_hash", text, Rule::kept},
    {"last_synced", ColumnKind::time, Rule::kept},
    {"created_at", ColumnKind::time, Rule::first},
});

constexpr auto agent_list = std::to_array<Column>({
    {"agent_id", text, Rule::key},
    {"agent_name", text, Rule::truth},
    {"voice_id", text, Rule::truth},
    {"language", text, Rule::truth},
    {"released_at", ColumnKind::time, Rule::truth},
    {"content_hash", text, Rule::kept},
    {"raw_data", ColumnKind::json, Rule::truth},
    {"last_synced", ColumnKind::time, Rule::kept},
    {"created_at", ColumnKind::time, Rule::first},
});

constexpr auto resource_list = std::to_array<Column>({
    {"resource_key", text, Rule::key},
    {"kind", text, Rule::truth},
    {"external_id", text, Rule::truth},
    {"name", text, Rule::truth},
    {"status", text, Rule::truth},
    {"data", ColumnKind::json, Rule::truth},
    {"content_hash", text, Rule::kept},
    {"first_seen", ColumnKind::time, Rule::first},
    {"last_seen", ColumnKind::time, Rule::kept},
    {"released_at", ColumnKind::time, Rule::truth},
});

const Table calls_description{"telco.calls", call_list};
const Table charges_description{"telco.call_charges", charge_list};
const Table recordings_description{"telco.recordings", recording_list};
const Table messages_description{"telco.messages", message_list};
const Table billing_description{"telco.billing_items", billing_list};
const Table numbers_description{"telco.phone_numbers", number_list};
const Table agents_description{"telco.retell_agents", agent_list};
const Table resources_description{"telco.provider_resources", resource_list};

CallColumns find_call_columns() {
  const auto at = [](std::string_view name) { return calls_description.position(name); };
  return {at("external_call_id"),
          at("session_id"),
          at("is_primary"),
          at("from_number"),
          at("to_number"),
          at("direction"),
          at("started_at"),
          at("duration_seconds"),
          at("billable_seconds"),
          at("status"),
          at("cost"),
          at("cost_units"),
          at("currency"),
          at("has_recording"),
          at("recording_url"),
          at("recording_url_expires_at"),
          at("recording_duration_seconds"),
          at("call_date"),
          at("feed"),
          at("leg_direction"),
          at("shadow_of"),
          at("as_sent"),
          at("standing"),
          at("is_settled"),
          at("raw_data")};
}

}  // namespace

const TableAccess calls_table(calls_description, "external_call_id");
const TableAccess charges_table(charges_description, "external_charge_id");
const TableAccess recordings_table(recordings_description, "external_recording_id");
const TableAccess messages_table(messages_description, "external_message_id");
const TableAccess billing_table(billing_description, "item_key");
const TableAccess numbers_table(numbers_description, "phone_number");
const TableAccess agents_table(agents_description, "agent_id");
const TableAccess resources_table(resources_description, "resource_key");
const CallColumns call_columns = find_call_columns();
const TableAccess calls_by_session(calls_description, "session_id");

namespace {
const std::string calls_between_sql = "SELECT " + calls_table.read_columns() +
                                      " FROM telco.calls WHERE provider_id = $1 AND account = $2"
                                      " AND started_at >= $3::text::timestamptz"
                                      " AND started_at <= $4::text::timestamptz";
}  // namespace
const db::Statement calls_between{"warehouse.calls_between", calls_between_sql};

}  // namespace trunkline::warehouse::store
