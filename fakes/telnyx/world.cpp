#include "fakes/telnyx/world.hpp"

#include <charconv>

#include <fmt/core.h>

namespace trunkline::fakes::telnyx {
namespace {

constexpr std::int64_t talk_seconds_max = 1800;
constexpr Duration margin = minutes(10);

const RowPattern sip_rows{2, 2, 2, 1};
const RowPattern control_rows{1, 0, 0, 0, 0, 0, 0, 0};
const RowPattern amd_rows{0, 0, 1, 0, 0, 0, 0, 0};
const RowPattern message_rows{1};

constexpr std::array<std::string_view, 3> numbers{"+61255501235", "+61255501237", "+61370101235"};

// Ranges that are reserved for fiction. A number comes again after 400 calls.
std::string remote_number(std::int64_t index) {
  const std::int64_t slot = index * 7919 % 400;
  if (slot < 200) return fmt::format("+61255503{:03}", slot);
  if (slot < 320) return fmt::format("+61370103{:03}", slot);
  return fmt::format("+442079460{:03}", slot);
}

const RowPattern& pattern_of(Record record) {
  switch (record) {
    case Record::sip_trunking:
      return sip_rows;
    case Record::amd:
      return amd_rows;
    case Record::messaging:
      return message_rows;
    default:
      return control_rows;
  }
}

void end_unanswered(Call& call, std::uint64_t chance) {
  call.end = call.start + seconds(20);
  if (!call.is_outbound) {
    call.hangup_cause = "ORIGINATOR_CANCEL";
    call.hangup_details = "recv_cancel";
    call.sip_failure = "487";
    call.status = "canceled";
  } else if (chance % 3 == 0) {
    call.hangup_cause = "USER_BUSY";
    call.hangup_details = "send_refuse";
    call.hangup_code = 17;
    call.sip_failure = "486";
    call.status = "busy";
  } else {
    call.hangup_cause = "NO_ANSWER";
    call.hangup_details = "send_cancel";
    call.hangup_code = 19;
    call.status = "no_answer";
  }
}

}  // namespace

World::World(WorldOptions options)
    : options_(options),
      calls_(options.seed, options.begin, options.begin + options.period, options.calls),
      messages_(options.seed + 1, options.begin, options.begin + options.period, options.calls / 4) {}

Call World::call(std::int64_t index) const {
  const auto chance = [&](std::uint64_t salt) { return scatter(options_.seed, index, salt); };
  Call call;
  call.index = index;
  call.is_outbound = index % 2 == 0;
  call.legs = sip_rows.rows_of(index);
  call.own = numbers[chance(10) % numbers.size()];
  call.remote = remote_number(index);
  call.start = std::chrono::floor<std::chrono::seconds>(calls_.start_of(index));
  // What has a recording or a detection was answered; so is every inbound call that was not missed.
  const bool is_answered =
      call.is_programmable() || call.has_machine_detection() || (call.legs == 2 && chance(11) % 100 < 70);
  if (is_answered) {
    call.answered = call.start + seconds(scatter_between(options_.seed, index, 12, 2, 15));
    const std::int64_t longer = scatter_between(options_.seed, index, 13, 1, talk_seconds_max);
    call.seconds = std::min(longer, scatter_between(options_.seed, index, 14, 1, talk_seconds_max));
    call.billed_seconds = (call.seconds + 59) / 60 * 60;
    call.end = *call.answered + std::chrono::seconds(call.seconds);
    call.hangup_cause = "NORMAL_CLEARING";
    call.hangup_details = "send_bye";
    call.status = "completed";
  } else {
    end_unanswered(call, chance(15));
  }
  call.rate = call.is_outbound ? Decimal::from_units(390, 4) : Decimal::from_units(50, 4);
  const auto late_us = static_cast<std::uint64_t>(options_.late.count()) + 1;
  call.rows_at = call.end + Duration(chance(16) % late_us);
  call.cost_at = call.rows_at + Duration(chance(17) % late_us);
  return call;
}

Message World::message(std::int64_t index) const {
  const auto chance = [&](std::uint64_t salt) { return scatter(options_.seed, index, salt); };
  Message message;
  message.index = index;
  message.is_outbound = chance(30) % 3 != 0;
  const std::string own(numbers[chance(31) % numbers.size()]);
  message.from = message.is_outbound ? (index % 10 == 0 ? "ACME" : own) : remote_number(index);
  message.to = message.is_outbound ? remote_number(index) : own;
  message.created = messages_.start_of(index);
  if (!message.is_outbound) {
    message.status = "received";
  } else {
    constexpr std::array<std::string_view, 6> statuses{"delivered", "delivered",   "delivered",
                                                       "delivered", "dlr_timeout", "failed"};
    message.status = statuses[chance(32) % statuses.size()];
  }
  message.parts = 1 + static_cast<std::int64_t>(chance(33) % 3);
  message.rate = message.is_outbound ? Decimal::from_units(400, 4) : Decimal::from_units(40, 4);
  const auto late_us = static_cast<std::uint64_t>(options_.late.count()) + 1;
  message.settled_at = message.created + seconds(10) + Duration(chance(34) % late_us);
  message.cost_at = message.settled_at + Duration(chance(35) % late_us);
  message.text = fmt::format("Ваш заказ {} готов 🎉", scatter_hex(options_.seed, index, 36, 6));
  return message;
}

std::string World::id(std::uint64_t salt, std::int64_t number) const {
  const std::string hex = scatter_hex(options_.seed, number, salt, 20);
  return fmt::format("{}-{}-{}-{}-{:012x}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), number);
}

std::string World::leg_id(const Call& call, int leg) const {
  return id(41, call.index * 2 + leg);
}
std::string World::session_id(const Call& call) const {
  return id(42, call.index);
}
std::string World::recording_id(const Call& call) const {
  return id(43, call.index);
}
std::string World::amd_id(const Call& call) const {
  return id(44, call.index);
}
std::string World::message_id(const Message& message) const {
  return id(45, message.index);
}
std::string World::control_id(const Call& call) const {
  return "v3:" + scatter_hex(options_.seed, call.index, 46, 40) + fmt::format("{:012x}", call.index);
}

std::optional<std::int64_t> World::number_in(std::string_view id) const {
  if (id.size() < 12) return std::nullopt;
  const std::string_view hex = id.substr(id.size() - 12);
  std::int64_t number = -1;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), number, 16);
  if (error != std::errc() || end != hex.data() + hex.size()) return std::nullopt;
  return number;
}

