#include "runtime/semaphore.hpp"

namespace trunkline::runtime {

void Semaphore::acquire() {
  if (try_acquire()) return;
  Waiter waiter;
  queue_.push_back(&waiter);
  waiter.wait();  // the permit is handed over, not returned to the pool
}

bool Semaphore::try_acquire() {
  if (permits_ == 0) return false;
  --permits_;
  return true;
}

void Semaphore::release() {
  if (queue_.empty()) {
    ++permits_;
    return;
  }
  Waiter* next = queue_.front();
  queue_.pop_front();
  next->wake();
}

void Bell::ring() {
  rung_ = true;
  if (Waiter* waiter = std::exchange(waiter_, nullptr)) waiter->wake();
}

void Bell::wait() {
  if (!rung_) {
    Waiter waiter;
    waiter_ = &waiter;
    waiter.wait();
  }
  rung_ = false;
}

bool Bell::wait_for(Duration at_most) {
  if (!rung_) {
    Waiter waiter;
    waiter_ = &waiter;
    const Timer timer = EventLoop::current()->call_after(at_most, [this, &waiter] {
      if (std::exchange(waiter_, nullptr) != nullptr) waiter.wake();
    });
    waiter.wait();
  }
  return std::exchange(rung_, false);
}

}  // namespace trunkline::runtime
