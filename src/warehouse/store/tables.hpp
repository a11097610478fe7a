// The tables of the schema telco that providers' rows go to, and how a row becomes a Record of each. What is
// made at the program's start from these constants is made in tables.cpp too, since the order between files
// is not defined.
#pragma once

#include "warehouse/rows.hpp"
#include "warehouse/store/bulk.hpp"

namespace trunkline::warehouse::store {

extern const TableAccess calls_table;
extern const TableAccess calls_by_session;  // the same rows by the session that they share
extern const db::Statement calls_between;   // of a provider's account: from $3 to $4
extern const TableAccess charges_table;
extern const TableAccess recordings_table;
extern const TableAccess messages_table;
extern const TableAccess billing_table;
extern const TableAccess numbers_table;
extern const TableAccess agents_table;
extern const TableAccess resources_table;

// The positions of those columns of telco.calls that the store computes with.
struct CallColumns {
  std::size_t external_call_id, session_id, is_primary, from_number, to_number, direction, started_at,
      duration_seconds, billable_seconds, status, cost, cost_units, currency, has_recording, recording_url,
      recording_url_expires_at, recording_duration_seconds, call_date, feed, leg_direction, shadow_of,
      as_sent, standing, is_settled, raw_data;
};
extern const CallColumns call_columns;

// What all rows of one write have in common.
struct Stamp {
  Instant now{};
  std::string feed = {};
};

// The key of the row is in the record, hashes and standing too; columns that only the store writes have their
// first values.
Record record_of(const CallRow& row, const Stamp& stamp);
Record record_of(const ChargeRow& row, const Stamp& stamp);
Record record_of(const RecordingRow& row, const Stamp& stamp);
Record record_of(const MessageRow& row, const Stamp& stamp);
Record record_of(const BillingRow& row, const Stamp& stamp);
Record record_of(const PhoneNumberRow& row, const Stamp& stamp);
Record record_of(const AgentRow& row, const Stamp& stamp);
Record record_of(const ResourceRow& row, const Stamp& stamp);

}  // namespace trunkline::warehouse::store
