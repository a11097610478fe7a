#include "net/admission.hpp"

#include <doctest/doctest.h>

namespace trunkline::net {
namespace {

using Verdict = Admission::Verdict;

// Requests that note their names when they begin.
struct Asking {
  explicit Asking(const Admission::Limits& limits) : admission(limits) {}

  Verdict ask(const std::string& name, Priority priority = Priority::normal, std::size_t bytes = 0) {
    runtime::Task begin = [this, name] { begun += name; };
    const Verdict verdict = admission.ask(priority, bytes, now, begin);
    if (verdict == Verdict::begins) begin();
    return verdict;
  }
  void leave() {
    admission.leave();
    while (auto next = admission.next(now)) (*next)();
  }

  Admission admission;
  runtime::SteadyTime now{seconds(1000)};
  std::string begun;
};

TEST_SUITE("admission") {
  TEST_CASE("who finds no room waits, and begins in the order of coming") {
    Asking asking({.running_max = 2});
    CHECK(asking.ask("a") == Verdict::begins);
    CHECK(asking.ask("b") == Verdict::begins);
    CHECK(asking.ask("c") == Verdict::waits);
    CHECK(asking.ask("d") == Verdict::waits);
    CHECK(asking.begun == "ab");
    asking.leave();
    CHECK(asking.begun == "abc");
    CHECK(asking.admission.running() == 2);
    CHECK(asking.admission.waiting() == 1);
  }

  TEST_CASE("nobody overtakes the line, even when there is room for the moment") {
    Asking asking({.running_max = 1});
    asking.ask("a");
    asking.ask("b");
    asking.admission.leave();
    CHECK(asking.ask("c") == Verdict::waits);
    while (auto next = asking.admission.next(asking.now)) (*next)();
    CHECK(asking.begun == "ab");
  }

  TEST_CASE("a live call's request always begins") {
    Asking asking({.running_max = 1});
    asking.ask("a");
    asking.ask("b");
    CHECK(asking.ask("l", Priority::live_call) == Verdict::begins);
    asking.leave();
    CHECK(asking.begun == "al");  // two were running: there is no room yet
    asking.leave();
    CHECK(asking.begun == "alb");
  }

  TEST_CASE("without patience there is no line") {
    Asking asking({.running_max = 1, .wait_max = Duration::zero()});
    asking.ask("a");
    CHECK(asking.ask("b") == Verdict::refused);
    asking.leave();
    CHECK(asking.ask("c") == Verdict::begins);
  }

  TEST_CASE("a line that stands is refused to newcomers after the longest wait") {
    Asking asking({.running_max = 1, .wait_max = seconds(1)});
    asking.ask("a");
    CHECK(asking.ask("b") == Verdict::waits);
    asking.now += milliseconds(1000);
    CHECK(asking.ask("c") == Verdict::waits);
    asking.now += milliseconds(1);
    CHECK(asking.ask("d") == Verdict::refused);
  }

  TEST_CASE("a line that moves takes as many as it can serve within the longest wait") {
    Asking asking({.running_max = 1, .wait_max = seconds(1)});
    for (int i = 0; i < 5; ++i) asking.ask("a");
    // One each 10 ms: a hundred a second.
    for (int i = 0; i < 20; ++i) {
      asking.ask("x");
      asking.now += milliseconds(10);
      asking.leave();
    }
    int waiting = 0;
    while (asking.ask("y") == Verdict::waits) ++waiting;
    CHECK(waiting > 80);
    CHECK(waiting < 120);
  }

  TEST_CASE("a line is bounded by how many stand in it and by what they hold") {
    Asking asking({.running_max = 1, .waiting_max = 3, .waiting_bytes_max = 100});
    asking.ask("a");
    CHECK(asking.ask("b", Priority::normal, 60) == Verdict::waits);
    CHECK(asking.ask("c", Priority::normal, 41) == Verdict::refused);
    CHECK(asking.ask("d", Priority::normal, 40) == Verdict::waits);
    CHECK(asking.ask("e") == Verdict::waits);
    CHECK(asking.ask("f") == Verdict::refused);
    asking.leave();
    CHECK(asking.ask("g", Priority::normal, 60) == Verdict::waits);
  }

  TEST_CASE("background requests are refused at half of the limits") {
    Asking asking({.running_max = 2, .waiting_max = 4});
    CHECK(asking.ask("a", Priority::background) == Verdict::begins);
    CHECK(asking.ask("b", Priority::background) == Verdict::waits);
    CHECK(asking.ask("c", Priority::background) == Verdict::waits);
    CHECK(asking.ask("d", Priority::background) == Verdict::refused);
    CHECK(asking.ask("e") == Verdict::waits);
  }
}

}  // namespace
}  // namespace trunkline::net
