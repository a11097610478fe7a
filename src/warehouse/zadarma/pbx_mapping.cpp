// The legs of a PBX call and the call they make (contracts/warehouse.md, section 6.1, "Zadarma PBX").
#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "warehouse/zadarma/mapping.hpp"

namespace trunkline::warehouse::zadarma {
namespace {

// The integer part of a call_id looks like the second in which the channel was made: enough to tell apart the
// two readings of an hour that comes twice, and never the time itself (contracts/zadarma.md, section 4).
std::optional<Instant> second_in(std::string_view call_id) {
  std::int64_t second = 0;
  const auto [end, error] = std::from_chars(call_id.data(), call_id.data() + call_id.size(), second);
  if (error != std::errc() || second <= 0 || second > 10'000'000'000) return std::nullopt;
  return from_microseconds(second * 1'000'000);
}

struct ReadLeg {
  std::string call_id;
  std::string pbx_call_id;
  std::optional<LocalTime> start;
  std::string clid;
  std::string destination;
  std::string disposition;
  std::int64_t seconds = 0;
  bool is_recorded = false;

  bool is_answered() const { return zadarma_status(disposition) == CallStatus::completed; }
};

Result<ReadLeg> read_leg(const json::Value& row, const Reading& reading) {
  RowReader reader(row);
  ReadLeg leg;
  leg.call_id = reader.required("call_id");
  leg.pbx_call_id = reader.text("pbx_call_id").value_or("");
  leg.clid = reader.text("clid").value_or("");
  leg.destination = reader.text("destination").value_or("");
  leg.disposition = reader.text("disposition").value_or("");
  leg.seconds = reader.integer("seconds").value_or(0);
  leg.is_recorded = reader.boolean("is_recorded").value_or(false);
  if (const auto start = reader.text("callstart")) {
    leg.start = reading.zone.read(*start, second_in(leg.call_id));
    if (!leg.start) reader.fail_at("callstart", "is no local time");
  }
  return reader.finish(std::move(leg));
}

// Extensions have three digits (contracts/zadarma.md, section 4).
bool is_extension(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, is_digit);
}

void set_parties(CallRow& call, const ReadLeg& leg, const Reading& reading) {
  const auto normal = [&](std::string_view text) {
    return normalise_number(text, reading.default_region, true);
  };
  const std::string clid_number = number_in(leg.clid);
  if (leg.pbx_call_id.starts_with("in_")) {
    call.direction = Direction::inbound;
    call.from_number = normal(clid_number);
  } else {
    if (leg.pbx_call_id.starts_with("out_")) call.direction = Direction::outbound;
    if (!call.direction && is_extension(clid_number) && is_extension(leg.destination))
      call.direction = Direction::internal;
    const auto from = normal(clid_number);
    call.from_number = from && is_e164(*from) ? from : normalise_number(leg.clid, "", false);
  }
  call.to_number = normal(leg.destination);
}

}  // namespace

Result<std::string> pbx_call_of(const json::Value& leg, const Reading& reading) {
  const Result<ReadLeg> read = read_leg(leg, reading);
  if (!read) return fail(read.error());
  return read->pbx_call_id.empty() ? read->call_id : read->pbx_call_id;
}

std::optional<RecordingRow> recording_of_leg(const json::Value& leg, const Reading& reading) {
  const Result<ReadLeg> read = read_leg(leg, reading);
  if (!read || !read->is_recorded) return std::nullopt;
  RecordingRow recording;
  recording.external_recording_id = read->call_id;
  recording.external_call_id = read->pbx_call_id.empty() ? read->call_id : read->pbx_call_id;
  if (!read->pbx_call_id.empty()) recording.session_id = read->pbx_call_id;
  recording.duration_seconds = read->seconds;
  if (read->start) recording.created_at = read->start->instant;
  recording.format = "mp3";
  recording.raw_data = json::object({{"call_id", read->call_id}});
  return recording;
}

CallRow pbx_call(const json::Array& legs, const Reading& reading) {
  std::vector<std::pair<ReadLeg, const json::Value*>> read_legs;
  for (const json::Value& row : legs) {
    if (Result<ReadLeg> leg = read_leg(row, reading)) read_legs.emplace_back(std::move(*leg), &row);
  }
  std::ranges::sort(read_legs, {}, [](const auto& leg) {
    return std::tuple(leg.first.start ? leg.first.start->instant : Instant(), leg.first.call_id);
  });
  CallRow call;
  if (read_legs.empty()) return call;
  json::Array kept;
  const ReadLeg* decisive = &read_legs.back().first;
  LocalTimeKind kind = LocalTimeKind::unique;
  std::int64_t seconds = 0;
  for (const auto& [leg, row] : read_legs) {
    kept.push_back(stored(*row));
    if (leg.start && !call.started_at) {
      call.started_at = leg.start->instant;
      kind = leg.start->kind;
    }
    call.has_recording = call.has_recording || leg.is_recorded;
    if (!leg.is_answered()) continue;
    seconds += leg.seconds;
    decisive = &leg;
  }
  call.external_call_id = decisive->pbx_call_id.empty() ? decisive->call_id : decisive->pbx_call_id;
  if (!decisive->pbx_call_id.empty()) call.session_id = decisive->pbx_call_id;
  set_parties(call, *decisive, reading);
  call.duration_seconds = seconds;
  if (!decisive->disposition.empty()) call.disposition = decisive->disposition;
  call.status = zadarma_status(decisive->disposition);
  // What it cost stands in another feed; the warehouse brings the two together.
  call.is_settled = true;
  json::Value raw = json::object({{"legs", std::move(kept)}});
  mark_local_time(raw, kind);
  call.raw_data = raw;
  return call;
}

}  // namespace trunkline::warehouse::zadarma
