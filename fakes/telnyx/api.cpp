#include "fakes/telnyx/api.hpp"

#include <set>

#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/text.hpp"
#include "fakes/telnyx/reference.hpp"

namespace trunkline::fakes::telnyx {
namespace {

Reply ok(const json::Value& body) {
  return {.body = json::write(body)};
}
Reply not_found() {
  return api_error(404, "10005", "Resource not found", "The requested resource or URL could not be found.");
}

struct RecordKind {
  std::string_view name;
  Record record;
  std::string_view time_field;
};
constexpr std::array<RecordKind, 5> kinds{{{"sip-trunking", Record::sip_trunking, "started_at"},
                                           {"call-control", Record::call_control, "started_at"},
                                           {"amd", Record::amd, "invoked_at"},
                                           {"recording", Record::recording, "started_at"},
                                           {"messaging", Record::messaging, "created_at"}}};
// Kinds of which this account has none.
constexpr std::array<std::string_view, 16> empty_kinds{"ai-voice-assistant",
                                                       "conference",
                                                       "conference-participant",
                                                       "embedding",
                                                       "fax",
                                                       "inference",
                                                       "inference-speech-to-text",
                                                       "media_storage",
                                                       "media-streaming",
                                                       "noise-suppression",
                                                       "siprec-client",
                                                       "stt",
                                                       "tts",
                                                       "verify",
                                                       "webrtc",
                                                       "wireless"};

struct PageNumbers {
  std::int64_t number;
  std::int64_t size;
  std::int64_t total;

  std::int64_t first() const { return (number - 1) * size; }
  std::int64_t end() const { return std::min(first() + size, total); }
  json::Value meta(std::int64_t said_total) const {
    return json::object({{"page_number", number},
                         {"page_size", size},
                         {"total_pages", (said_total + size - 1) / size},
                         {"total_results", said_total}});
  }
};

PageNumbers page_of(const Query& query, std::int64_t default_size, std::int64_t size_max,
                    std::int64_t total) {
  return {.number = std::max<std::int64_t>(1, query.number("page[number]", 1)),
          .size = std::clamp<std::int64_t>(query.number("page[size]", default_size), 1, size_max),
          .total = total};
}

// The rows that a query's filters let through, oldest first: all of a feed's, or those at some positions.
class ChosenRows {
 public:
  // Filters on time were heeded when the feed was made. A filter on a field that the records do not have
  // finds nothing.
  ChosenRows(const FeedRows& rows, const Query& query, std::string_view time_field,
             const std::function<json::Value(const RowPattern::Place&)>& read)
      : rows_(rows) {
    std::set<std::string> fields;
    for (const std::string& field : query.filtered_fields()) {
      if (field != "record_type" && field != "date_range" && field != time_field) fields.insert(field);
    }
    if (fields.empty()) return;
    positions_.emplace();
    for (std::int64_t at = 0; at < rows.size(); ++at) {
      const json::Value row = read(rows.at(at));
      const bool matches = std::ranges::all_of(fields, [&](const std::string& field) {
        const json::Value* member = row.find(field);
        if (member == nullptr) return false;
        const std::string* text = member->as_text();
        return query.matches(field, text == nullptr ? member->number_text().value_or("") : *text);
      });
      if (matches) positions_->push_back(at);
    }
  }

  std::int64_t size() const {
    return positions_ ? static_cast<std::int64_t>(positions_->size()) : rows_.size();
  }
  RowPattern::Place at(std::int64_t position) const {
    return rows_.at(positions_ ? (*positions_)[static_cast<std::size_t>(position)] : position);
  }

