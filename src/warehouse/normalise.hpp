// The rules of contracts/warehouse.md, section 5, as pure functions: what a provider wrote becomes what the
// warehouse holds. Every client uses these and no rules of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json/value.hpp"
#include "warehouse/provider.hpp"
#include "warehouse/rows.hpp"

namespace trunkline::warehouse {

// Numbers

// E.164 when the text is a valid number, else the trimmed text; nothing when it is empty. `plus_first`: 8 to
// 15 digits that do not start with 0 are tried with a plus in front first (Zadarma).
std::optional<std::string> normalise_number(std::string_view text, std::string_view default_region,
                                            bool plus_first = false);
// Whether normalise_number gave a number and not a text.
bool is_e164(std::string_view text);

// Values of JSON whose types drift: a number or a text, `true` or "true" or "1".

// The text, or the number's own digits as they were written; nothing for null, absent and other kinds.
std::optional<std::string> text_of(const json::Value* value);
// The same without empty texts.
std::optional<std::string> filled_text_of(const json::Value* value);
std::optional<std::int64_t> integer_of(const json::Value* value);
std::optional<bool> boolean_of(const json::Value* value);
// Exact: "1.666E-4" and 0.1 too. Nothing for null and absent; zero stays zero.
std::optional<Decimal> decimal_of(const json::Value* value);
// Cents as dollars.
std::optional<Decimal> dollars_of_cents(const json::Value* value);
// As stored: 8 places, half even.
Decimal rounded_cost(const Decimal& amount);
// Milliseconds as seconds, half up.
std::optional<std::int64_t> seconds_of_milliseconds(const json::Value* value);

// Times

// ISO 8601 with 0 to 6 fraction digits, Z or an offset, none meaning UTC (Telnyx).
std::optional<Instant> instant_of_iso(const json::Value* value);
// Milliseconds since 1970 (Retell).
std::optional<Instant> instant_of_milliseconds(const json::Value* value);

enum class LocalTimeKind : std::uint8_t { unique, ambiguous, gap };

struct LocalTime {
  Instant instant;
  LocalTimeKind kind = LocalTimeKind::unique;
};

// An IANA zone. Cheap to copy.
class TimeZone {
 public:
  // Error: invalid_argument, for a name that is not in the system's table.
  static Result<TimeZone> find(std::string_view name);
  static TimeZone utc();

  const std::string& name() const { return name_; }

  // "2026-04-05 02:30:00" of this zone. An hour that comes twice is read as the first one, unless `near` lies
  // within 300 s of the second reading; one that does not exist is read with the offset before the gap.
  // Nothing when the text is no such time.
  std::optional<LocalTime> read(std::string_view local, std::optional<Instant> near = {}) const;
  // The local wall time, "2026-04-05 02:30:00".
  std::string write(Instant instant) const;
  // The local day, "2026-04-05".
  std::string day(Instant instant) const;
  // The first instant of a local day, "2026-04-05".
  std::optional<Instant> start_of_day(std::string_view day) const;
  // The same window, widened by one hour at each end that lies in an hour which comes twice or not at all.
  Window widened(Window window) const;
  Duration offset_at(Instant instant) const;

 private:
  struct Rules;
  explicit TimeZone(std::string name, std::shared_ptr<const Rules> rules)
      : name_(std::move(name)), rules_(std::move(rules)) {}
  std::string name_;
  std::shared_ptr<const Rules> rules_;
};

// Puts the marks of section 5 into raw data: `_tz` = "ambiguous" or "gap".
void mark_local_time(json::Value& raw_data, LocalTimeKind kind);

// Directions and statuses

// By our own numbers, where the provider does not say: inbound when only `to` is ours.
std::optional<Direction> direction_by_own_numbers(const std::set<std::string>* own_numbers,
                                                  const std::optional<std::string>& from,
                                                  const std::optional<std::string>& to);

CallStatus zadarma_status(std::string_view disposition);
// A Telnyx detail record of a call (§5).
CallStatus telnyx_record_status(const json::Value& record);
// The hangup_cause of a Telnyx call.hangup event.
CallStatus telnyx_hangup_status(bool answered, std::string_view hangup_cause);
CallStatus retell_status(std::string_view call_status, std::string_view disconnection_reason,
                         bool in_voicemail);

// Texts

// A JSON body as it can be stored: bytes that are not UTF-8 and lone surrogates become U+FFFD, U+0000 goes.
struct RepairedText {
  std::string text;
  bool removed_nul = false;
  bool replaced = false;
};
// For the body before it is parsed.
RepairedText repair_json(std::string_view body);
// For texts that are not JSON.
RepairedText repair_text(std::string_view text);
// Notes the repair in an object: `_text` = "nul_removed", "replaced" or both with a comma.
void mark_repair(json::Value& raw_data, const RepairedText& repair);

// Removes what must never be stored or logged, at any depth (contracts/warehouse.md, section 2, no. 21). True
// when something was there.
bool strip_secrets(json::Value& raw_data);
// A URL for messages: without its query.
std::string url_without_query(std::string_view url);

}  // namespace trunkline::warehouse
