// The call engine against a carrier that misbehaves on demand.
#include <doctest/doctest.h>

#include "calls/engine_testing.hpp"

using namespace trunkline;
using namespace trunkline::calls;
using carriers::CallEvent;
using carriers::EventKind;
using carriers::HangupCause;

TEST_SUITE("call engine [db], voice-api.md section 3.6") {
  TEST_CASE("a call is dialled once, connects, is billed and told from start to end") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      CHECK(test.carrier.dialled == std::vector{id});
      CHECK(test.call(id).state.status == Status::in_progress);
      test.jobs.advance(seconds(79));
      REQUIRE(test.report(id, 3, EventKind::hung_up));
      test.jobs.settle();
      const Call ended = test.call(id);
      CHECK(ended.state.status == Status::completed);
      CHECK(ended.state.reason == EndedReason::callee_hung_up);
      CHECK(ended.duration_seconds() == 79);
      CHECK(ended.summary == "They spoke 0 times.");
      CHECK(test.told(id) == "call.queued call.started call.completed");
      const auto entry = test.ledger.find(test.scope, id);
      REQUIRE(*entry);
    });
  }

  TEST_CASE("events that come twice change nothing, and are told once") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      REQUIRE(test.report(id, 2, EventKind::answered));
      REQUIRE(test.report(id, 1, EventKind::ringing));
      test.jobs.advance(seconds(5));
      REQUIRE(test.report(id, 3, EventKind::hung_up));
      REQUIRE(test.report(id, 3, EventKind::hung_up));
      REQUIRE(test.report(id, 2, EventKind::answered));
      test.jobs.settle();
      CHECK(test.call(id).state.status == Status::completed);
      CHECK(test.told(id) == "call.queued call.started call.completed");
    });
  }

  TEST_CASE("an end that overtook everything before it tells the whole story, also the bill") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.jobs.settle();
      const Instant answered = test.jobs.clock.now() + seconds(4);
      REQUIRE(
          test.report(id, 3, EventKind::hung_up, {.at = answered + seconds(61), .answered_at = answered}));
      REQUIRE(test.report(id, 2, EventKind::answered));  // late
      test.jobs.settle();
      const Call ended = test.call(id);
      CHECK(ended.state.status == Status::completed);
      CHECK(ended.duration_seconds() == 61);
      CHECK(test.told(id) == "call.queued call.started call.completed");
      CHECK((*test.ledger.find(test.scope, id))->billed_minutes == 2);
    });
  }

  TEST_CASE("calls that do not connect fail with their reason, and cost nothing") {
    struct Case {
      HangupCause cause;
      EndedReason reason;
    };
    for (const Case& each :
         std::initializer_list<Case>{{HangupCause::busy, EndedReason::busy},
                                     {HangupCause::no_answer, EndedReason::no_answer},
                                     {HangupCause::not_in_service, EndedReason::not_in_service},
                                     {HangupCause::rejected, EndedReason::rejected},
                                     {HangupCause::network_failure, EndedReason::carrier_failure}}) {
      with_engine([&](TestEngine& test) {
        const CallId id = test.place();
        test.jobs.settle();
        REQUIRE(test.report(id, 1, EventKind::hung_up, {.cause = each.cause}));
        CHECK(test.call(id).state.status == Status::failed);
        CHECK(test.call(id).state.reason == each.reason);
        CHECK(test.told(id) == "call.queued call.failed");
        CHECK_FALSE(test.ledger.find(test.scope, id)->has_value());
      });
    }
  }

  TEST_CASE("a refused dial ends the call; nothing is dialled later") {
    with_engine([](TestEngine& test) {
      test.carrier.dial_failures.emplace_back(carriers::error_codes::dial_refused, "no credit");
      const CallId id = test.place();
      test.jobs.settle();
      CHECK(test.call(id).state.status == Status::failed);
      CHECK(test.call(id).state.reason == EndedReason::dial_failed);
      test.jobs.advance(hours(1));
      CHECK(test.carrier.dialled.empty());
    });
  }

  TEST_CASE("after an ambiguous answer the call is looked up: absent is dialled again") {
    with_engine([](TestEngine& test) {
      test.carrier.dial_failures.emplace_back(carriers::error_codes::dial_ambiguous, "timed out");
      const CallId id = test.place();
      test.jobs.settle();
      CHECK(test.carrier.dialled.empty());
      test.jobs.advance(seconds(2));
      CHECK(test.carrier.dialled == std::vector{id});
      CHECK(test.call(id).state.status == Status::ringing);
    });
  }

  TEST_CASE(
      "after an ambiguous answer a call of which the carrier knows nothing for sure is never dialled again") {
    with_engine([](TestEngine& test) {
      test.carrier.dial_failures.emplace_back(carriers::error_codes::dial_ambiguous, "timed out");
      test.carrier.look_up_answer = {.presence = carriers::Presence::unknown};
      const CallId id = test.place();
      test.jobs.settle();
      test.jobs.advance(seconds(2));
      CHECK(test.carrier.dialled.empty());
      CHECK(test.call(id).state.reason == EndedReason::dial_unconfirmed);
    });
  }

  TEST_CASE("a call that the carrier did take, though its answer was lost, goes on under the carrier's id") {
    with_engine([](TestEngine& test) {
      test.carrier.dial_failures.emplace_back(carriers::error_codes::dial_ambiguous, "timed out");
      const CallId id = test.place();
      test.jobs.settle();
      test.carrier.dialled.push_back(id);
      test.jobs.advance(seconds(2));
      CHECK(test.carrier.dialled.size() == 1);
      CHECK(test.call(id).provider_call_id == "leg-" + to_text(id.uuid()));
    });
  }

  TEST_CASE("a carrier that falls silent does not keep a call open") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place({.max_duration_seconds = 60});
      test.connect(id);
      test.jobs.advance(seconds(119));
      REQUIRE(test.engine.sweep());
      CHECK(test.call(id).state.status == Status::in_progress);
      test.jobs.advance(seconds(2));
      REQUIRE(test.engine.sweep());
      test.jobs.settle();
      const Call ended = test.call(id);
      CHECK(ended.state.status == Status::completed);
      CHECK(ended.duration_seconds() == 60);
      CHECK(test.carrier.hung_up == std::vector{id});
    });
  }

  TEST_CASE("what the other side says is answered, in order, and kept") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      REQUIRE(test.report(id, 3, EventKind::speech, {.text = "Hello?"}));
      REQUIRE(runtime::eventually([&] { return test.entries(id).size() == 2; }));
      REQUIRE(test.report(id, 4, EventKind::speech, {.text = "Until six."}));
      REQUIRE(runtime::eventually([&] { return test.carrier.said.size() == 2; }));
      std::string spoken;
      for (const Entry& entry : test.entries(id)) {
        spoken += std::string(to_text(entry.kind)) + ": " + entry.text + "\n";
      }
      CHECK(spoken == "user: Hello?\nagent: I see.\nuser: Until six.\nagent: I see.\n");
      CHECK(test.told(id) ==
            "call.queued call.started call.transcript_update call.transcript_update call.transcript_update "
            "call.transcript_update");
    });
  }

  TEST_CASE("what the agent cannot say for now it says when it can, and what it never can it leaves") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      test.carrier.say_failures = {Error(db::error_codes::unavailable, "away"),
                                   Error(db::error_codes::in_doubt, "maybe")};
      REQUIRE(test.report(id, 3, EventKind::speech, {.text = "Hello?"}));
      REQUIRE(runtime::eventually([&] { return test.carrier.said.size() == 1; }));
      CHECK(test.entries(id).size() == 2);
      CHECK(test.responder.heard.size() == 1);

      test.carrier.say_failures = {Error(carriers::error_codes::leg_gone, "gone")};
      REQUIRE(test.report(id, 4, EventKind::speech, {.text = "Until six."}));
      REQUIRE(runtime::eventually([&] { return test.carrier.say_failures.empty(); }));
      runtime::sleep_for(milliseconds(300));
      CHECK(test.carrier.said.size() == 1);
    });
  }

  TEST_CASE("words that were heard twice are answered once") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      REQUIRE(test.report(id, 3, EventKind::speech, {.text = "Hello?"}));
      REQUIRE(runtime::eventually([&] { return test.carrier.said.size() == 1; }));
      REQUIRE(test.report(id, 3, EventKind::speech, {.text = "Hello?"}));
      test.jobs.settle();
      CHECK(test.entries(id).size() == 2);
      CHECK(test.responder.heard.size() == 1);
    });
  }

  TEST_CASE("cancelling before the dial means that nobody is called") {
    with_resting_engine([](TestEngine& test) {
      const CallId id = test.place();
      REQUIRE(test.calls.cancel(test.scope, id));
      test.jobs.runner.start();
      test.jobs.settle();
      CHECK(test.carrier.dialled.empty());
      CHECK(test.call(id).state.status == Status::cancelled);
      CHECK(test.told(id) == "call.queued call.cancelled");
    });
  }

  TEST_CASE("hanging up a connected call ends it at the carrier too, and it is billed") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      test.jobs.advance(seconds(10));
      REQUIRE(test.calls.hang_up(test.scope, id));
      test.jobs.settle();
      CHECK(test.carrier.hung_up == std::vector{id});
      CHECK(test.call(id).state.status == Status::completed);
      CHECK(test.call(id).state.reason == EndedReason::hung_up_by_api);
      CHECK((*test.ledger.find(test.scope, id))->billed_minutes == 1);
      REQUIRE(test.report(id, 3, EventKind::hung_up, {.cause = HangupCause::we_hung_up}));
      CHECK(test.told(id) == "call.queued call.started call.completed");
    });
  }

  TEST_CASE("a carrier that goes on after the end is asked again to hang up") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      test.connect(id);
      REQUIRE(test.calls.hang_up(test.scope, id));
      test.jobs.settle();
      CHECK(test.carrier.hung_up == std::vector{id});
      REQUIRE(test.report(id, 3, EventKind::speech, {.text = "Are you still there?"}));
      test.jobs.settle();
      CHECK(test.carrier.hung_up == std::vector{id, id});
      REQUIRE(test.report(id, 4, EventKind::hung_up));
      test.jobs.settle();
      CHECK(test.carrier.hung_up.size() == 2);
    });
  }

  TEST_CASE("without a number to call from, the call is refused and leaves nothing") {
    with_engine([](TestEngine& test) {
      const auto refused = test.calls.place(
          test.scope, {.to = *PhoneNumber::parse_e164("+12025550101"), .task = "x", .country = "AQ"}, {});
      CHECK(refused.error().code() == calls::error_codes::no_number_for_country);
      CHECK(test.calls.list(test.scope, {})->total == 0);
    });
  }

  TEST_CASE("an idempotency key makes one call of many requests, and refuses another request") {
    with_engine([](TestEngine& test) {
      const CallRequest request{.to = *PhoneNumber::parse_e164("+12025550101"), .task = "x"};
      const auto first = test.calls.place(test.scope, request, IdempotencyKey{"k1", "body"});
      const auto again = test.calls.place(test.scope, request, IdempotencyKey{"k1", "body"});
      REQUIRE(again);
      CHECK(again->replayed);
      CHECK(again->call.id == first->call.id);
      const auto other = test.calls.place(test.scope, request, IdempotencyKey{"k1", "another body"});
      CHECK(other.error().code() == calls::error_codes::idempotency_conflict);
      test.jobs.settle();
      CHECK(test.carrier.dialled.size() == 1);
      CHECK(test.calls.list(test.scope, {})->total == 1);
    });
  }

  TEST_CASE("another project and another account do not see the call") {
    with_engine([](TestEngine& test) {
      const CallId id = test.place();
      const tenancy::TenantScope project{.account = test.jobs.account,
                                         .project = ProjectId(test.jobs.ids.next())};
      const tenancy::TenantScope account{.account = AccountId(test.jobs.ids.next()), .project = {}};
      for (const auto& scope : {project, account}) {
        CHECK(test.calls.find(scope, id).error().code() == calls::error_codes::call_not_found);
        CHECK(test.calls.hang_up(scope, id).error().code() == calls::error_codes::call_not_found);
        CHECK(test.calls.list(scope, {})->total == 0);
      }
    });
  }
}
