// A few threads for what would stall a loop: password hashing, compression, big reads, file work.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include "base/error.hpp"
#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

inline constexpr ErrorCode pool_full{"pool_full", ErrorKind::unavailable};

class ThreadPool {
 public:
  // `queue_max` bounds the work that waits; beyond it `run` refuses.
  ThreadPool(const std::string& name, std::size_t threads, std::size_t queue_max);
  ~ThreadPool();  // finishes what was accepted
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Runs `work` on one of the threads while the calling fiber waits; rethrows what it throws. Fails with
  // `pool_full` when too much waits already. Suspends.
  template <class Work>
  auto run(Work work) -> Result<std::invoke_result_t<Work>> {
    using Value = std::invoke_result_t<Work>;
    Waiter waiter;
    std::exception_ptr failure;
    std::conditional_t<std::is_void_v<Value>, std::monostate, std::optional<Value>> value;
    const bool accepted = submit([&] {
      try {
        if constexpr (std::is_void_v<Value>) {
          work();
        } else {
          value.emplace(work());
        }
      } catch (...) {
        failure = std::current_exception();
      }
      waiter.wake();
    });
    if (!accepted) return fail(Error(pool_full, "The server is busy; try again shortly.").after(seconds(1)));
    waiter.wait();
    if (failure) std::rethrow_exception(failure);
    if constexpr (std::is_void_v<Value>) {
      return {};
    } else {
      return std::move(*value);
    }
  }

 private:
  bool submit(Task task);
  void work_until_closed();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> queue_;
  std::size_t queue_max_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

// Names the calling thread for debuggers and top; the kernel keeps 15 characters.
void name_this_thread(const std::string& name);

}  // namespace trunkline::runtime
