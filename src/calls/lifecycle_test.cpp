#include "calls/lifecycle.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace trunkline;
using namespace trunkline::calls;
using carriers::AnsweredBy;
using carriers::HangupCause;

namespace {

Instant at(std::int64_t second) {
  return Instant(seconds(second));
}

Lifecycle in(Status status) {
  Lifecycle state{.status = status, .dialled = status != Status::queued};
  if (status == Status::in_progress || status == Status::completed) state.started_at = at(10);
  if (is_terminal(status)) state.ended_at = at(20);
  return state;
}

// A call's whole story as a carrier tells it.
std::vector<LifecycleEvent> story(bool answered, HangupCause cause) {
  std::vector<LifecycleEvent> events{events::Dialled{}, events::Ringing{at(2)}};
  if (answered) events.emplace_back(events::Answered{at(6), AnsweredBy::machine});
  events.emplace_back(events::HungUp{at(85), cause, answered ? std::optional(at(6)) : std::nullopt,
                                     answered ? AnsweredBy::machine : AnsweredBy::unknown});
  return events;
}

Lifecycle after(const std::vector<LifecycleEvent>& events) {
  Lifecycle state;
  for (const LifecycleEvent& event : events) state = transition(state, event).next;
  return state;
}

}  // namespace

TEST_SUITE("call lifecycle, voice-api.md section 3.6") {
  TEST_CASE("each event leads from each status where the contract says") {
    struct Row {
      std::string_view name;
      LifecycleEvent event;
      Status from_queued, from_ringing, from_in_progress;
    };
    const std::vector<Row> table{
        {"dialled", events::Dialled{}, Status::ringing, Status::ringing, Status::in_progress},
        {"ringing", events::Ringing{at(1)}, Status::ringing, Status::ringing, Status::in_progress},
        {"answered", events::Answered{at(1)}, Status::in_progress, Status::in_progress, Status::in_progress},
        {"busy", events::HungUp{at(30), HangupCause::busy}, Status::failed, Status::failed,
         Status::completed},
        {"no answer", events::HungUp{at(30), HangupCause::no_answer}, Status::failed, Status::failed,
         Status::completed},
        {"callee hung up", events::HungUp{at(30)}, Status::failed, Status::failed, Status::completed},
        {"time limit", events::HungUp{at(30), HangupCause::time_limit}, Status::failed, Status::failed,
         Status::completed},
        {"broken line", events::HungUp{at(30), HangupCause::network_failure}, Status::failed, Status::failed,
         Status::failed},
        {"cancel", events::CancelRequested{at(30)}, Status::cancelled, Status::cancelled, Status::cancelled},
        {"hang up", events::HangUpRequested{at(30)}, Status::cancelled, Status::cancelled, Status::completed},
        {"dial failed", events::DialFailed{at(30)}, Status::failed, Status::failed, Status::in_progress},
        {"deadline", events::DeadlinePassed{at(30)}, Status::failed, Status::failed, Status::completed},
        {"broken", events::Broken{at(30)}, Status::failed, Status::failed, Status::failed},
    };
    for (const Row& row : table) {
      CAPTURE(row.name);
      CHECK(transition(in(Status::queued), row.event).next.status == row.from_queued);
      CHECK(transition(in(Status::ringing), row.event).next.status == row.from_ringing);
      CHECK(transition(in(Status::in_progress), row.event).next.status == row.from_in_progress);
      for (const Status terminal : {Status::completed, Status::failed, Status::cancelled}) {
        const Transition nothing = transition(in(terminal), row.event);
        CHECK(nothing.next == in(terminal));
        CHECK_FALSE(nothing.ended);
        CHECK_FALSE(nothing.started);
        CHECK_FALSE(nothing.release_line);
      }
    }
  }

  TEST_CASE("started_at is set when it connects, and only then") {
    const Transition answered = transition(in(Status::ringing), events::Answered{at(6), AnsweredBy::machine});
    CHECK(answered.started);
    CHECK(answered.next.started_at == at(6));
    CHECK(answered.next.answered_by == AnsweredBy::machine);
    CHECK_FALSE(transition(answered.next, events::Answered{at(7)}).started);
    CHECK(transition(answered.next, events::Answered{at(7)}).next.started_at == at(6));
    CHECK_FALSE(transition(in(Status::ringing), events::CancelRequested{at(6)}).next.started_at);
  }

  TEST_CASE("a hang-up that arrives before its answer carries the whole story") {
    const Transition ended =
        transition(in(Status::ringing), events::HungUp{at(85), HangupCause::callee_hung_up, at(6)});
    CHECK(ended.started);
    CHECK(ended.ended);
    CHECK(ended.next.status == Status::completed);
    CHECK(ended.next.started_at == at(6));
  }

  TEST_CASE("the carrier is told to hang up when we end a call that it has, and only then") {
    CHECK_FALSE(transition(in(Status::queued), events::CancelRequested{at(1)}).release_line);
    CHECK(transition(in(Status::ringing), events::CancelRequested{at(1)}).release_line);
    CHECK(transition(in(Status::in_progress), events::HangUpRequested{at(30)}).release_line);
    CHECK_FALSE(transition(in(Status::in_progress), events::HungUp{at(30)}).release_line);
  }

  TEST_CASE("who hung up, and on what, names the reason and whose side it is on") {
    const auto reason = [](AnsweredBy by, HangupCause cause) {
      return transition(transition(in(Status::ringing), events::Answered{at(6), by}).next,
                        events::HungUp{at(9), cause})
          .next.reason;
    };
    CHECK(reason(AnsweredBy::person, HangupCause::callee_hung_up) == EndedReason::callee_hung_up);
    CHECK(reason(AnsweredBy::person, HangupCause::we_hung_up) == EndedReason::agent_hung_up);
    CHECK(reason(AnsweredBy::machine, HangupCause::we_hung_up) == EndedReason::voicemail_left);
    CHECK(fault_of(EndedReason::busy) == "callee");
    CHECK(fault_of(EndedReason::not_in_service) == "customer");
    CHECK(fault_of(EndedReason::dial_failed) == "provider");
    CHECK(parse_ended_reason("voicemail_left") == EndedReason::voicemail_left);
  }

  TEST_CASE("the length is whole seconds, never negative and never beyond the maximum") {
    Lifecycle state = in(Status::completed);
    state.started_at = at(10);
    state.ended_at = at(89) + milliseconds(999);
    CHECK(duration_seconds(state, 299) == 79);
    state.ended_at = at(1000);
    CHECK(duration_seconds(state, 299) == 299);
    state.ended_at = at(9);
    CHECK(duration_seconds(state, 299) == 0);
    state.started_at.reset();
    CHECK(duration_seconds(state, 299) == 0);
  }

  TEST_CASE("every order of a carrier's events, with any of them doubled, ends in the same state (F15)") {
    for (const bool answered : {false, true}) {
      for (const auto cause : {HangupCause::callee_hung_up, HangupCause::busy, HangupCause::we_hung_up}) {
        std::vector<LifecycleEvent> events = story(answered, cause);
        const Lifecycle expected = after(events);
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < events.size(); ++i) order.insert(order.end(), 2, i);
        do {
          std::vector<LifecycleEvent> shuffled;
          for (const std::size_t index : order) shuffled.push_back(events[index]);
          const Lifecycle end = after(shuffled);
          // Rings that came too late are not written down any more; all that counts is the same.
          CHECK(end.status == expected.status);
          CHECK(end.started_at == expected.started_at);
          CHECK(end.ended_at == expected.ended_at);
          CHECK(end.reason == expected.reason);
        } while (std::ranges::next_permutation(order).found);
      }
    }
  }

  TEST_CASE(
      "property: whatever happens, a call ends once, stays as it ended, and was billed if and only if it "
      "connected") {
    rc::check([] {
      const auto choices = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9));
      Lifecycle state;
      int starts = 0;
      int ends = 0;
      std::int64_t clock = 0;
      for (const int choice : choices) {
        const Instant now = at(++clock);
        const std::array<LifecycleEvent, 9> all{
            events::Dialled{},       events::Ringing{now},         events::Answered{now},
            events::HungUp{now},     events::CancelRequested{now}, events::HangUpRequested{now},
            events::DialFailed{now}, events::DeadlinePassed{now},  events::Broken{now}};
        const Transition step = transition(state, all[static_cast<std::size_t>(choice)]);
        if (is_terminal(state.status)) RC_ASSERT(step.next == state);
        starts += step.started ? 1 : 0;
        ends += step.ended ? 1 : 0;
        state = step.next;
      }
      RC_ASSERT(starts == (state.started_at ? 1 : 0));
      RC_ASSERT(ends == (is_terminal(state.status) ? 1 : 0));
      RC_ASSERT(state.ended_at.has_value() == is_terminal(state.status));
      if (state.status == Status::completed) RC_ASSERT(state.started_at.has_value());
      if (state.started_at && state.ended_at) RC_ASSERT(*state.started_at <= *state.ended_at);
    });
  }
}
