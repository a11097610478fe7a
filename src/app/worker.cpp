#include "app/worker.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "base/log.hpp"
#include "engagement/request_keys.hpp"

namespace trunkline::app {
namespace {

constexpr std::string_view hourly_job = "maintenance.hourly";
constexpr Duration last_used_every = seconds(60);
constexpr std::size_t deliveries_at_once = 1024;
constexpr std::size_t erasures_at_once = 8;
constexpr std::size_t deliveries_to_one_server = 32;

Result<carriers::local::LocalOptions> local_options(const Settings& settings) {
  const auto speed = settings.number("local_speed", 1, 1'000'000);
  if (!speed) return fail(speed.error());
  const auto faults = carriers::local::parse_event_faults(settings.text("local_faults"));
  if (!faults) return fail(faults.error());
  return carriers::local::LocalOptions{.speed = *speed, .faults = *faults};
}

Result<void> add_scenario_file(const std::string& path, carriers::local::Directory& directory) {
  if (path.empty()) return {};
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file)
    return fail(error_codes::setting_invalid, fmt::format("The scenario file {} cannot be read.", path));
  const auto scenario = carriers::local::parse_scenario(text.str());
  if (!scenario)
    return fail(Error(scenario.error().code(), fmt::format("{}: {}", path, scenario.error().message())));
  directory.add(*scenario);
  return {};
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::make(Installation& installation, std::string node_name) {
  const Settings& settings = installation.settings;
  const auto allow_private = settings.flag("allow_private_urls");
  if (!allow_private) return fail(allow_private.error());
  const auto ring_timeout = settings.duration("ring_timeout");
  if (!ring_timeout) return fail(ring_timeout.error());
  const auto local = local_options(settings);
  if (!local) return fail(local.error());

  std::unique_ptr<Worker> worker(new Worker(installation));
  runtime::EventLoop& loop = *runtime::EventLoop::current();
  db::Database& database = *installation.database;
  worker->network_ = std::make_unique<Network>(installation, *allow_private);
  worker->node_ = std::make_unique<jobs::Node>(database, installation.clock, installation.ids.next(),
                                               std::move(node_name));
  worker->runner_ = std::make_unique<jobs::Runner>(jobs::RunnerContext{.loop = loop,
                                                                       .queue = *installation.queue,
                                                                       .node = *worker->node_,
                                                                       .clock = installation.clock,
                                                                       .metrics = installation.metrics});
  worker->carrier_ = std::make_unique<carriers::local::LocalCarrier>(
      loop, database, *installation.queue, *worker->runner_, installation.ids, installation.clock,
      installation.random, *local);
  if (const auto added = add_scenario_file(settings.text("scenario_file"), worker->carrier_->directory());
      !added) {
    return fail(added.error());
  }
  worker->domain_ = std::make_unique<Domain>(installation, *worker->network_, *worker->carrier_);
  Domain& domain = *worker->domain_;
  worker->responder_ = make_responder(installation, worker->network_->client);
  worker->dialogue_ =
      std::make_unique<calls::DialogueDriver>(calls::DialogueContext{.loop = loop,
                                                                     .database = database,
                                                                     .queue = *installation.queue,
                                                                     .transitions = domain.transitions,
                                                                     .tools = domain.tools,
                                                                     .endpoints = domain.endpoints,
                                                                     .client = worker->network_->client,
                                                                     .carrier = *worker->carrier_,
                                                                     .responder = *worker->responder_,
                                                                     .ids = installation.ids,
                                                                     .clock = installation.clock,
                                                                     .metrics = installation.metrics});
  worker->engine_ = std::make_unique<calls::Engine>(calls::EngineContext{.loop = loop,
                                                                         .database = database,
                                                                         .queue = *installation.queue,
                                                                         .runner = *worker->runner_,
                                                                         .transitions = domain.transitions,
                                                                         .dialogue = *worker->dialogue_,
                                                                         .carrier = *worker->carrier_,
                                                                         .clock = installation.clock,
                                                                         .metrics = installation.metrics},
                                                    calls::EngineOptions{.ring_timeout = *ring_timeout});
  worker->carrier_->set_sink(*worker->engine_);
  worker->delivery_ = std::make_unique<webhooks::Delivery>(
      database, *installation.queue, domain.messages, domain.endpoints, worker->network_->client,
      installation.clock, installation.random, installation.metrics);
  worker->runner_->handle(
      std::string(webhooks::delivery_job),
      {.running_max = deliveries_at_once, .per_group_max = deliveries_to_one_server},
      [delivery = worker->delivery_.get()](const jobs::Job& job) { return delivery->deliver(job); });
  worker->runner_->handle(std::string(engagement::erase_call_job), {.running_max = erasures_at_once},
                          [&domain](const jobs::Job& job) { return domain.erasure.erase_call(job); });
  worker->register_schedules();
  return worker;
}

void Worker::register_schedules() {
  scheduler_ = std::make_unique<jobs::Scheduler>(*installation_.database, *installation_.queue,
                                                 installation_.ids, installation_.clock);
  scheduler_->add(std::string(hourly_job), hours(1));
  runner_->handle(std::string(hourly_job), {}, [this](const jobs::Job&) {
    const auto forgotten = domain_->calls.forget_old_keys();
    if (!forgotten) return jobs::Outcome::retry(forgotten.error(), installation_.clock.now() + minutes(1));
    const auto keys = engagement::forget_old_keys(*installation_.database, installation_.clock.now());
    if (!keys) return jobs::Outcome::retry(keys.error(), installation_.clock.now() + minutes(1));
    const auto notes = installation_.replies->forget_old_notes();
    if (!notes) return jobs::Outcome::retry(notes.error(), installation_.clock.now() + minutes(1));
    return jobs::Outcome::done();
  });
}

Result<void> Worker::start() {
  if (const auto joined = node_->join(); !joined) return joined;
  publish_metrics();
  runner_->start();
  if (const auto syncing = start_warehouse(); !syncing) return syncing;
  runtime::EventLoop::current()->spawn("maintenance", [this] { maintain(); });
  return {};
}

// The telecom warehouse keeps itself up to date, when accounts are configured.
Result<void> Worker::start_warehouse() {
  const auto scheduled = installation_.settings.flag("warehouse_schedule");
  if (!scheduled) return fail(scheduled.error());
  if (!warehouse_) {
    auto opened = Warehouse::open(installation_, *network_);
    if (!opened) return fail(std::move(opened.error()));
    warehouse_ = std::move(*opened);
  }
  if (*scheduled) warehouse_->start_schedule();
  return {};
}

// The heartbeat of the process. Each part may fail while the database is away, and is simply tried again.
void Worker::maintain() {
  Instant last_used_written = installation_.clock.now();
  // After a fault of the database for a while at each beat, else now and then.
  constexpr int beats_after_fault = 15;
  constexpr int beats_between = 60;
  int beats_to_watch = 0;
  int beats = 0;
  const auto report = [](const char* what, const Error& error) {
    log::warning("maintenance failed", {{"what", what}, {"error", error}});
  };
  while (!stopping_) {
    runtime::sleep_for(seconds(1));
    if (stopping_) return;
    const auto renewed = node_->renew();
    if (!renewed) report("lease", renewed.error());
    if (renewed && *renewed > 0) runner_->wake();
    const bool fault = runner_->take_trouble() || !renewed;
    beats_to_watch = fault ? beats_after_fault : std::max(beats_to_watch - 1, 0);
    if (renewed && (beats_to_watch > 0 || ++beats % beats_between == 0)) {
      if (const auto recovered = runner_->recover_lost(); !recovered) report("lost jobs", recovered.error());
    }
    if (const auto swept = engine_->sweep(); !swept) report("overdue calls", swept.error());
    if (const auto fired = scheduler_->fire_due(); !fired) report("schedules", fired.error());
    if (installation_.clock.now() - last_used_written >= last_used_every) {
      last_used_written = installation_.clock.now();
      if (const auto written = domain_->authenticator.write_last_used(); !written)
        report("last used", written.error());
    }
  }
}

void Worker::stop(runtime::SteadyTime until) {
  stopping_ = true;
  if (warehouse_) warehouse_->stop(runtime::time_left(until));
  runner_->stop(runtime::time_left(until));
  if (const auto left = node_->leave(); !left) {
    log::warning("the jobs held could not be given back; they are free when the lease runs out",
                 {{"error", left.error()}});
  }
}

void Worker::publish_metrics() {
  Metrics& metrics = installation_.metrics;
  metrics.before_page([this] {
    Metrics& all = installation_.metrics;
    const Instant now = installation_.clock.now();
    if (const auto depths = installation_.queue->depths()) {
      for (const jobs::QueueDepth& depth : *depths) {
        const MetricLabels labels{{"kind", depth.kind}};
        all.gauge("trunkline_jobs_waiting", "Jobs that wait or run.", labels)
            .set(static_cast<double>(depth.waiting));
        all.gauge("trunkline_jobs_parked", "Jobs that wait for an operator.", labels)
            .set(static_cast<double>(depth.parked));
        const Duration age = depth.oldest_due < now ? now - depth.oldest_due : Duration::zero();
        all.gauge("trunkline_jobs_oldest_due_seconds", "How long the oldest due job has waited.", labels)
            .set(std::chrono::duration<double>(age).count());
      }
    }
    if (const auto live = calls::store::live_counts(*installation_.database)) {
      for (const auto status : {calls::Status::queued, calls::Status::ringing, calls::Status::in_progress}) {
        const auto entry = std::ranges::find(*live, status, &std::pair<calls::Status, std::int64_t>::first);
        all.gauge("trunkline_calls", "Calls that have not ended, by status.",
                  {{"status", std::string(calls::to_text(status))}})
            .set(entry == live->end() ? 0 : static_cast<double>(entry->second));
      }
    }
    const runtime::LoopStatistics loop = runtime::EventLoop::current()->take_statistics();
    all.gauge("trunkline_loop_longest_run_seconds",
              "The longest stretch of the loop without a wait since the last page.")
        .set(std::chrono::duration<double>(loop.longest_run).count());
    all.gauge("trunkline_fibers", "Fibers that are running or waiting.")
        .set(static_cast<double>(loop.fibers_running));
  });
}

}  // namespace trunkline::app