Instant World::time_of(Record record, const RowPattern::Place& place) const {
  if (record == Record::messaging) return std::chrono::floor<seconds>(messages_.start_of(place.event));
  const Call each = call(place.event);
  return record == Record::recording || record == Record::amd ? *each.answered : each.start;
}

FeedRows World::rows(Record record, Instant from, Instant to, Instant now) const {
  const bool is_message = record == Record::messaging;
  const Duration settling = seconds(talk_seconds_max + 60) + options_.late * 2;
  const EventRange range = events_of(is_message ? messages_ : calls_, from, to, margin, now, settling);
  return {pattern_of(record), range, [&](std::int64_t event, int row) {
            const Instant at = time_of(record, {event, row});
            if (at < from || at >= to) return false;
            return (is_message ? message(event).created : call(event).rows_at) <= now;
          }};
}

FeedRows World::recordings(Instant from, Instant to, Instant now) const {
  const Duration longest = seconds(talk_seconds_max + 60);
  const EventRange range = events_of(calls_, from, to, longest, now, longest);
  return {control_rows, range, [&](std::int64_t event, int) {
            const Instant created = call(event).end + seconds(15);
            return created >= from && created < to && created <= now;
          }};
}

std::vector<OwnNumber> World::all_numbers() const {
  const Instant bought = *parse_instant("2024-02-11T22:29:00Z");
  const Instant exchanged = options_.begin + days(200);
  std::vector<OwnNumber> all;
  all.reserve(numbers.size() + 2);
  for (const std::string_view number : numbers) all.push_back({std::string(number), bought});
  // One is given back after 200 days, another one is bought then.
  all.push_back({"+61255501238", bought, exchanged});
  all.push_back({"+61255501239", exchanged});
  return all;
}

std::vector<OwnNumber> World::own_numbers(Instant now) const {
  std::vector<OwnNumber> own = all_numbers();
  std::erase_if(own, [now](const OwnNumber& each) {
    return now < each.bought_at || (each.given_back_at && now >= *each.given_back_at);
  });
  return own;
}

Decimal number_price() {
  Decimal price;
  for (const NumberService& each : number_services) price += *Decimal::parse(each.cost);
  return price;
}

Decimal World::balance(Instant now) const {
  const std::int64_t hour = to_microseconds(now) / Duration(hours(1)).count();
  return Decimal::from_units(scatter_between(options_.seed, hour, 37, -200'000, 5'000'000), 4);
}

Decimal leg_cost(const Call& call, int leg) {
  if (leg != call.charged_leg()) return Decimal();
  return call.rate * (call.billed_seconds / 60);
}
Decimal control_cost(const Call& call) {
  return Decimal::from_units(2, 3) * (call.billed_seconds / 60);
}
Decimal amd_cost() {
  return Decimal::from_units(65, 4);
}
Decimal recording_cost(const Call& call) {
  return Decimal::from_units(1666, 7) * (call.billed_seconds / 60);
}
Decimal message_cost(const Message& message) {
  if (message.status == "failed") return Decimal();
  return message.rate * message.parts;
}

std::string amount_text(const Decimal& amount, std::int64_t index) {
  const Decimal lean = *Decimal::parse(amount.to_text());
  // With zeros that change nothing behind it, now more, now fewer; never rounded.
  if (index % 5 != 0 || amount.is_zero())
    return amount.to_text(std::max(4 + static_cast<int>(index % 5), lean.scale()));
  const std::string digits = fmt::format("{}", static_cast<std::int64_t>(lean.coefficient()));
  const int exponent = static_cast<int>(digits.size()) - 1 - lean.scale();
  return fmt::format("{}.{}E{}", digits.substr(0, 1), digits.size() > 1 ? digits.substr(1) : "0", exponent);
}

std::string iso(Instant instant) {
  std::string text = format_rfc3339(instant);
  text.replace(text.size() - 5, 5, "Z");
  return text;
}

}  // namespace trunkline::fakes::telnyx
