#include "runtime/fiber.hpp"

#include <cstring>

#include <cxxabi.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace trunkline::runtime {
namespace {

constexpr std::size_t stack_bytes = 256UL * 1024;

thread_local Fiber* current_fiber = nullptr;

#if defined(__SANITIZE_ADDRESS__)
const char* lowest_of(const boost::context::stack_context& stack) {
  return static_cast<const char*>(stack.sp) - stack.size;
}
#endif

void swap_exception_state(ExceptionState& saved) {
  void* globals = abi::__cxa_get_globals();
  ExceptionState live;
  std::memcpy(&live, globals, sizeof live);
  std::memcpy(globals, &saved, sizeof saved);
  saved = live;
}

}  // namespace

boost::context::stack_context StackAllocator::allocate() {
  const boost::context::stack_context stack = boost::context::protected_fixedsize_stack::allocate();
#if defined(__SANITIZE_ADDRESS__)
  __lsan_register_root_region(lowest_of(stack), stack.size);
#endif
  return stack;
}

void StackAllocator::deallocate(boost::context::stack_context& stack) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  __lsan_unregister_root_region(lowest_of(stack), stack.size);
  // What its last frames have marked would stay marked for whoever is given these addresses next.
  __asan_unpoison_memory_region(lowest_of(stack), stack.size);
#endif
  boost::context::protected_fixedsize_stack::deallocate(stack);
}

Fiber::Fiber(EventLoop& loop)
    : loop_(loop),
      allocator_(stack_bytes),
      stack_(allocator_.allocate()),
      context_(std::allocator_arg, boost::context::preallocated(stack_.sp, stack_.size, stack_), allocator_,
               [this](boost::context::fiber&& caller) { return run(std::move(caller)); }) {
#if defined(__SANITIZE_ADDRESS__)
  // One that still waits when its loop ends is known to nobody any more (run_to_completion).
  __lsan_ignore_object(this);
#endif
#if defined(__SANITIZE_THREAD__)
  thread_sanitizer_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
  exiting_ = true;
  resume();
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(thread_sanitizer_fiber_);
#endif
}

Fiber* Fiber::current() {
  return current_fiber;
}

void Fiber::assign(const char* fiber_name, Task fiber_body) {
  name_ = fiber_name;
  body_ = std::move(fiber_body);
  ended_ = false;
  deadline = SteadyTime::max();
}

bool Fiber::resume() {
  // Another one is current when a loop and its fibers are destroyed on a fiber of another loop.
  Fiber* const resumer = std::exchange(current_fiber, this);
  swap_exception_state(exceptions_);
  before_switch_to_fiber();
  context_ = std::move(context_).resume();
#if defined(__SANITIZE_THREAD__)
  // A fiber that ends for good cannot switch away by itself.
  if (exiting_) __tsan_switch_to_fiber(thread_sanitizer_caller_, 0);
#endif
  after_switch_from_fiber();
  swap_exception_state(exceptions_);
  current_fiber = resumer;
  return ended_;
}

// Not itself watched by ThreadSanitizer: it would enter the function on one fiber's record and leave it on
// another's.
#if defined(__SANITIZE_THREAD__)
__attribute__((no_sanitize("thread")))
#endif
void Fiber::before_switch_to_fiber() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&caller_fake_stack_, lowest_of(stack_), stack_.size);
#endif
#if defined(__SANITIZE_THREAD__)
  thread_sanitizer_caller_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(thread_sanitizer_fiber_, 0);
#endif
}

void Fiber::after_switch_from_fiber() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(caller_fake_stack_, nullptr, nullptr);
#endif
}

void Fiber::suspend() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&fake_stack_, caller_stack_bottom_, caller_stack_size_);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(thread_sanitizer_caller_, 0);
#endif
  caller_ = std::move(caller_).resume();
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack_, &caller_stack_bottom_, &caller_stack_size_);
#endif
}

// Runs one body after the other; between two bodies it lies suspended in the pool.
boost::context::fiber Fiber::run(boost::context::fiber&& caller) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &caller_stack_bottom_, &caller_stack_size_);
#endif
  caller_ = std::move(caller);
  while (!exiting_) {
    body_();
    body_ = nullptr;
    ended_ = true;
    suspend();
  }
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(nullptr, caller_stack_bottom_, caller_stack_size_);
#endif
  return std::move(caller_);
}

}  // namespace trunkline::runtime
