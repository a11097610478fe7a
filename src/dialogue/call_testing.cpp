#include "dialogue/call_testing.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "base/json/parse.hpp"
#include "base/json/write.hpp"
#include "carriers/local/leg.hpp"

namespace trunkline::dialogue::testing {
namespace {

using carriers::EventKind;
using carriers::local::Emission;

class Caller {
 public:
  Caller(Responder& responder, const SimulatedCall& call)
      : responder_(responder),
        call_(call),
        leg_(carriers::local::Directory().reach(*PhoneNumber::parse_e164(call.number)),
             {.dialled_at = start, .ring_timeout = seconds(40), .time_limit = call.time_limit}) {
    finished_.conversation.brief = call.brief;
    finished_.conversation.tools = call.tools;
  }

  FinishedCall run() {
    constexpr int steps_max = 2000;
    for (int step = 0; step < steps_max && !leg_.ended(); ++step) {
      leg_.advance();
      for (const Emission& emission : leg_.take_emissions()) hear(emission);
    }
    CHECK(leg_.ended());
    return std::move(finished_);
  }

 private:
  static constexpr Instant start{hours(24)};

  void note(std::string line) { finished_.transcript.push_back(std::move(line)); }

  void hear(const Emission& emission) {
    Conversation& conversation = finished_.conversation;
    switch (emission.kind) {
      case EventKind::answered:
        answered_at_ = emission.at;
        conversation.answered_by =
            emission.answered_by == carriers::AnsweredBy::machine ? Party::machine : Party::person;
        return;
      case EventKind::speech:
        note("callee: " + emission.text);
        conversation.history.emplace_back(Utterance{Speaker::callee, emission.text});
        return take_turn();
      case EventKind::silence:
        note("silence");
        conversation.history.emplace_back(Silence{});
        return take_turn();
      case EventKind::hung_up:
        return note(fmt::format("ended: {}", to_text(emission.cause)));
      default:
        return;
    }
  }

  void take_turn() {
    Conversation& conversation = finished_.conversation;
    conversation.time_left = answered_at_ + call_.time_limit - leg_.now();
    std::string spoken;
    const SentenceSink sink{.say = [&](std::string_view sentence) { spoken += sentence; },
                            .fill = [](auto) {}};
    const Result<Reply> reply = responder_.respond(conversation, sink);
    REQUIRE(reply);
    CHECK(spoken == reply->text);
    if (!reply->text.empty()) {
      note("agent: " + reply->text);
      conversation.history.emplace_back(Utterance{Speaker::agent, reply->text});
    }
    if (reply->tool) return use_tool(*reply->tool);
    if (!reply->digits.empty()) {
      note("keys: " + reply->digits);
      conversation.history.emplace_back(KeyPress{reply->digits});
      leg_.press(++commands_, reply->digits, leg_.now());
    } else {
      leg_.say({.number = ++commands_, .text = reply->text, .then_hang_up = reply->hang_up}, leg_.now());
    }
  }

  void use_tool(const ToolCall& call) {
    note(fmt::format("tool: {} {}", call.name, json::write(call.arguments)));
    ToolUse use{.id = "cor_1", .name = call.name, .arguments = call.arguments};
    const Result<json::Value> result = call_.use_tool(call);
    if (result) use.result = *result;
    if (!result) use.error = result.error().message();
    finished_.conversation.history.emplace_back(std::move(use));
    take_turn();
  }

  Responder& responder_;
  const SimulatedCall& call_;
  carriers::local::Leg leg_;
  Instant answered_at_ = start;
  std::int64_t commands_ = 0;
  FinishedCall finished_;
};

}  // namespace

std::vector<std::string> FinishedCall::said(Speaker speaker) const {
  std::vector<std::string> texts;
  for (const Entry& entry : conversation.history) {
    const auto* utterance = std::get_if<Utterance>(&entry);
    if (utterance != nullptr && utterance->speaker == speaker) texts.push_back(utterance->text);
  }
  return texts;
}

FinishedCall simulate(Responder& responder, const SimulatedCall& call) {
  return Caller(responder, call).run();
}

Tool make_tool(std::string name, std::string description, std::string_view properties) {
  const Result<json::Value> members = json::parse(properties);
  json::Array required;
  for (const auto& [key, schema] : *members->as_object()) required.emplace_back(key);
  return {
      .name = std::move(name),
      .description = std::move(description),
      .input_schema = json::object({{"type", "object"}, {"properties", *members}, {"required", required}})};
}

}  // namespace trunkline::dialogue::testing
