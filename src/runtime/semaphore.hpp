// Waiting places shared by the fibers of one loop. Not for use across threads.
#pragma once

#include <deque>
#include <optional>

#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

// A counted permit. Fibers get it in the order they asked.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) : permits_(permits) {}

  void acquire();  // suspends
  bool try_acquire();
  void release();
  std::size_t waiting() const { return queue_.size(); }

 private:
  std::size_t permits_;
  std::deque<Waiter*> queue_;
};

// Holds one permit for a scope.
class Permit {
 public:
  explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) { semaphore.acquire(); }
  ~Permit() { semaphore_->release(); }
  Permit(const Permit&) = delete;
  Permit& operator=(const Permit&) = delete;

 private:
  Semaphore* semaphore_;
};

// A bell that fibers wait for. A ring that nobody waits for is kept, once, for the next who does.
class Bell {
 public:
  void ring();
  void wait();                      // suspends
  bool wait_for(Duration at_most);  // suspends; false when the time ran out

 private:
  Waiter* waiter_ = nullptr;
  bool rung_ = false;
};

// A first-in first-out queue between fibers of one loop. `pop` waits until there is something or it is
// closed.
template <class T>
class Queue {
 public:
  void push(T item) {
    items_.push_back(std::move(item));
    bell_.ring();
  }
  // Suspends. Nothing when the queue is closed and empty.
  std::optional<T> pop() {
    while (items_.empty()) {
      if (closed_) return std::nullopt;
      bell_.wait();
    }
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  void close() {
    closed_ = true;
    bell_.ring();
  }
  std::size_t size() const { return items_.size(); }

 private:
  std::deque<T> items_;
  Bell bell_;
  bool closed_ = false;
};

}  // namespace trunkline::runtime
