#include "carriers/local/local_carrier.hpp"

#include <charconv>

#include <fmt/core.h>

#include "base/backoff.hpp"
#include "base/failpoint.hpp"
#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace trunkline::carriers::local {
namespace {

using db::Scope;
using db::Statement;

// A dial that comes twice finds its row and is counted: the count is the proof that none did.
const Statement insert_leg{"local_legs.insert", R"sql(
  INSERT INTO local_legs (account_id, call_id, provider_call_id, number, dials, state, ended, created_at)
  VALUES ($1, $2, $3, $4, 1, $5, false, $6)
  ON CONFLICT (account_id, call_id) DO UPDATE SET dials = local_legs.dials + 1
  RETURNING provider_call_id, dials)sql"};
const Statement find_leg{"local_legs.find", R"sql(
  SELECT provider_call_id, number, state, ended FROM local_legs WHERE account_id = $1 AND call_id = $2)sql"};
const Statement update_leg{
    "local_legs.update",
    "UPDATE local_legs SET state = $3, ended = $4 WHERE account_id = $1 AND call_id = $2"};
// That it was dialled, and how often, tells nothing about the person.
const Statement forget_leg{
    "local_legs.forget",
    "UPDATE local_legs SET number = '', state = '{}' WHERE account_id = $1 AND call_id = $2 AND ended"};

constexpr std::string_view leg_job = "local.leg";
constexpr std::size_t legs_max = 20'000;

// The number that calls from the box show. The box has numbers in every country but Antarctica, so that
// clients can see what a country without numbers looks like.
constexpr std::string_view box_number = "+12025550199";
constexpr std::string_view country_without_numbers = "AQ";

}  // namespace

Result<EventFaults> parse_event_faults(std::string_view text) {
  const auto wrong = [] {
    return fail(
        trunkline::error_codes::invalid_argument,
        "Event faults are written as duplicate=0.2,delay=0.3,delay_max=200ms with shares from 0 to 1.");
  };
  EventFaults faults;
  for (const std::string_view part : split(text, ',')) {
    if (trim(part).empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return wrong();
    const std::string_view name = trim(part.substr(0, equals));
    const std::string_view value = trim(part.substr(equals + 1));
    if (name == "delay_max") {
      const auto duration = parse_duration(value);
      if (!duration) return wrong();
      faults.delay_max = *duration;
      continue;
    }
    double share = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), share);
    if (error != std::errc() || end != value.data() + value.size() || share < 0 || share > 1) return wrong();
    if (name == "duplicate") {
      faults.duplicated = share;
    } else if (name == "delay") {
      faults.delayed = share;
    } else {
      return wrong();
    }
  }
  return faults;
}

LocalCarrier::LocalCarrier(runtime::EventLoop& loop, db::Database& database, jobs::Queue& queue,
                           jobs::Runner& runner, IdSource& ids, const Clock& clock, Random& random,
                           LocalOptions options)
    : loop_(loop),
      database_(database),
      queue_(queue),
      runner_(runner),
      ids_(ids),
      clock_(clock),
      random_(random),
      options_(options) {
  runner_.handle(std::string(leg_job), {.running_max = legs_max},
                 [this](const jobs::Job& job) { return drive(job); });
}

LocalCarrier::~LocalCarrier() {
  closing_ = true;
}

std::optional<PhoneNumber> LocalCarrier::caller_number(const PhoneNumber&, std::string_view country) const {
  if (country == country_without_numbers) return std::nullopt;
  return *PhoneNumber::parse_e164(box_number);
}

Instant LocalCarrier::call_time(Instant event_at, Instant event_received_at, Instant now) const {
  return event_at + (now - event_received_at) * options_.speed;
}

Result<std::string> LocalCarrier::dial(const DialRequest& request) {
  const Leg leg(
      directory_.reach(request.to),
      {.dialled_at = clock_.now(), .ring_timeout = request.ring_timeout, .time_limit = request.time_limit});
  const std::string provider_call_id = "box_" + to_base32(ids_.next());
  return database_.transact(Scope::tenant(request.account), [&](db::Transaction& transaction) {
    const db::Rows rows =
        transaction.query(insert_leg, {request.account, request.call, provider_call_id, request.to.text(),
                                       json::write(leg.save()), clock_.now()});
    if (rows.front().integer(1) == 1) {
      queue_.enqueue(transaction, {.account = request.account,
                                   .id = ids_.next(),
                                   .kind = leg_job,
                                   .payload = to_text(request.call.uuid()),
                                   .priority = jobs::JobPriority::live_call});
    }
    return std::string(rows.front().text(0));
  });
}