 private:
  const FeedRows& rows_;
  std::optional<std::vector<std::int64_t>> positions_;
};

}  // namespace

Reply api_error(int status, std::string_view code, std::string_view title, std::string_view detail) {
  const json::Value error = json::object(
      {{"code", code},
       {"title", title},
       {"detail", detail},
       {"meta", json::object(
                    {{"url", fmt::format("https://developers.telnyx.com/docs/overview/errors/{}", code)}})}});
  return {
      .status = status, .headers = {}, .body = json::write(json::object({{"errors", json::array({error})}}))};
}

Reply Api::answer(const net::Request& request, const FaultHits& hits, Instant now,
                  const std::string& base_url) {
  if (request.method == net::Method::post) return post(request, now);
  if (request.method == net::Method::get) return get(request, hits, now, base_url);
  return not_found();
}

Reply Api::get(const net::Request& request, const FaultHits& hits, Instant now, const std::string& base_url) {
  const Query query(request);
  const std::string_view path = request.path();
  const auto after = [&](std::string_view prefix) {
    return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view();
  };
  if (path == "/v2/detail_records") return detail_records(query, hits, now);
  if (path == "/v2/recordings") return recordings(query, hits, now, base_url);
  if (path == "/v2/recording_transcriptions") return transcriptions(query, now);
  if (path == "/v2/reports/mdrs") return message_reports(query, now);
  if (path == "/v2/usage_reports") return usage(query, now);
  if (path == "/v2/balance") return ok(json::object({{"data", balance(world_, now)}}));
  if (path == "/v2/charges_breakdown" || path == "/v2/charges_summary") return charges(path, query);
  if (path.ends_with("/active_calls")) return active_calls(query, hits, now, path);
  if (const auto id = after("/v2/recordings/"); !id.empty()) return recording(id, now, base_url);
  if (const auto id = after("/v2/messages/"); !id.empty()) return message(id, now);
  if (const auto id = after("/v2/calls/"); !id.empty()) return call_state(id, now);
  if (const auto id = after("/v2/legacy/reporting/batch_detail_records/voice/"); !id.empty())
    return report(id, now, base_url);
  if (const auto id = after("/v2/ledger_billing_group_reports/"); !id.empty()) return ledger_report(id, now);
  if (const auto id = after("/downloads/"); !id.empty()) {
    const auto found = reports_.find(id.substr(0, id.find('.')));
    return found == reports_.end() ? not_found() : csv(found->second.from, found->second.to, now);
  }
  if (path.starts_with("/recordings/")) return {.body = "ID3 fake audio", .content_type = "audio/mpeg"};
  const auto list = reference_list(world_, path, now);
  if (!list) return not_found();
  const std::int64_t default_size = path.starts_with("/v2/fqdn") ? 250 : 20;
  const PageNumbers page = page_of(query, default_size, 250, static_cast<std::int64_t>(list->size()));
  json::Array rows;
  for (std::int64_t at = page.first(); at < page.end(); ++at)
    rows.push_back((*list)[static_cast<std::size_t>(at)]);
  return ok(json::object({{"data", std::move(rows)}, {"meta", page.meta(page.total)}}));
}

Reply Api::detail_records(const Query& query, const FaultHits& hits, Instant now) {
  const std::string type = query.text("filter[record_type]");
  if (type.empty() || query.is_repeated("filter[record_type]"))
    return api_error(400, "10011", "Bad Request", "Record type is missing");
  const auto kind = std::ranges::find(kinds, type, &RecordKind::name);
  if (kind == kinds.end()) {
    if (std::ranges::find(empty_kinds, type) == empty_kinds.end())
      return api_error(400, "10011", "Bad Request", "Record type is unknown");
    return ok(json::object({{"data", json::Array()}, {"meta", page_of(query, 20, 50, 0).meta(0)}}));
  }
  const auto [from, to] = query.window(std::string(kind->time_field), now);
  const FeedRows all = world_.rows(kind->record, std::max(from, world_.options().begin), to, now);
  const ChosenRows rows(all, query, kind->time_field, [&](const RowPattern::Place& place) {
    return world_.row(kind->record, place, now, false);
  });
  const bool repeats = hits.has(FaultKind::duplicates);
  const std::int64_t visible = std::max<std::int64_t>(0, rows.size() - hits.hidden_rows);
  const PageNumbers page = page_of(query, 20, 50, repeats ? visible + visible / 10 : visible);
  json::Array data;
  for (std::int64_t at = page.first(); at < page.end(); ++at) {
    const std::int64_t position = repeats ? at / 11 * 10 + std::min<std::int64_t>(at % 11, 9) : at;
    data.push_back(
        world_.row(kind->record, rows.at(visible - 1 - position), now, hits.has(FaultKind::odd_types)));
  }
  const std::int64_t lie = hits.has(FaultKind::lying_total) ? 1 + ++pages_served_ % 7 : 0;
  return ok(json::object({{"data", std::move(data)}, {"meta", page.meta(page.total + lie)}}));
}

Reply Api::recordings(const Query& query, const FaultHits& hits, Instant now, const std::string& base_url) {
  const auto [from, to] = query.window("created_at", now);
  const FeedRows rows = world_.recordings(std::max(from, world_.options().begin), to, now);
  const std::int64_t visible = std::max<std::int64_t>(0, rows.size() - hits.hidden_rows);
  const PageNumbers page = page_of(query, 20, 250, visible);
  json::Array data;
  for (std::int64_t at = page.first(); at < page.end(); ++at)
    data.push_back(world_.recording(world_.call(rows.at(visible - 1 - at).event), base_url));
  return ok(json::object({{"data", std::move(data)}, {"meta", page.meta(visible)}}));
}

Reply Api::recording(std::string_view id, Instant now, const std::string& base_url) {
  const auto number = world_.number_in(id);
  if (!number || *number >= world_.calls().count()) return not_found();
  const Call call = world_.call(*number);
  if (!call.is_programmable() || world_.recording_id(call) != id || now < call.end + seconds(15))
    return not_found();
  return ok(json::object({{"data", world_.recording(call, base_url)}}));
}

Reply Api::transcriptions(const Query& query, Instant now) {
  json::Array data;
  const std::string id = query.text("filter[recording_id]");
  const auto number = world_.number_in(id);
  if (number && *number < world_.calls().count() && world_.recording_id(world_.call(*number)) == id) {
    const Call call = world_.call(*number);
    const bool is_done = now >= call.end + minutes(2);
    data.push_back(json::object({{"record_type", "recording_transcription"},
                                 {"id", scatter_uuid(world_.options().seed, *number, 61)},
                                 {"recording_id", id},
                                 {"duration_millis", call.seconds * 1000},
                                 {"status", is_done ? "completed" : "in-progress"},
                                 {"transcription_text", is_done ? "Grüezi, wie kann ich helfen?" : ""},
                                 {"created_at", format_rfc3339(call.end + minutes(1))},
                                 {"updated_at", format_rfc3339(call.end + minutes(2))}}));
  }
  return ok(json::object({{"data", std::move(data)},
                          {"meta", json::object({{"cursors", json::object({{"after", ""}, {"before", ""}})},
                                                 {"next", ""},
                                                 {"previous", ""}})}}));
}

Reply Api::message(std::string_view id, Instant now) {
  const auto number = world_.number_in(id);
  if (!number || *number >= world_.messages().count()) return not_found();
  const Message found = world_.message(*number);
  if (world_.message_id(found) != id || found.created > now || now >= found.created + days(10))
    return not_found();
  return ok(json::object({{"data", world_.message_body(found, now)}}));
}

Reply Api::message_reports(const Query& query, Instant now) {
  const Instant from = parse_instant(query.text("start_date")).value_or(now - days(1));
  const Instant to = parse_instant(query.text("end_date")).value_or(now);
  const FeedRows rows = world_.rows(Record::messaging, from, to, now);
  const PageNumbers page = page_of(query, 20, 250, rows.size());
  json::Array data;
  for (std::int64_t at = page.first(); at < page.end(); ++at) {
    const json::Value full = world_.row(Record::messaging, rows.at(rows.size() - 1 - at), now, false);
    json::Object thin{{"record_type", "mdr_report"}, {"id", *full.find("uuid")}};
    for (const std::string_view key : {"cld", "cli", "cost", "currency", "created_at", "direction",
                                       "message_type", "parts", "profile_name", "rate"})
      thin.set(std::string(key), *full.find(key));
    std::string status = *full.find("status")->as_text();
    for (char& letter : status)
      letter = static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 32 : letter);
    thin.set("status", status);
    data.push_back(std::move(thin));
  }
  return ok(json::object({{"data", std::move(data)}, {"meta", page.meta(rows.size())}}));
}

