// The phone network in a box: a carrier inside the server. It accepts dials, plays the callees of its
// directory, reports what happens as events of its own time, keeps its calls in the database like a carrier
// keeps them in its own house, and can duplicate, delay and reorder its events on demand.
#pragma once

#include <unordered_map>

#include "base/random.hpp"
#include "carriers/carrier.hpp"
#include "carriers/local/leg.hpp"
#include "jobs/runner.hpp"
#include "runtime/semaphore.hpp"

namespace trunkline::carriers::local {

// How events misbehave on their way, each as a share of them from 0 to 1.
struct EventFaults {
  double duplicated = 0;
  double delayed = 0;
  Duration delay_max = milliseconds(200);  // of real time; enough of it also reorders

  bool any() const { return duplicated > 0 || delayed > 0; }
};

// Reads "duplicate=0.2,delay=0.3,delay_max=200ms".
Result<EventFaults> parse_event_faults(std::string_view text);

struct LocalOptions {
  std::int64_t speed = 20;  // how much faster than the clock on the wall call time runs
  EventFaults faults = {};
};

class LocalCarrier final : public Carrier {
 public:
  LocalCarrier(runtime::EventLoop& loop, db::Database& database, jobs::Queue& queue, jobs::Runner& runner,
               IdSource& ids, const Clock& clock, Random& random, LocalOptions options);
  ~LocalCarrier() override;

  // Before the runner starts.
  void set_sink(EventSink& sink) { sink_ = &sink; }
  Directory& directory() { return directory_; }

  std::string_view name() const override { return "local"; }
  std::optional<PhoneNumber> caller_number(const PhoneNumber& to, std::string_view country) const override;
  Result<std::string> dial(const DialRequest& request) override;
  Result<LookUp> look_up(AccountId account, CallId call) override;
  Result<void> say(const carriers::Leg& leg, const Utterance& utterance) override;
  Result<void> press(const carriers::Leg& leg, std::int64_t number, std::string_view digits) override;
  Result<void> hang_up(const carriers::Leg& leg) override;
  Result<void> forget(AccountId account, CallId call) override;
  Instant call_time(Instant event_at, Instant event_received_at, Instant now) const override;

 private:
  // A leg that this process drives.
  struct Line {
    jobs::Job job;
    CallId call;
    std::string provider_call_id;
    Leg leg;
    runtime::SteadyTime clock_set_at;  // when the leg's clock showed what it shows
    runtime::Timer timer;
    runtime::Semaphore turn{1};  // one change at a time
  };
  using LinePointer = std::shared_ptr<Line>;

  jobs::Outcome drive(const jobs::Job& job);
  void schedule(const LinePointer& line);
  void step(const LinePointer& line);
  void change(const LinePointer& line, const std::function<bool()>& command);
  void deliver(const LinePointer& line, const Emission& emission);
  void deliver_badly(const LinePointer& line, const CallEvent& event);
  void deliver_until_taken(const CallEvent& event);
  void retire(const LinePointer& line);
  Result<void> remember(const Line& line);
  Instant leg_time(const Line& line) const;
  Duration real_time(const Line& line, Duration call_time) const;
  Result<LinePointer> find(const carriers::Leg& leg);

  runtime::EventLoop& loop_;
  db::Database& database_;
  jobs::Queue& queue_;
  jobs::Runner& runner_;
  IdSource& ids_;
  const Clock& clock_;
  Random& random_;
  LocalOptions options_;
  Directory directory_;
  EventSink* sink_ = nullptr;
  std::unordered_map<CallId, LinePointer> lines_;
  bool closing_ = false;
};

}  // namespace trunkline::carriers::local