Result<LookUp> LocalCarrier::look_up(AccountId account, CallId call) {
  const auto rows = database_.query(Scope::tenant(account), find_leg, {account, call});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return LookUp{.presence = Presence::absent};
  return LookUp{.presence = Presence::present, .provider_call_id = std::string(rows->front().text(0))};
}

// Takes a leg up, new or left behind by a process that died. The last event is told again in the latter case:
// whoever listens may have missed it, or may owe an answer to it.
jobs::Outcome LocalCarrier::drive(const jobs::Job& job) {
  const auto call = parse_uuid(job.payload);
  if (!call) return jobs::Outcome::park(Error(error_codes::scenario_invalid, "The job names no call."));
  const auto rows = database_.query(Scope::tenant(job.account), find_leg, {job.account, *call});
  if (!rows) return jobs::Outcome::retry(rows.error(), clock_.now() + seconds(1));
  if (rows->empty()) return jobs::Outcome::done();
  const db::Row row = rows->front();
  const auto number = PhoneNumber::parse_e164(row.text(1));
  const auto state = json::parse(row.text(2));
  if (!number || !state)
    return jobs::Outcome::park(Error(error_codes::scenario_invalid, "The leg is unreadable."));
  Result<Leg> leg = Leg::restore(directory_.reach(*number), *state);
  if (!leg) return jobs::Outcome::park(leg.error());
  const LinePointer line(new Line{.job = job,
                                  .call = CallId(*call),
                                  .provider_call_id = std::string(row.text(0)),
                                  .leg = std::move(*leg),
                                  .clock_set_at = std::chrono::steady_clock::now()});
  lines_[line->call] = line;
  const std::optional<Emission> last = line->leg.last_emission();
  // A leg that a command ends before this fiber's turn is retired by that command.
  const bool has_ended = line->leg.ended();
  loop_.spawn("leg", [this, line, last, has_ended] {
    if (last) deliver(line, *last);
    if (has_ended) return retire(line);
    if (!line->leg.ended()) schedule(line);
  });
  return jobs::Outcome::detached();
}

Duration LocalCarrier::real_time(const Line& line, Duration call_time) const {
  return line.leg.waits_for_agent() ? call_time : call_time / options_.speed;
}

// What the leg's clock shows now: it has moved on since it was last set, but not past what happens next.
Instant LocalCarrier::leg_time(const Line& line) const {
  const auto passed =
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - line.clock_set_at);
  const Instant shown = line.leg.now() + (line.leg.waits_for_agent() ? passed : passed * options_.speed);
  return std::min(shown, line.leg.next_at().value_or(shown));
}

void LocalCarrier::schedule(const LinePointer& line) {
  const auto next = line->leg.next_at();
  if (!next || *next == Instant::max()) return line->timer.cancel();
  const auto passed =
      std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - line->clock_set_at);
  const Duration wait = std::max(real_time(*line, *next - line->leg.now()) - passed, Duration::zero());
  line->timer = loop_.call_after(wait, [this, line] { loop_.spawn("leg", [this, line] { step(line); }); });
}

void LocalCarrier::step(const LinePointer& line) {
  change(line, [&] {
    // A command may have moved the next moment away while this step waited for its turn.
    const auto next = line->leg.next_at();
    if (!next || leg_time(*line) < *next) return false;
    line->leg.advance();
    return true;
  });
}

// Makes a change, remembers it, tells what came of it, and sees what is next.
void LocalCarrier::change(const LinePointer& line, const std::function<bool()>& command) {
  std::vector<Emission> emissions;
  {
    const runtime::Permit permit(line->turn);
    if (line->leg.ended()) return;
    if (command()) {
      line->clock_set_at = std::chrono::steady_clock::now();
      emissions = line->leg.take_emissions();
      for (Result<void> kept = remember(*line); !kept && !closing_; kept = remember(*line)) {
        log::warning("a leg could not be remembered", {{"call", line->call}, {"error", kept.error()}});
        runtime::sleep_for(milliseconds(200));
      }
      TRUNKLINE_FAIL_POINT("local.leg_remembered");
    }
  }
  const bool ended = line->leg.ended();
  for (const Emission& emission : emissions) deliver(line, emission);
  if (ended && !emissions.empty()) return retire(line);
  if (!ended) schedule(line);
}

