#include "warehouse/normalise.hpp"
#include "warehouse/store/tables.hpp"

namespace trunkline::warehouse::store {
namespace {

// Fills a record by column names, in whatever order.
class Filler {
 public:
  explicit Filler(const TableAccess& access) : table_(access.table()), record_(table_.columns.size()) {}

  // Columns are given in the table's order, so the next one is nearly always the right one.
  template <class T>
  Filler& set(std::string_view column, const T& value) {
    if (next_ >= table_.columns.size() || table_.columns[next_].name != column)
      next_ = table_.position(column);
    record_[next_++] = cell(value);
    return *this;
  }
  Filler& units(std::string_view column, const std::optional<Decimal>& amount) {
    record_[table_.position(column)] = units_cell(amount);
    return *this;
  }

  // The fingerprint of what the provider said, a list's rows apart from events and single objects, which
  // would otherwise take turns; then what says when and how it came.
  Filler& fingerprint(const Revision& revision) {
    const std::string hash = hash_of(record_);
    const bool is_listed = revision.standing == Standing::record;
    set(!is_listed ? "event_hash" : "content_hash", std::optional(hash));
    set("standing", std::optional<std::int64_t>(static_cast<std::int64_t>(revision.standing)));
    return set("revision_at", revision.at);
  }
  Filler& fingerprint() { return set("content_hash", std::optional(hash_of(record_))); }

  Record take() { return std::move(record_); }

