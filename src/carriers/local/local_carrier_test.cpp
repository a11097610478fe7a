// The phone network in a box as its port sees it; how its callees behave is tested from outside.
#include "carriers/local/local_carrier.hpp"

#include <doctest/doctest.h>

#include "jobs/jobs_testing.hpp"
#include "runtime/runtime_testing.hpp"

using namespace trunkline;
using namespace trunkline::carriers;
using trunkline::carriers::local::LocalCarrier;

namespace {

struct Listener final : EventSink {
  Result<void> on_event(const CallEvent& event) override {
    runtime::yield();
    if (event.kind == EventKind::hung_up) ended.push_back(event.call);
    return {};
  }
  std::vector<CallId> ended;
};

struct TestBox {
  explicit TestBox(jobs::TestJobs& test_jobs) : jobs(test_jobs) {
    carrier.set_sink(listener);
    jobs.runner.start();
  }
  ~TestBox() { jobs.runner.stop(runtime::test_patience); }

  Leg dial(std::string_view number) {
    const CallId call(jobs.ids.next());
    const auto dialled = carrier.dial({.account = jobs.account,
                                       .call = call,
                                       .to = *PhoneNumber::parse_e164(number),
                                       .from = *PhoneNumber::parse_e164("+12025550100"),
                                       .ring_timeout = seconds(30),
                                       .time_limit = seconds(60)});
    REQUIRE(dialled);
    return {.account = jobs.account, .call = call, .provider_call_id = *dialled};
  }

  bool has_ended(const Leg& leg) {
    const auto times = [&] { return std::ranges::count(listener.ended, leg.call); };
    return runtime::eventually([&] { return times() > 0; }) && times() == 1;
  }

  jobs::TestJobs& jobs;
  Listener listener;
  LocalCarrier carrier{*runtime::EventLoop::current(),
                       *jobs.database,
                       jobs.queue,
                       jobs.runner,
                       jobs.ids,
                       jobs.clock,
                       jobs.random,
                       {.speed = 1000}};
};

}  // namespace

TEST_SUITE("phone network in a box [db]") {
  TEST_CASE("a leg that is hung up in the moment it is taken up ends once, and later ones still ring") {
    jobs::with_jobs([](jobs::TestJobs& jobs) {
      TestBox box(jobs);
      const Leg first = box.dial("+12025550109");
      // At every turn of the loop: the moment is a short one.
      const runtime::SteadyTime until = runtime::steady_now() + runtime::test_patience;
      while (!box.carrier.hang_up(first)) {
        REQUIRE(runtime::steady_now() < until);
        runtime::yield();
      }
      CHECK(box.has_ended(first));
      jobs.settle();
      CHECK(jobs.runner.is_idle());
      CHECK(box.has_ended(box.dial("+12025550102")));
    });
  }
}
