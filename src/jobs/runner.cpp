#include "jobs/runner.hpp"

#include "base/log.hpp"

namespace trunkline::jobs {
namespace {

// Jobs of one order are told apart by their account too: keys are the tenants' own.
std::string order_of(const Job& job) {
  return std::string(job.account.uuid().as_text()) + job.order_key;
}

// What a handler that throws has earned: a defect is tried again, since the next version may have mended it.
constexpr Duration defect_pause = seconds(60);

// Above this the database keeps what a waiting job is about, and memory does not.
constexpr std::size_t handovers_max = 4096;

}  // namespace

struct Runner::Kind {
  std::string name;
  KindOptions options;
  Handler handler;
  std::size_t running = 0;
  std::deque<Job> ready;
};

struct Runner::Group {
  std::size_t running = 0;
  std::list<Job> waiting;
};

Runner::Runner(RunnerContext context, RunnerOptions options)
    : context_(context),
      options_(options),
      done_(context.metrics.counter("trunkline_jobs_total", "Jobs that ended a try.", {{"outcome", "done"}})),
      retried_(
          context.metrics.counter("trunkline_jobs_total", "Jobs that ended a try.", {{"outcome", "retry"}})),
      parked_(context.metrics.counter("trunkline_jobs_total", "Jobs that ended a try.",
                                      {{"outcome", "parked"}})) {}

Runner::~Runner() {
  context_.queue.set_receiver(nullptr);
}

void Runner::handle(std::string kind, KindOptions options, Handler handler) {
  auto entry = std::make_unique<Kind>();
  entry->name = kind;
  entry->options = options;
  entry->handler = std::move(handler);
  kinds_.emplace(std::move(kind), std::move(entry));
}

void Runner::start() {
  started_ = true;
  context_.queue.set_receiver(this);
  context_.loop.spawn("job claimer", [this] { claim_until_stopped(); });
}

void Runner::stop(Duration at_most) {
  stopping_ = true;
  context_.queue.set_receiver(nullptr);
  bell_.ring();
  if (std::exchange(started_, false)) claimer_ended_.acquire();
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (running_ > detached_ && std::chrono::steady_clock::now() < until)
    runtime::sleep_for(milliseconds(5));
}

std::optional<Uuid> Runner::node_with_room() const {
  if (stopping_ || held_ >= options_.held_max || !context_.node.is_alive()) return std::nullopt;
  return context_.node.id();
}

void Runner::receive(Job job) {
  if (++held_ > handovers_max) job.handover.reset();
  if (runtime::EventLoop::current() == &context_.loop) return offer(std::move(job));
  context_.loop.post([this, job = std::move(job)]() mutable { offer(std::move(job)); });
}

void Runner::expect(Instant due) {
  if (runtime::EventLoop::current() != &context_.loop) {
    return context_.loop.post([this, due] { expect(due); });
  }
  if (due >= next_due_) return;
  next_due_ = due;
  bell_.ring();
}

void Runner::wake() {
  bell_.ring();
}

// What was made a moment ago may still be on its way here from another thread.
Result<std::int64_t> Runner::recover_lost() {
  constexpr Duration on_its_way = seconds(5);
  const auto freed = context_.queue.free_lost(context_.node.id(), context_.clock.now() - on_its_way,
                                              [this](Uuid id) { return held_ids_.contains(id); });
  if (freed && *freed > 0) {
    log::warning("jobs that a fault of the database had hidden are taken up again", {{"jobs", *freed}});
    wake();
  }
  return freed;
}

// Into its order's line, or straight on.
void Runner::offer(Job job) {
  held_ids_.insert(job.id);
  if (!job.order_key.empty()) {
    const auto [entry, is_first] = orders_.try_emplace(order_of(job));
    Order& order = entry->second;
    // It starts when its elder is over, and before that the elder did not start until its own was.
    if (!is_first && job.elder == order.youngest) job.elder.reset();
    order.youngest = job.id;
    if (!is_first) {
      order.waiting.push_back(std::move(job));
      return;
    }
  }
  // Made by a newer version, perhaps: an operator sees it, and can send it on its way after the upgrade.
  auto known = kinds_.find(job.kind);
  if (known == kinds_.end()) {
    handle(job.kind, {}, [](const Job&) {
      return Outcome::park(
          Error(error_codes::kind_unknown, "This version of Trunkline knows no jobs of this kind."));
    });
    known = kinds_.find(job.kind);
  }
  make_ready(*known->second, std::move(job));
}

// Into its group's line when that runs as many as it may.
void Runner::make_ready(Kind& kind, Job job) {
  if (!job.group_key.empty()) {
    auto& group = groups_[job.group_key];
    if (!group) group = std::make_unique<Group>();
    if (group->running >= kind.options.per_group_max) {
      group->waiting.push_back(std::move(job));
      return;
    }
    ++group->running;
  }
  kind.ready.push_back(std::move(job));
  start_ready(kind);
}

void Runner::start_ready(Kind& kind) {
  while (!stopping_ && kind.running < kind.options.running_max && !kind.ready.empty()) {
    Job job = std::move(kind.ready.front());
    kind.ready.pop_front();
    ++kind.running;
    ++running_;
    context_.loop.spawn("job", [this, &kind, job = std::move(job)] { run(kind, job); });
  }
}

void Runner::run(Kind& kind, const Job& job) {
  const Outcome outcome = outcome_of(kind, job);
  if (outcome.kind() == Outcome::Kind::detached) {
    ++detached_;
    return;
  }
  end(kind, job, outcome);
}

Outcome Runner::outcome_of(Kind& kind, const Job& job) {
  // The elder may be one that this process does not hold: also when the job stood in line here, behind one
  // that was claimed.
  if (job.elder) {
    const Result<bool> waits = context_.queue.has_predecessor(job);
    if (!waits || *waits) {
      return Outcome::retry(Error(error_codes::lease_lost, "An earlier job of the same order is open."),
                            Instant());
    }
  }
  try {
    return kind.handler(job);
  } catch (const std::exception& defect) {
    log::error("a job failed by a defect",
               {{"kind", job.kind}, {"job", to_text(job.id)}, {"what", defect.what()}});
    return Outcome::retry(Error(trunkline::error_codes::internal, defect.what()),
                          context_.clock.now() + defect_pause);
  }
}

void Runner::release(const Job& job, const Outcome& outcome) {
  --detached_;
  end(*kinds_.at(job.kind), job, outcome);
}

// Writes down how the try ended; whether it could. If not, the job is found to be lost in time, and done
// again.
bool Runner::settle(const Job& job, const Outcome& outcome) {
  Result<void> written;
  switch (outcome.kind()) {
    case Outcome::Kind::done:
      done_.increment();
      written = context_.queue.complete(job);
      break;
    case Outcome::Kind::finished:
      done_.increment();
      break;
    case Outcome::Kind::detached:
      break;
    case Outcome::Kind::retry:
      retried_.increment();
      if (outcome.retry_at() == Instant()) {
        written = context_.queue.give_back(std::span(&job, 1), context_.clock.now());
      } else {
        written = context_.queue.retry_at(job, *outcome.error(), outcome.retry_at());
      }
      expect(outcome.retry_at());
      break;
    case Outcome::Kind::park:
      parked_.increment();
      log::warning("a job was parked",
                   {{"kind", job.kind}, {"job", to_text(job.id)}, {"error", *outcome.error()}});
      written = context_.queue.park(job, *outcome.error());
      break;
  }
  if (!written) {
    troubled_ = true;
    log::warning("the end of a job could not be written",
                 {{"kind", job.kind}, {"job", to_text(job.id)}, {"error", written.error()}});
  }
  return written.has_value();
}

void Runner::end(Kind& kind, const Job& job, const Outcome& outcome) {
  const bool is_over = settle(job, outcome) && outcome.kind() != Outcome::Kind::retry;
  --held_;
  held_ids_.erase(job.id);
  --running_;
  --kind.running;
  if (!job.group_key.empty()) {
    Group& group = *groups_.at(job.group_key);
    --group.running;
    if (!group.waiting.empty()) {
      Job next = std::move(group.waiting.front());
      group.waiting.pop_front();
      make_ready(kind, std::move(next));
    } else if (group.running == 0) {
      groups_.erase(job.group_key);
    }
  }
  if (!job.order_key.empty()) end_order(job, is_over);
  start_ready(kind);
}

void Runner::end_order(const Job& job, bool is_over) {
  const auto order = orders_.find(order_of(job));
  std::list<Job>& waiting = order->second.waiting;
  if (!is_over) {
    // What waits behind a job that must be tried again waits in the database with it.
    const std::vector<Job> followers(std::make_move_iterator(waiting.begin()),
                                     std::make_move_iterator(waiting.end()));
    orders_.erase(order);
    held_ -= followers.size();
    for (const Job& follower : followers) held_ids_.erase(follower.id);
    // Due at once: they follow it whenever it is done, also when an operator sends it off before its time.
    if (const auto given = context_.queue.give_back(followers, context_.clock.now()); !given) {
      troubled_ = true;
      log::warning("waiting jobs could not be given back", {{"error", given.error()}});
    }
    return;
  }
  if (waiting.empty()) {
    orders_.erase(order);
    // A claimed job may have followers in the database that could not be claimed before.
    if (!job.fresh) bell_.ring();
    return;
  }
  Job next = std::move(waiting.front());
  waiting.pop_front();
  Kind& kind = *kinds_.at(next.kind);
  make_ready(kind, std::move(next));
}

Duration Runner::until_next_due() const {
  const Duration until = next_due_ - context_.clock.now();
  return std::clamp<Duration>(until, milliseconds(1), options_.poll_interval);
}

void Runner::claim_until_stopped() {
  while (!stopping_) {
    const std::size_t claimed = claim_once();
    ++looks_;
    // A full batch means that there is more.
    if (claimed < options_.claim_batch) bell_.wait_for(until_next_due());
  }
  claimer_ended_.release();
}

std::size_t Runner::claim_once() {
  if (held_ >= options_.held_max || !context_.node.is_alive()) return 0;
  Result<std::vector<Job>> claimed = context_.queue.claim(context_.node.id(), options_.claim_batch);
  if (!claimed) {
    troubled_ = true;
    log::warning("due jobs could not be claimed", {{"error", claimed.error()}});
    next_due_ = Instant::max();
    return 0;
  }
  const std::size_t count = claimed->size();
  for (Job& job : *claimed) receive(std::move(job));
  const auto next = context_.queue.next_due();
  // What is due and was not claimed waits for its elder brother, whose end rings the bell.
  const bool later = next && *next && **next > context_.clock.now();
  next_due_ = later ? **next : Instant::max();
  return count;
}

}  // namespace trunkline::jobs