Result<void> LocalCarrier::remember(const Line& line) {
  const auto written =
      database_.execute(Scope::tenant(line.job.account), update_leg,
                        {line.job.account, line.call, json::write(line.leg.save()), line.leg.ended()});
  if (!written) return fail(written.error());
  return {};
}

void LocalCarrier::retire(const LinePointer& line) {
  line->timer.cancel();
  lines_.erase(line->call);
  runner_.release(line->job, jobs::Outcome::done());
}

void LocalCarrier::deliver(const LinePointer& line, const Emission& emission) {
  const CallEvent event{.account = line->job.account,
                        .call = line->call,
                        .provider_call_id = line->provider_call_id,
                        .sequence = emission.sequence,
                        .kind = emission.kind,
                        .at = emission.at,
                        .answered_by = emission.answered_by,
                        .text = emission.text,
                        .cause = emission.cause,
                        .answered_at = emission.answered_at};
  if (options_.faults.any()) return deliver_badly(line, event);
  deliver_until_taken(event);
}

// On a fiber of its own, so that the next event can overtake this one.
void LocalCarrier::deliver_badly(const LinePointer& line, const CallEvent& event) {
  const EventFaults& faults = options_.faults;
  const int copies = random_.fraction() < faults.duplicated ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    const bool late = random_.fraction() < faults.delayed;
    const auto delay = late ? Duration(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(
                                  std::max<std::int64_t>(faults.delay_max.count(), 1)))))
                            : Duration::zero();
    loop_.spawn("event", [this, line, event, delay] {
      if (delay > Duration::zero()) runtime::sleep_for(delay);
      deliver_until_taken(event);
    });
  }
}

void LocalCarrier::deliver_until_taken(const CallEvent& event) {
  Backoff pauses(milliseconds(50), seconds(1));
  for (Result<void> taken = sink_->on_event(event); !taken && !closing_; taken = sink_->on_event(event)) {
    log::warning("a call event was not taken", {{"call", event.call}, {"error", taken.error()}});
    runtime::sleep_for(pauses.next());
  }
}

Result<LocalCarrier::LinePointer> LocalCarrier::find(const carriers::Leg& leg) {
  const auto line = lines_.find(leg.call);
  if (line == lines_.end() || line->second->job.account != leg.account) {
    return fail(carriers::error_codes::leg_gone, "The call is not in progress at the carrier.");
  }
  return line->second;
}

Result<void> LocalCarrier::say(const carriers::Leg& leg, const Utterance& utterance) {
  const Result<LinePointer> line = find(leg);
  if (!line) return fail(line.error());
  change(*line, [&] { return (*line)->leg.say(utterance, leg_time(**line)); });
  return {};
}

Result<void> LocalCarrier::press(const carriers::Leg& leg, std::int64_t number, std::string_view digits) {
  const Result<LinePointer> line = find(leg);
  if (!line) return fail(line.error());
  change(*line, [&] { return (*line)->leg.press(number, digits, leg_time(**line)); });
  return {};
}

Result<void> LocalCarrier::hang_up(const carriers::Leg& leg) {
  const Result<LinePointer> line = find(leg);
  if (!line) return fail(line.error());
  change(*line, [&] { return (*line)->leg.hang_up(leg_time(**line)); });
  return {};
}

Result<void> LocalCarrier::forget(AccountId account, CallId call) {
  const auto forgotten = database_.execute(Scope::tenant(account), forget_leg, {account, call});
  if (!forgotten) return fail(forgotten.error());
  if (*forgotten > 0) return {};
  const auto rows = database_.query(Scope::tenant(account), find_leg, {account, call});
  if (!rows) return fail(rows.error());
  if (rows->empty()) return {};
  return fail(trunkline::error_codes::unavailable, "The line is still in use.");
}

}  // namespace trunkline::carriers::local
