#include "calls/engine_testing.hpp"

#include <algorithm>
#include <stdexcept>

namespace trunkline::calls {

std::optional<PhoneNumber> ScriptedCarrier::caller_number(const PhoneNumber&,
                                                          std::string_view country) const {
  if (country == "AQ") return std::nullopt;
  return *PhoneNumber::parse_e164("+12025550100");
}

Result<std::string> ScriptedCarrier::dial(const carriers::DialRequest& request) {
  if (!dial_failures.empty()) {
    const Error failure = dial_failures.front();
    dial_failures.pop_front();
    return fail(failure);
  }
  dialled.push_back(request.call);
  return "leg-" + to_text(request.call.uuid());
}

Result<carriers::LookUp> ScriptedCarrier::look_up(AccountId, CallId call) {
  if (std::ranges::find(dialled, call) == dialled.end()) return look_up_answer;
  return carriers::LookUp{.presence = carriers::Presence::present,
                          .provider_call_id = "leg-" + to_text(call.uuid())};
}

Result<void> ScriptedCarrier::say(const carriers::Leg&, const carriers::Utterance& utterance) {
  if (!say_failures.empty()) {
    const Error failure = say_failures.front();
    say_failures.pop_front();
    return fail(failure);
  }
  said.push_back(utterance.text);
  return {};
}

Result<void> ScriptedCarrier::press(const carriers::Leg&, std::int64_t, std::string_view digits) {
  said.push_back("keys " + std::string(digits));
  return {};
}

Result<void> ScriptedCarrier::hang_up(const carriers::Leg& leg) {
  hung_up.push_back(leg.call);
  return {};
}

Result<dialogue::Reply> ScriptedResponder::respond(const dialogue::Conversation& conversation,
                                                   const dialogue::SentenceSink& sink) {
  heard.push_back(conversation);
  dialogue::Reply reply{.text = "I see.", .responder = "scripted"};
  if (!replies.empty()) {
    reply = replies.front();
    replies.pop_front();
  }
  if (!reply.text.empty()) sink.say(reply.text);
  return reply;
}

Result<std::string> ScriptedResponder::summarise(const dialogue::Conversation& conversation) {
  return "They spoke " + std::to_string(conversation.history.size()) + " times.";
}

TestEngine::~TestEngine() {
  jobs.runner.stop(runtime::test_patience);
}

CallId TestEngine::place(CallRequest request) {
  if (request.to == PhoneNumber()) request.to = *PhoneNumber::parse_e164("+12025550101");
  if (request.task.empty()) request.task = "Ask about the opening hours.";
  request.webhook_url = "http://127.0.0.1:9/";  // nobody is there: messages stay in the outbox
  const auto placed = calls.place(scope, std::move(request), std::nullopt);
  if (!placed) throw std::runtime_error(placed.error().describe());
  return placed->call.id;
}

Call TestEngine::call(CallId id) {
  const auto found = calls.find(scope, id);
  if (!found) throw std::runtime_error(found.error().describe());
  return *found;
}

std::vector<Entry> TestEngine::entries(CallId id) {
  return store::find_with_entries(*jobs.database, scope, id)->entries;
}

std::string TestEngine::told(CallId id) {
  auto listed = messages.list(scope, {.subject = id.uuid()});
  std::ranges::reverse(*listed);
  std::string names;
  for (const webhooks::Message& message : *listed) names += (names.empty() ? "" : " ") + message.event;
  return names;
}

Result<void> TestEngine::report(CallId id, std::int64_t sequence, carriers::EventKind kind,
                                carriers::CallEvent rest) {
  rest.account = jobs.account;
  rest.call = id;
  rest.provider_call_id = "leg-" + to_text(id.uuid());
  rest.sequence = sequence;
  rest.kind = kind;
  if (rest.at == Instant()) rest.at = jobs.clock.now();
  return engine.on_event(rest);
}

void TestEngine::connect(CallId id) {
  jobs.settle();
  for (const auto& [sequence, kind] :
       {std::pair(1, carriers::EventKind::ringing), std::pair(2, carriers::EventKind::answered)}) {
    if (const auto told = report(id, sequence, kind); !told)
      throw std::runtime_error(told.error().describe());
  }
}

void with_engine(const std::function<void(TestEngine&)>& body) {
  with_resting_engine([&](TestEngine& engine) {
    engine.jobs.runner.start();
    body(engine);
  });
}

void with_resting_engine(const std::function<void(TestEngine&)>& body) {
  runtime::run_to_completion([&] {
    TestEngine engine;
    body(engine);
  });
}

}  // namespace trunkline::calls
