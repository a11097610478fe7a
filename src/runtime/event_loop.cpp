#include "runtime/event_loop.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "runtime/fiber.hpp"

namespace trunkline::runtime {
namespace {

thread_local EventLoop* current_loop = nullptr;

// Fibers kept ready for the next task; more than this many idle ones give their stacks back.
constexpr std::size_t idle_fibers_max = 512;
constexpr std::size_t resumed_at_once = 32;

}  // namespace

struct Timer::Entry {
  EventLoop::State* owner = nullptr;  // nullptr once fired or cancelled
  std::multimap<SteadyTime, std::shared_ptr<Entry>>::iterator position;
  Task task;
};

struct EventLoop::State {
  explicit State(EventLoop& owner) : loop(owner), alarm(context) {}

  void start(const char* name, Task body);
  void resume(Fiber& fiber);
  void arm();
  void fire_due();

  EventLoop& loop;
  boost::asio::io_context context{1};
  boost::asio::steady_timer alarm;
  SteadyTime armed_for = SteadyTime::max();
  std::multimap<SteadyTime, std::shared_ptr<Timer::Entry>> timers;
  std::vector<std::unique_ptr<Fiber>> idle;
  std::size_t running = 0;
  Duration longest_run{};
};

EventLoop::EventLoop() : state_(std::make_unique<State>(*this)) {}

EventLoop::~EventLoop() {
  for (auto& [due, entry] : state_->timers) entry->owner = nullptr;
}

Duration time_left(SteadyTime until) {
  const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
  return std::max(left, Duration::zero());
}

EventLoop* EventLoop::current() {
  return current_loop;
}

boost::asio::io_context& EventLoop::context() {
  return state_->context;
}

void EventLoop::run() {
  EventLoop* previous = std::exchange(current_loop, this);
  const auto guard = boost::asio::make_work_guard(state_->context);
  state_->context.restart();
  state_->context.run();
  state_->idle.clear();  // a loop that is kept for fibers that wait needs no others
  current_loop = previous;
}

void EventLoop::stop() {
  state_->context.stop();
}

void EventLoop::post(Task task) {
  boost::asio::post(state_->context, [task = std::move(task)]() mutable { task(); });
}

void EventLoop::spawn(const char* name, Task body) {
  post([this, name, body = std::move(body)]() mutable { state_->start(name, std::move(body)); });
}

void EventLoop::start(const char* name, Task body) {
  state_->start(name, std::move(body));
}

LoopStatistics EventLoop::take_statistics() {
  return {.longest_run = std::exchange(state_->longest_run, Duration::zero()),
          .fibers_running = state_->running};
}

void EventLoop::resume_soon(Fiber& fiber) {
  boost::asio::post(state_->context, [this, &fiber] { state_->resume(fiber); });
}

// A few at a time: between them the loop hears of what else came.
void EventLoop::resume_all_soon(std::vector<Fiber*> fibers) {
  boost::asio::post(state_->context, [this, fibers = std::move(fibers)]() mutable {
    const std::size_t now = std::min(fibers.size(), resumed_at_once);
    for (std::size_t i = 0; i < now; ++i) state_->resume(*fibers[i]);
    fibers.erase(fibers.begin(), fibers.begin() + static_cast<std::ptrdiff_t>(now));
    if (!fibers.empty()) resume_all_soon(std::move(fibers));
  });
}

void EventLoop::State::start(const char* name, Task body) {
  std::unique_ptr<Fiber> fiber;
  if (idle.empty()) {
    fiber = std::make_unique<Fiber>(loop);
  } else {
    fiber = std::move(idle.back());
    idle.pop_back();
  }
  fiber->assign(name, std::move(body));
  ++running;
  resume(*fiber.release());  // owned by whoever resumes it last: see below
}

void EventLoop::State::resume(Fiber& fiber) {
  const SteadyTime started = std::chrono::steady_clock::now();
  const bool ended = fiber.resume();
  const auto run = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - started);
  longest_run = std::max(longest_run, run);
  if (!ended) return;
  --running;
  std::unique_ptr<Fiber> finished(&fiber);
  if (idle.size() < idle_fibers_max) idle.push_back(std::move(finished));
}

Timer EventLoop::call_after(Duration delay, Task task) {
  auto entry = std::make_shared<Timer::Entry>();
  entry->owner = state_.get();
  entry->task = std::move(task);
  entry->position = state_->timers.emplace(std::chrono::steady_clock::now() + delay, entry);
  state_->arm();
  return Timer(std::move(entry));
}

