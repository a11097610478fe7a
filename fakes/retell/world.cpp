#include "fakes/retell/world.hpp"

#include <charconv>

#include <fmt/core.h>

namespace trunkline::fakes::retell {
namespace {

constexpr std::array<Agent, 2> agents{{{"agent_7f3a9c2e1b4d5f60718293a4b5", "Réception Sydney"},
                                       {"agent_1c2b3a4d5e6f70819293a4b5c6", "Sales"}}};
constexpr std::array<CallKind, 10> kinds{
    CallKind::inbound, CallKind::outbound, CallKind::inbound,  CallKind::outbound, CallKind::inbound,
    CallKind::web,     CallKind::inbound,  CallKind::outbound, CallKind::inbound,  CallKind::unconnected};

// Ranges that are reserved for fiction. A number comes again after 400 calls.
std::string remote_number(std::int64_t index) {
  const std::int64_t slot = index * 7919 % 400;
  if (slot < 200) return fmt::format("+61255504{:03}", slot);
  if (slot < 320) return fmt::format("+61370104{:03}", slot);
  return fmt::format("+442079460{:03}", slot);
}

void end_unconnected(Call& call, std::uint64_t chance) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> reasons{
      {{"dial_busy", "busy"},
       {"dial_no_answer", "no_answer"},
       {"dial_failed", "failed"},
       {"invalid_destination", "failed"},
       {"user_declined", "busy"}}};
  std::tie(call.reason, call.status) = reasons[chance % reasons.size()];
  call.end = call.start + seconds(2);
}

json::Value number_of(const Decimal& amount) {
  return *json::Value::number(amount.to_text());
}

std::int64_t ms_of(Instant instant) {
  return to_microseconds(instant) / 1000;
}

json::Value cost_of(const Call& call) {
  json::Array products;
  Decimal sum;
  for (const Product& product : products_of(call)) {
    if (!call.is_connected()) break;
    products.push_back(json::object({{"product", product.name},
                                     {"cost", number_of(product.cents)},
                                     {"unit_price", *json::Value::number("0.0639")},
                                     {"is_transfer_leg_cost", false}}));
    sum += product.cents;
  }
  return json::object({{"combined_cost", number_of(sum)},
                       {"product_costs", std::move(products)},
                       {"total_duration_seconds", call.is_connected() ? call.billed_seconds() : 0},
                       {"total_duration_unit_price", *json::Value::number("0.1917")}});
}

json::Value analysis_of(const Call& call) {
  return json::object({{"call_summary", "The caller asked for the opening hours."},
                       {"user_sentiment", call.sentiment},
                       {"call_successful", call.status == "completed"},
                       {"in_voicemail", call.status == "voicemail"},
                       {"custom_analysis_data", json::Object()}});
}

void add_transcript(json::Object& object, const Call& call) {
  const auto said = [](std::string_view role, std::string_view words, std::string_view from) {
    return json::object({{"role", role},
                         {"content", words},
                         {"words", json::array({json::object({{"word", words},
                                                              {"start", *json::Value::number(from)},
                                                              {"end", *json::Value::number("2.5")}})})}});
  };
  json::Array turns{said("agent", "Good morning, you have reached us.", "0.5"),
                    said("user", "Guten Tag, haben Sie geöffnet?", "1.5")};
  object.set("transcript", transcript_of(call));
  object.set("transcript_object", turns);
  object.set("transcript_with_tool_calls", std::move(turns));
}

}  // namespace

std::array<Product, 3> products_of(const Call& call) {
  const std::int64_t billed = call.billed_seconds();
  return {{{"elevenlabs_tts", Decimal::from_units(1167, 4) * billed},
           {"gpt_4_1", Decimal::from_units(5, 2) * billed},
           {"us_telephony", Decimal::from_units(25, 3) * billed}}};
}

std::string transcript_of(const Call&) {
  return "Agent: Good morning, you have reached us.\nUser: Guten Tag, haben Sie geöffnet?\n";
}

World::World(WorldOptions options)
    : options_(options),
      series_(options.seed, options.begin, options.begin + options.period, options.calls) {}