json::Value Api::live_call(const Call& call, Instant now) const {
  const Instant until = std::min(now, call.end);
  return json::object({{"record_type", "call"},
                       {"call_control_id", world_.control_id(call)},
                       {"call_leg_id", world_.leg_id(call, call.charged_leg())},
                       {"call_session_id", world_.session_id(call)},
                       {"call_duration", std::chrono::duration_cast<seconds>(until - call.start).count()},
                       {"client_state", ""}});
}

Reply Api::active_calls(const Query& query, const FaultHits& hits, Instant now, std::string_view path) {
  std::vector<Call> live;
  const Series& series = world_.calls();
  for (std::int64_t index = series.first_from(now - hours(1)); index < series.first_from(now); ++index) {
    Call call = world_.call(index);
    if (call.end > now) live.push_back(std::move(call));
  }
  const std::int64_t limit = std::clamp<std::int64_t>(query.number("page[limit]", 20), 1, 250);
  const std::string cursor = query.text("page[after]");
  const auto total = static_cast<std::int64_t>(live.size());
  const std::int64_t first = cursor.starts_with("v1:") ? parse_integer(cursor.substr(3)).value_or(0) : 0;
  const std::int64_t end = std::min(first + limit, total);
  json::Array data;
  for (std::int64_t at = first; at < end; ++at)
    data.push_back(live_call(live[static_cast<std::size_t>(at)], now));
  json::Value after = end < total ? json::Value(fmt::format("v1:{}", end)) : json::Value();
  if (hits.has(FaultKind::cursor_loop)) after = "v1:0";
  const json::Value next =
      after.is_null() ? json::Value() : json::Value(fmt::format("{}?page[after]={}", path, *after.as_text()));
  return ok(
      json::object({{"data", std::move(data)},
                    {"meta", json::object({{"cursors", json::object({{"after", after}, {"before", "v1:0"}})},
                                           {"next", next},
                                           {"previous", nullptr},
                                           {"total_items", total}})}}));
}

Reply Api::call_state(std::string_view control_id, Instant now) {
  const auto number = world_.number_in(control_id);
  if (!number || *number >= world_.calls().count()) return not_found();
  const Call call = world_.call(*number);
  if (world_.control_id(call) != control_id || call.start > now) return not_found();
  json::Value data = live_call(call, now);
  data.as_object()->set("is_alive", call.end > now);
  data.as_object()->set("start_time", format_rfc3339(call.start));
  if (call.end <= now) data.as_object()->set("end_time", format_rfc3339(call.end));
  return ok(json::object({{"data", std::move(data)}}));
}

}  // namespace trunkline::fakes::telnyx
