#include "fakes/zadarma/world.hpp"

#include <charconv>

#include <fmt/core.h>

namespace trunkline::fakes::zadarma {
namespace {

constexpr std::array<CallKind, 20> kinds{
    CallKind::inbound, CallKind::outbound_pbx, CallKind::inbound,  CallKind::outbound_pbx,
    CallKind::inbound, CallKind::outbound_pbx, CallKind::inbound,  CallKind::outbound_pbx,
    CallKind::inbound, CallKind::outbound_pbx, CallKind::inbound,  CallKind::outbound_pbx,
    CallKind::inbound, CallKind::outbound_pbx, CallKind::inbound,  CallKind::outbound_sip,
    CallKind::inbound, CallKind::outbound_sip, CallKind::internal, CallKind::outbound_sip,
};
const RowPattern statistics_rows{0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
const RowPattern incoming_rows{1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0};
const RowPattern pbx_rows{1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 0, 1, 0, 1, 0};

// All rows of a call start within that time of it; and a window of wall times may be an hour off in UTC.
constexpr Duration margin = hours(2);
constexpr std::int64_t talk_seconds_max = 1800;

constexpr std::array<OwnNumber, 4> all_own_numbers{{{"61255501234", "00001", "USD", "4.5", 33},
                                                    {"61370101234", "00002", "USD", "4.5", 22},
                                                    {"48221234567", "00002", "EUR", "2", 11},
                                                    {"442079460123", "00001", "USD", "4.5"}}};
constexpr Duration last_one_kept_for = days(200);

// Ranges that are reserved for fiction. A number comes again after 400 calls.
std::string remote_digits(std::int64_t index) {
  const std::int64_t slot = index * 7919 % 400;
  if (slot < 160) return fmt::format("61255502{:03}", slot);
  if (slot < 300) return fmt::format("61370102{:03}", slot);
  if (slot < 360) return fmt::format("442079460{:03}", slot);
  return fmt::format("12025550{:03}", 100 + (slot - 360) % 100);
}

Decimal rate_to(std::string_view digits) {
  if (digits.starts_with("61255")) return Decimal::from_units(15, 3);
  if (digits.starts_with("613")) return Decimal::from_units(49, 3);
  if (digits.starts_with("44")) return Decimal::from_units(9, 3);
  return Decimal::from_units(125, 4);
}

std::string_view description_of(std::string_view digits) {
  if (digits.starts_with("61255")) return "Australia, Sydney";
  if (digits.starts_with("613")) return "Australia, Melbourne";
  if (digits.starts_with("44")) return "United Kingdom, London";
  return "USA, Washington – D.C.";
}

std::string_view disposition_of(std::uint64_t chance, bool is_inbound) {
  const std::uint64_t percent = chance % 100;
  if (percent < 66) return "answered";
  if (percent < 80) return "no answer";
  if (percent < 90) return "cancel";
  if (percent < 96 || is_inbound) return "busy";
  return percent < 99 ? "call failed" : "no money, no limit";
}

json::Value number_of(const Decimal& amount) {
  return *json::Value::number(amount.to_text());
}

const RowPattern& pattern_of(Feed feed) {
  return feed == Feed::statistics ? statistics_rows : feed == Feed::incoming ? incoming_rows : pbx_rows;
}

}  // namespace

std::string e164_of(std::string_view digits) {
  return "+" + std::string(digits);
}

std::optional<Decimal> Call::charge() const {
  if (kind != CallKind::outbound_pbx && kind != CallKind::outbound_sip) return std::nullopt;
  return rate * ((seconds + 59) / 60);
}

World::World(WorldOptions options)
    : options_(std::move(options)),
      series_(options_.seed, options_.begin, options_.begin + options_.period, options_.calls),
      local_(options_.time_zone) {}

Call World::call(std::int64_t index) const {
  const auto chance = [&](std::uint64_t salt) { return scatter(options_.seed, index, salt); };
  Call call;
  call.index = index;
  call.kind = kinds[static_cast<std::size_t>(index) % kinds.size()];
  call.start = std::chrono::floor<std::chrono::seconds>(series_.start_of(index));
  call.own = all_own_numbers[chance(10) % (call.start < options_.begin + days(199) ? 4 : 3)];
  call.remote = remote_digits(index);
  call.disposition = disposition_of(chance(11), call.kind == CallKind::inbound);
  if (call.disposition == "answered") {
    const std::int64_t shorter = scatter_between(options_.seed, index, 12, 1, talk_seconds_max);
    call.seconds = std::min(shorter, scatter_between(options_.seed, index, 13, 1, talk_seconds_max));
  }
  call.rate = rate_to(call.remote);
  if (call.kind != CallKind::outbound_sip) add_legs(call);
  call.end = call.start + std::chrono::seconds(60 + call.seconds);
  const auto late_us = static_cast<std::uint64_t>(options_.late.count()) + 1;
  call.rows_at = call.end + Duration(chance(14) % late_us);
  call.cost_at = call.rows_at + Duration(chance(15) % late_us);
  return call;
}

void World::add_legs(Call& call) const {
  const int count = pbx_rows.rows_of(call.index);
  if (call.kind != CallKind::internal) {
    call.pbx_call_id = fmt::format("{}_{}{:08x}", call.kind == CallKind::inbound ? "in" : "out",
                                   scatter_hex(options_.seed, call.index, 20, 32), call.index);
  }
  for (int number = 0; number < count; ++number) {
    Leg leg;
    leg.start = call.start + seconds(20 * number);
    leg.call_id = fmt::format("{}.{}", to_microseconds(leg.start) / 1'000'000,
                              343'000 + (call.index * 10 + number) % 9'000'000);
    leg.extension = 100 + static_cast<int>((call.index + number) % 3);
    const bool is_last = number + 1 == count;
    leg.disposition = is_last ? call.disposition : std::string_view("no answer");
    if (leg.disposition == "call failed") leg.disposition = "failed";
    leg.seconds = is_last ? call.seconds : 0;
    leg.is_recorded =
        leg.seconds > 0 && call.kind != CallKind::internal && scatter(options_.seed, call.index, 21) % 3 == 0;
    call.legs.push_back(std::move(leg));
  }
}

std::optional<std::pair<Call, std::size_t>> World::find_leg(std::string_view call_id) const {
  std::int64_t epoch = 0;
  const auto [end, error] = std::from_chars(call_id.data(), call_id.data() + call_id.size(), epoch);
  if (error != std::errc() || epoch > 1'000'000'000'000) return std::nullopt;
  const Instant start = from_microseconds(epoch * 1'000'000);
  for (std::int64_t index = series_.first_from(start - seconds(61));
       index < series_.first_from(start + seconds(2)); ++index) {
    const Call candidate = call(index);
    for (std::size_t leg = 0; leg < candidate.legs.size(); ++leg) {
      if (candidate.legs[leg].call_id == call_id) return std::pair(candidate, leg);
    }
  }
  return std::nullopt;
}

std::optional<Call> World::find_pbx_call(std::string_view pbx_call_id) const {
  if (pbx_call_id.size() < 43) return std::nullopt;
  std::int64_t index = -1;
  const std::string_view hex = pbx_call_id.substr(pbx_call_id.size() - 8);
  std::from_chars(hex.data(), hex.data() + hex.size(), index, 16);
  if (index < 0 || index >= series_.count()) return std::nullopt;
  Call found = call(index);
  if (found.pbx_call_id != pbx_call_id) return std::nullopt;
  return found;
}

FeedRows World::rows(Feed feed, std::string_view start, std::string_view end, Instant now) const {
  const Instant from = local_.earliest(start).value_or(options_.begin);
  const Instant to = local_.earliest(end).value_or(now) + seconds(1);
  const Duration settling = std::chrono::seconds(60 + talk_seconds_max) + options_.late * 2;
  const EventRange range = events_of(series_, from, to, margin, now, settling);
  return {pattern_of(feed), range, [&](std::int64_t event, int row) {
            const Call each = call(event);
            if (each.rows_at > now) return false;
            const std::string at =
                local_.write(feed == Feed::pbx ? each.legs[static_cast<std::size_t>(row)].start : each.start);
            return at >= start && at <= end;
          }};
}

json::Value World::row(Feed feed, const RowPattern::Place& place, Instant now, bool odd_types) const {
  const Call each = call(place.event);
  json::Value row = feed == Feed::statistics ? statistics_row(each, now)
                    : feed == Feed::incoming ? incoming_row(each)
                                             : pbx_row(each, each.legs[static_cast<std::size_t>(place.row)]);
  if (!odd_types) return row;
  json::Object odd;
  for (const auto& [key, value] : *row.as_object()) {
    if (const auto number = value.number_text()) {
      odd.set(key, *number);
    } else if (const auto truth = value.as_bool()) {
      odd.set(key, *truth ? "true" : "false");
    } else {
      odd.set(key, value);
    }
  }
  if (feed != Feed::pbx) odd.set("hangupcause", "16");
  return odd;
}

json::Value World::statistics_row(const Call& call, Instant now) const {
  return json::object({{"id", std::to_string(155'000'000 + call.index)},
                       {"sip", call.own.sip},
                       {"callstart", local_.write(call.start)},
                       {"from", call.own.digits},
                       {"to", call.remote},
                       {"description", description_of(call.remote)},
                       {"disposition", call.disposition},
                       {"billseconds", call.seconds},
                       {"cost", number_of(call.rate)},
                       {"billcost", now < call.cost_at ? json::Value() : number_of(*call.charge())},
                       {"currency", call.own.currency}});
}

json::Value World::incoming_row(const Call& call) const {
  return json::object({{"id", std::to_string(155'000'000 + call.index)},
                       {"sip", call.own.sip},
                       {"callstart", local_.write(call.start)},
                       {"from", call.remote},
                       {"to", call.own.digits},
                       {"billseconds", call.seconds},
                       {"disposition", call.disposition},
                       {"description", description_of(call.remote)}});
}

json::Value World::pbx_row(const Call& call, const Leg& leg) const {
  const bool is_out = call.kind == CallKind::outbound_pbx;
  const bool is_in = call.kind == CallKind::inbound;
  const json::Value remote = *json::Value::number(call.remote);
  return json::object({{"call_id", *json::Value::number(leg.call_id)},
                       {"sip", leg.extension},
                       {"callstart", local_.write(leg.start)},
                       {"clid", is_in ? remote : json::Value(leg.extension)},
                       {"destination", is_out  ? remote
                                       : is_in ? json::Value(leg.extension)
                                               : json::Value(100 + (leg.extension - 99) % 3)},
                       {"disposition", leg.disposition},
                       {"seconds", leg.seconds},
                       {"is_recorded", leg.is_recorded},
                       {"pbx_call_id", call.pbx_call_id}});
}

TrueMessage World::message(std::int64_t index) const {
  const Call base = call(index * 10);
  TrueMessage message;
  message.from_number = e164_of(base.remote);
  message.to_number = e164_of(base.own.digits);
  message.direction = "inbound";
  message.status = "received";
  message.sent_at = base.start + hours(1);
  message.body = fmt::format("Grüße 👋 {} & 50%", scatter_hex(options_.seed, index, 30, 8));
  return message;
}

Decimal World::balance(Instant now) const {
  const std::int64_t hour = to_microseconds(now) / Duration(hours(1)).count();
  return Decimal::from_units(scatter_between(options_.seed, hour, 31, 1000, 90000), 2);
}

void World::each_rental(Instant until, const std::function<void(const TrueRental&)>& take) const {
  for (const OwnNumber& each : all_own_numbers) {
    const bool is_last_one = each.digits == all_own_numbers.back().digits;
    const Instant end = is_last_one ? std::min(until, options_.begin + last_one_kept_for) : until;
    for (Month month = month_of(bought_at(each)); month.begin() < end; month = month_of(month.end()))
      take({to_text(month) + "-01", e164_of(each.digits), *Decimal::parse(each.monthly_fee),
            std::string(each.currency)});
  }
}

std::vector<OwnNumber> own_numbers(const World& world, Instant now) {
  std::vector<OwnNumber> numbers(all_own_numbers.begin(), all_own_numbers.end());
  if (now >= world.options().begin + last_one_kept_for) numbers.pop_back();
  return numbers;
}

}  // namespace trunkline::fakes::zadarma