Call World::call(std::int64_t index) const {
  const auto chance = [&](std::uint64_t salt) { return scatter(options_.seed, index, salt); };
  Call call;
  call.index = index;
  call.kind = kinds[static_cast<std::size_t>(index) % kinds.size()];
  call.id = fmt::format("call_{}{:010x}", scatter_hex(options_.seed, index, 40, 17), index);
  call.agent = agents[chance(10) % agents.size()];
  call.own = chance(11) % 2 == 0 ? "+61255501234" : "+12025550142";
  call.remote = remote_number(index);
  call.start = series_.start_of(index);
  constexpr std::array<std::string_view, 4> sentiments{"Positive", "Neutral", "Negative", "Unknown"};
  call.sentiment = sentiments[chance(12) % sentiments.size()];
  call.keeps_everything = chance(13) % 25 != 0;
  if (call.kind == CallKind::unconnected) {
    end_unconnected(call, chance(14));
  } else {
    const std::int64_t longer = scatter_between(options_.seed, index, 15, 900, 900'000);
    call.duration_ms = std::min(longer, scatter_between(options_.seed, index, 16, 900, 900'000));
    call.end = call.start + milliseconds(call.duration_ms);
    const bool is_machine = call.kind == CallKind::outbound && chance(17) % 5 == 0;
    constexpr std::array<std::string_view, 5> reasons{"user_hangup", "agent_hangup", "call_transfer",
                                                      "inactivity", "error_asr"};
    call.reason = is_machine ? "voicemail_reached" : reasons[chance(18) % reasons.size()];
    call.status = is_machine ? "voicemail" : "completed";
  }
  const auto late_us = static_cast<std::uint64_t>(options_.late.count()) + 1;
  call.analysed_at = call.end + Duration(chance(19) % late_us);
  call.cost_at = call.end + Duration(chance(20) % late_us);
  return call;
}

std::optional<Call> World::find(std::string_view id) const {
  if (id.size() != 32 || !id.starts_with("call_")) return std::nullopt;
  std::int64_t index = -1;
  std::from_chars(id.data() + id.size() - 10, id.data() + id.size(), index, 16);
  if (index < 0 || index >= series_.count()) return std::nullopt;
  Call found = call(index);
  if (found.id != id) return std::nullopt;
  return found;
}

json::Value World::object(const Call& call, Instant now, bool in_full) const {
  const bool is_over = now >= call.end;
  json::Object object{{"call_type", call.kind == CallKind::web ? "web_call" : "phone_call"},
                      {"call_id", call.id},
                      {"agent_id", call.agent.id},
                      {"agent_version", 3},
                      {"agent_name", call.agent.name},
                      {"agent_tag", call.index % 3 == 0 ? json::Value() : json::Value("prod")},
                      {"call_status", !is_over              ? "ongoing"
                                      : call.is_connected() ? "ended"
                                                            : "not_connected"}};
  if (call.kind == CallKind::web) {
    object.set("access_token", "fake-access-token-never-to-be-stored");
  } else {
    const bool is_in = call.kind == CallKind::inbound;
    object.set("direction", is_in ? "inbound" : "outbound");
    object.set("from_number", is_in ? call.remote : call.own);
    object.set("to_number", is_in ? call.own : call.remote);
  }
  object.set("metadata", json::object({{"customer_id", fmt::format("cust_{}", call.index % 97)}}));
  object.set("data_storage_setting", call.keeps_everything ? "everything" : "basic_attributes_only");
  object.set("opt_in_signed_url", call.index % 2 == 0);
  object.set("start_timestamp", ms_of(call.start));
  if (!is_over) return object;
  object.set("end_timestamp", ms_of(call.end));
  object.set("duration_ms", call.duration_ms);
  object.set("disconnection_reason", call.reason);
  if (now >= call.cost_at) object.set("call_cost", cost_of(call));
  if (!call.keeps_everything) return object;
  if (now >= call.analysed_at && call.is_connected()) object.set("call_analysis", analysis_of(call));
  if (!call.is_connected()) return object;
  object.set("recording_url", fmt::format("https://storage.example/{}/recording.wav?sig=fake", call.id));
  object.set("public_log_url", fmt::format("https://storage.example/{}/log.txt?sig=fake", call.id));
  if (in_full) add_transcript(object, call);
  return object;
}

void World::each_call(Instant from, Instant to, const std::function<void(const TrueCall&)>& take) const {
  for (std::int64_t index = series_.first_from(from); index < series_.first_from(to); ++index) {
    const Call each = call(index);
    TrueCall row;
    row.external_call_id = each.id;
    row.session_id = each.id;
    if (each.kind != CallKind::web) {
      const bool is_in = each.kind == CallKind::inbound;
      row.direction = is_in ? "inbound" : "outbound";
      row.from_number = is_in ? each.remote : each.own;
      row.to_number = is_in ? each.own : each.remote;
    }
    row.started_at = each.start;
    row.ended_at = std::chrono::floor<milliseconds>(each.end);
    row.duration_seconds = (each.duration_ms + 500) / 1000;
    row.billable_seconds = each.is_connected() ? each.billed_seconds() : 0;
    row.status = each.status;
    row.disposition = each.reason;
    row.cost = Decimal();
    for (const Product& product : products_of(each)) {
      if (each.is_connected()) *row.cost += product.cents * Decimal::from_units(1, 2);
    }
    row.currency = "USD";
    row.has_recording = each.is_connected() && each.keeps_everything;
    row.retell_agent_id = each.agent.id;
    row.retell_agent_name = each.agent.name;
    take(row);
  }
}

void World::each_charge(Instant from, Instant to, const std::function<void(const TrueCharge&)>& take) const {
  for (std::int64_t index = series_.first_from(from); index < series_.first_from(to); ++index) {
    const Call each = call(index);
    std::int64_t position = 0;
    for (const Product& product : products_of(each)) {
      if (!each.is_connected()) break;
      take({fmt::format("{}:{}:{}", each.id, position++, product.name), each.id, std::string(product.name),
            product.cents * Decimal::from_units(1, 2), "USD"});
    }
  }
}

void World::each_recording(Instant from, Instant to,
                           const std::function<void(const TrueRecording&)>& take) const {
  for (std::int64_t index = series_.first_from(from); index < series_.first_from(to); ++index) {
    const Call each = call(index);
    if (each.is_connected() && each.keeps_everything)
      take({each.id, each.id, (each.duration_ms + 500) / 1000});
  }
}

}  // namespace trunkline::fakes::retell
