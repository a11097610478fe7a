// For tests of the call engine: a carrier that does what the test says, a responder with set words, and all
// the real parts between them on a fresh database.
#pragma once

#include <deque>

#include "calls/engine.hpp"
#include "jobs/jobs_testing.hpp"
#include "net/loopback_server_testing.hpp"
#include "runtime/runtime_testing.hpp"

namespace trunkline::calls {

class ScriptedCarrier final : public carriers::Carrier {
 public:
  std::string_view name() const override { return "scripted"; }
  std::optional<PhoneNumber> caller_number(const PhoneNumber&, std::string_view country) const override;
  Result<std::string> dial(const carriers::DialRequest& request) override;
  Result<carriers::LookUp> look_up(AccountId account, CallId call) override;
  Result<void> say(const carriers::Leg& leg, const carriers::Utterance& utterance) override;
  Result<void> press(const carriers::Leg& leg, std::int64_t number, std::string_view digits) override;
  Result<void> hang_up(const carriers::Leg& leg) override;

  std::vector<CallId> dialled;
  std::vector<std::string> said;
  std::vector<CallId> hung_up;
  std::deque<Error> dial_failures;  // what the next dials answer instead of dialling
  std::deque<Error> say_failures;   // and the next words
  carriers::LookUp look_up_answer{.presence = carriers::Presence::absent};
};

class ScriptedResponder final : public dialogue::Responder {
 public:
  Result<dialogue::Reply> respond(const dialogue::Conversation& conversation,
                                  const dialogue::SentenceSink& sink) override;
  Result<std::string> summarise(const dialogue::Conversation& conversation) override;

  std::deque<dialogue::Reply> replies;  // then "I see."
  std::vector<dialogue::Conversation> heard;
};

struct TestEngine {
  ~TestEngine();

  jobs::TestJobs jobs;
  net::testing::TestClient http;
  tenancy::Keyring keyring{std::string(32, 'k'), "test"};
  webhooks::Endpoints endpoints{*jobs.database, keyring, http.guard, jobs.clock, jobs.random};
  webhooks::Messages messages{*jobs.database, jobs.queue, endpoints, jobs.ids, jobs.clock};
  billing::Ledger ledger{*jobs.database, jobs.clock};
  Transitions transitions{messages, ledger, jobs.queue, jobs.ids, jobs.clock};
  runtime::ThreadPool pool{"test-pool", 1, 100};
  Tools tools{*jobs.database, jobs.ids, jobs.clock, pool};
  ScriptedCarrier carrier;
  ScriptedResponder responder;
  Calls calls{*jobs.database, transitions, jobs.queue, carrier, jobs.ids, jobs.clock};
  DialogueDriver dialogue{{*runtime::EventLoop::current(), *jobs.database, jobs.queue, transitions, tools,
                           endpoints, http.client, carrier, responder, jobs.ids, jobs.clock, jobs.metrics}};
  Engine engine{{*runtime::EventLoop::current(), *jobs.database, jobs.queue, jobs.runner, transitions,
                 dialogue, carrier, jobs.clock, jobs.metrics}};
  tenancy::TenantScope scope{.account = jobs.account, .project = ProjectId(jobs.ids.next())};

  CallId place(CallRequest request = {});
  Call call(CallId id);
  std::vector<Entry> entries(CallId id);
  // The names of the events that were told of the call, in their order.
  std::string told(CallId id);

  // What the carrier reports, numbered from 1, with the clock's time.
  Result<void> report(CallId id, std::int64_t sequence, carriers::EventKind kind,
                      carriers::CallEvent rest = {});
  void connect(CallId id);
};

void with_engine(const std::function<void(TestEngine&)>& body);
// The same, without jobs being carried out until the test starts the runner.
void with_resting_engine(const std::function<void(TestEngine&)>& body);

}  // namespace trunkline::calls
