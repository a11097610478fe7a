// The context switches: a stack of its own for each running fiber, kept in a pool. Used by event_loop.cpp
// only.
#pragma once

#include <vector>

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#include "runtime/event_loop.hpp"

namespace trunkline::runtime {

// What the C++ runtime keeps per thread about exceptions in flight (Itanium C++ ABI, section 2.2.2). It
// belongs to the stack it arose on: without the swap, a fiber that waits inside a catch block would rethrow
// another fiber's exception.
struct ExceptionState {
  void* caught_exceptions = nullptr;
  unsigned int uncaught_exceptions = 0;
};

// Stacks with a page before them that nobody may touch. LeakSanitizer is told of each: what a waiting fiber
// holds is not lost.
struct StackAllocator : boost::context::protected_fixedsize_stack {
  using boost::context::protected_fixedsize_stack::basic_protected_fixedsize_stack;
  boost::context::stack_context allocate();
  void deallocate(boost::context::stack_context& stack) noexcept;
};

class Fiber {
 public:
  explicit Fiber(EventLoop& loop);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // From the loop: gives the thread to the fiber until it waits or ends. True when its body has ended.
  bool resume();
  // From the fiber: gives the thread back to the loop.
  void suspend();

  void assign(const char* fiber_name, Task fiber_body);
  const char* name() const { return name_; }
  EventLoop& loop() { return loop_; }

  SteadyTime deadline = SteadyTime::max();

  static Fiber* current();

 private:
  boost::context::fiber run(boost::context::fiber&& caller);
  void before_switch_to_fiber();
  void after_switch_from_fiber();

  EventLoop& loop_;
  StackAllocator allocator_;
  boost::context::stack_context stack_;
  boost::context::fiber context_;  // the fiber while it is suspended
  boost::context::fiber caller_;   // the loop while the fiber runs
  const char* name_ = "";
  Task body_;
  bool ended_ = true;
  bool exiting_ = false;
  ExceptionState exceptions_;
  // For the sanitizers, which must be told of each switch.
  [[maybe_unused]] void* fake_stack_ = nullptr;
  [[maybe_unused]] void* caller_fake_stack_ = nullptr;
  [[maybe_unused]] const void* caller_stack_bottom_ = nullptr;
  [[maybe_unused]] std::size_t caller_stack_size_ = 0;
  [[maybe_unused]] void* thread_sanitizer_fiber_ = nullptr;
  [[maybe_unused]] void* thread_sanitizer_caller_ = nullptr;
};

}  // namespace trunkline::runtime