 private:
  const Table& table_;
  Record record_;
  std::size_t next_ = 0;
};

std::optional<std::string> text_of(const std::optional<Direction>& direction) {
  if (!direction) return std::nullopt;
  return std::string(to_text(*direction));
}

const std::optional<Instant> never;

}  // namespace

Record record_of(const CallRow& row, const Stamp& stamp) {
  return Filler(calls_table)
      .set("external_call_id", row.external_call_id)
      .set("session_id", row.session_id)
      .set("is_primary", true)
      .set("from_number", row.from_number)
      .set("to_number", row.to_number)
      .set("direction", text_of(row.direction))
      .set("started_at", row.started_at)
      .set("answered_at", row.answered_at)
      .set("ended_at", row.ended_at)
      .set("duration_seconds", row.duration_seconds)
      .set("billable_seconds", row.billable_seconds)
      .set("status", to_text(row.status))
      .set("disposition", row.disposition)
      .set("hangup_cause", row.hangup_cause)
      .set("cost", row.cost)
      .units("cost_units", row.cost)
      .set("currency", row.currency)
      .set("retell_agent_id", row.retell_agent_id)
      .set("retell_agent_name", row.retell_agent_name)
      .set("transcript", row.transcript)
      .set("sentiment", row.sentiment)
      .set("answered_by", row.answered_by)
      .set("has_recording", row.has_recording)
      .set("feed", stamp.feed.empty() ? std::nullopt : std::optional(stamp.feed))
      .set("leg_direction", text_of(row.leg_direction))
      .set("raw_data", row.raw_data.text())
      .fingerprint(row.revision)
      .set("is_settled", row.is_settled)
      .set("source_hash", row.source_hash)
      .set("synced_at", std::optional(stamp.now))
      .set("created_at", std::optional(stamp.now))
      .take();
}

Record record_of(const ChargeRow& row, const Stamp& stamp) {
  return Filler(charges_table)
      .set("external_charge_id", row.external_charge_id)
      .set("external_call_id", row.external_call_id)
      .set("session_id", row.session_id)
      .set("component", row.component)
      .set("amount", row.amount)
      .units("amount_units", row.amount)
      .set("currency", row.currency)
      .set("quantity", row.quantity)
      .set("charged_at", row.charged_at)
      .set("is_in_call_cost", row.is_in_call_cost)
      .set("raw_data", row.raw_data)
      .fingerprint()
      .set("synced_at", std::optional(stamp.now))
      .take();
}

Record record_of(const RecordingRow& row, const Stamp& stamp) {
  // A link is signed anew each time it is asked for: that alone does not make the recording another one.
  Filler filler(recordings_table);
  filler.set("external_recording_id", row.external_recording_id)
      .set("external_call_id", row.external_call_id)
      .set("session_id", row.session_id)
      .set("recording_url",
           row.recording_url ? std::optional(url_without_query(*row.recording_url)) : std::nullopt)
      .set("duration_seconds", row.duration_seconds)
      .set("file_size_bytes", row.file_size_bytes)
      .set("format", row.format)
      .set("transcription", row.transcription)
      .set("transcription_confidence", row.transcription_confidence)
      .set("created_at", row.created_at)
      .fingerprint(row.revision);
  return filler.set("recording_url", row.recording_url)
      .set("recording_url_expires_at", row.recording_url_expires_at)
      .set("status", std::optional(std::string(row.recording_url ? "linked" : "wanted")))
      .set("attempts", std::optional<std::int64_t>(0))
      .set("raw_data", row.raw_data)
      .set("synced_at", std::optional(stamp.now))
      .take();
}

Record record_of(const MessageRow& row, const Stamp& stamp) {
  return Filler(messages_table)
      .set("external_message_id", row.external_message_id)
      .set("from_number", row.from_number)
      .set("to_number", row.to_number)
      .set("direction", text_of(row.direction))
      .set("message_type", row.message_type)
      .set("body", row.body)
      .set("media_urls", row.media_urls.value_or(json::Value()))
      .set("status", row.status)
      .set("segments", row.segments)
      .set("cost", row.cost)
      .units("cost_units", row.cost)
      .set("currency", row.currency)
      .set("sent_at", row.sent_at)
      .set("delivered_at", row.delivered_at)
      .set("raw_data", row.raw_data)
      .fingerprint(row.revision)
      .set("is_settled", row.is_settled)
      .set("synced_at", std::optional(stamp.now))
      .set("created_at", std::optional(stamp.now))
      .take();
}

Record record_of(const BillingRow& row, const Stamp& stamp) {
  return Filler(billing_table)
      .set("item_key", row.item_key)
      .set("invoice_id", row.invoice_id)
      .set("invoice_date", row.invoice_date)
      .set("item_type", row.item_type)
      .set("description", row.description)
      .set("quantity", row.quantity)
      .set("unit_price", row.unit_price)
      .set("total", row.total)
      .units("total_units", row.total)
      .set("currency", row.currency)
      .set("period_start", row.period_start)
      .set("period_end", row.period_end)
      .set("phone_number", row.phone_number)
      .set("raw_data", row.raw_data)
      .fingerprint()
      .set("synced_at", std::optional(stamp.now))
      .take();
}

Record record_of(const PhoneNumberRow& row, const Stamp& stamp) {
  return Filler(numbers_table)
      .set("phone_number", row.phone_number)
      .set("phone_number_e164", row.phone_number_e164)
      .set("nickname", row.nickname)
      .set("status", row.status)
      .set("city", row.city)
      .set("monthly_cost", row.monthly_cost)
      .set("currency", row.currency)
      .set("retell_agent_id", row.retell_agent_id)
      .set("metadata", row.metadata)
      .set("held_since", row.held_since)
      .fingerprint()
      .set("released_at", never)
      .set("last_synced", std::optional(stamp.now))
      .set("created_at", std::optional(stamp.now))
      .take();
}

Record record_of(const AgentRow& row, const Stamp& stamp) {
  return Filler(agents_table)
      .set("agent_id", row.agent_id)
      .set("agent_name", row.agent_name)
      .set("voice_id", row.voice_id)
      .set("language", row.language)
      .set("raw_data", row.raw_data)
      .fingerprint()
      .set("last_synced", std::optional(stamp.now))
      .set("created_at", std::optional(stamp.now))
      .take();
}

Record record_of(const ResourceRow& row, const Stamp& stamp) {
  return Filler(resources_table)
      .set("resource_key", std::optional(row.kind + "/" + row.external_id))
      .set("kind", row.kind)
      .set("external_id", row.external_id)
      .set("name", row.name)
      .set("status", row.status)
      .set("data", row.data)
      .fingerprint()
      .set("first_seen", std::optional(stamp.now))
      .set("last_seen", std::optional(stamp.now))
      .take();
}

}  // namespace trunkline::warehouse::store