void EventLoop::State::arm() {
  if (timers.empty() || timers.begin()->first >= armed_for) return;
  armed_for = timers.begin()->first;
  alarm.expires_at(armed_for);
  alarm.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // re-armed for something earlier
    armed_for = SteadyTime::max();
    fire_due();
  });
}

void EventLoop::State::fire_due() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!timers.empty() && timers.begin()->first <= now) {
    const std::shared_ptr<Timer::Entry> entry = timers.begin()->second;
    timers.erase(timers.begin());
    entry->owner = nullptr;
    entry->task();
  }
  arm();
}

Timer::Timer(Timer&& other) noexcept = default;

Timer& Timer::operator=(Timer&& other) noexcept {
  cancel();
  entry_ = std::move(other.entry_);
  return *this;
}

void Timer::cancel() {
  if (is_pending()) {
    entry_->owner->timers.erase(entry_->position);
    entry_->owner = nullptr;
  }
  entry_.reset();
}

bool Timer::is_pending() const {
  return entry_ && entry_->owner != nullptr;
}

bool on_fiber() {
  return Fiber::current() != nullptr;
}

void sleep_for(Duration duration) {
  Waiter waiter;
  const Timer timer = EventLoop::current()->call_after(duration, [&waiter] { waiter.wake(); });
  waiter.wait();
}

void yield() {
  Fiber* fiber = Fiber::current();
  fiber->loop().resume_soon(*fiber);
  fiber->suspend();
}

Waiter::Waiter() : loop_(EventLoop::current()), fiber_(Fiber::current()) {
  if (fiber_ == nullptr) throw std::logic_error("only a fiber can wait");
}

void Waiter::wait() {
  Phase expected = Phase::idle;
  if (!phase_.compare_exchange_strong(expected, Phase::waiting, std::memory_order_acq_rel)) return;
  fiber_->suspend();
}

// Once the phase is `woken` the fiber may run on and destroy this Waiter: nothing of it is touched after.
Fiber* Waiter::mark_woken() {
  Fiber* fiber = fiber_;
  const Phase before = phase_.exchange(Phase::woken, std::memory_order_acq_rel);
  return before == Phase::waiting ? fiber : nullptr;
}

void Waiter::wake() {
  EventLoop* loop = loop_;
  if (Fiber* fiber = mark_woken()) loop->resume_soon(*fiber);
}

void Waiter::wake_all(std::span<Waiter* const> waiters) {
  std::vector<std::pair<EventLoop*, std::vector<Fiber*>>> by_loop;
  for (Waiter* waiter : waiters) {
    EventLoop* loop = waiter->loop_;
    Fiber* fiber = waiter->mark_woken();
    if (fiber == nullptr) continue;
    auto group = std::ranges::find(by_loop, loop, &std::pair<EventLoop*, std::vector<Fiber*>>::first);
    if (group == by_loop.end()) group = by_loop.insert(group, {loop, {}});
    group->second.push_back(fiber);
  }
  for (auto& [loop, fibers] : by_loop) loop->resume_all_soon(std::move(fibers));
}

// A fiber that still waits may be woken by another thread at any time, and that goes through its loop.
static void keep_until_exit(std::unique_ptr<EventLoop> loop) {
  static auto& kept = *new std::vector<std::unique_ptr<EventLoop>>;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(loop));
}

void run_to_completion(Task body) {
  auto loop = std::make_unique<EventLoop>();
  std::exception_ptr failure;
  loop->spawn("main", [&] {
    try {
      body();
    } catch (...) {
      failure = std::current_exception();
    }
    loop->stop();
  });
  loop->run();
  if (loop->take_statistics().fibers_running > 0) keep_until_exit(std::move(loop));
  if (failure) std::rethrow_exception(failure);
}

SteadyTime current_deadline() {
  const Fiber* fiber = Fiber::current();
  return fiber == nullptr ? SteadyTime::max() : fiber->deadline;
}

DeadlineScope::DeadlineScope(Duration from_now) : previous_(current_deadline()) {
  Fiber::current()->deadline = std::min(previous_, std::chrono::steady_clock::now() + from_now);
}

DeadlineScope::~DeadlineScope() {
  Fiber::current()->deadline = previous_;
}

}  // namespace trunkline::runtime
