#include "fakes/openai/chat_writer.hpp"

#include <algorithm>

#include "base/json/write.hpp"
#include "base/text.hpp"
#include "fakes/openai/members.hpp"

namespace trunkline::fakes {
namespace {

constexpr std::int64_t created = 1'770'000'000;  // seconds since 1970

std::string finish_reason(const Answer& answer) {
  if (!answer.finish_reason.empty()) return answer.finish_reason;
  return answer.calls.empty() ? "stop" : "tool_calls";
}

// Four bytes are about a token.
json::Value usage(const Completion& completion, const Answer& answer) {
  std::size_t bytes = answer.text.size();
  for (const ScriptedCall& call : answer.calls) bytes += call.arguments.size();
  const std::size_t prompt = completion.prompt_bytes / 4;
  const std::size_t written = bytes / 4 + 1;
  return json::object(
      {{"prompt_tokens", prompt}, {"completion_tokens", written}, {"total_tokens", prompt + written}});
}

// Each word with the space behind it.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t space = text.find(' ', begin);
    const std::size_t end = space == std::string::npos ? text.size() : space + 1;
    words.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

std::vector<std::string> cut(const std::string& text, std::size_t pieces) {
  std::vector<std::string> parts;
  const std::size_t size = text.size() / std::max<std::size_t>(pieces, 1) + 1;
  for (std::size_t begin = 0; begin < text.size(); begin += size) parts.push_back(text.substr(begin, size));
  return parts;
}

class EventWriter {
 public:
  EventWriter(const Completion& completion, const Answer& answer)
      : completion_(completion), answer_(answer) {}

  std::vector<std::string> write() {
    add(json::object(
        {{"role", "assistant"}, {"content", answer_.calls.empty() ? json::Value("") : json::Value()}}));
    for (const std::string& piece : answer_.pieces.empty() ? words_of(answer_.text) : answer_.pieces) {
      add(json::object({{"content", piece}}));
    }
    for (std::size_t index = 0; index < answer_.calls.size(); ++index) add_call(index, answer_.calls[index]);
    add(json::Object(), finish_reason(answer_));
    if (completion_.include_usage && answer_.with_usage) {
      json::Object last = chunk();
      last.set("choices", json::Array());
      last.set("usage", usage(completion_, answer_));
      events_.push_back(json::write(last));
    }
    return std::move(events_);
  }

 private:
  json::Object chunk() const {
    return {{"id", completion_.id},
            {"object", "chat.completion.chunk"},
            {"created", created},
            {"model", completion_.model},
            {"system_fingerprint", "fp_fake"}};
  }

  void add(json::Value delta, const std::string& reason = "") {
    json::Object event = chunk();
    event.set("choices", json::array({json::object({{"index", 0},
                                                    {"delta", std::move(delta)},
                                                    {"logprobs", nullptr},
                                                    {"finish_reason", unless_empty(reason)}})}));
    if (completion_.include_usage) event.set("usage", nullptr);
    if (answer_.with_obfuscation) event.set("obfuscation", std::string(events_.size() % 7 + 1, 'x'));
    events_.push_back(json::write(event));
  }

  void add_call(std::size_t index, const ScriptedCall& call) {
    const auto add_piece = [&](const json::Object& piece) {
      json::Object whole;
      if (call.with_index) whole.set("index", index);
      for (const auto& [key, value] : piece) whole.set(key, value);
      add(json::object({{"tool_calls", json::array({std::move(whole)})}}));
    };
    std::vector<std::string> pieces = cut(call.arguments, call.pieces);
    // The first piece names the function; with one piece in all it has the arguments too.
    const bool at_once = call.pieces <= 1;
    add_piece(
        {{"id", call.id},
         {"type", "function"},
         {"function", json::object({{"name", call.name}, {"arguments", at_once ? call.arguments : ""}})}});
    if (at_once) return;
    for (const std::string& piece : pieces) add_piece({{"function", json::object({{"arguments", piece}})}});
  }

  const Completion& completion_;
  const Answer& answer_;
  std::vector<std::string> events_;
};

}  // namespace

std::string whole_answer(const Completion& completion, const Answer& answer) {
  json::Object message{{"role", "assistant"}, {"content", unless_empty(answer.text)}, {"refusal", nullptr}};
  if (!answer.calls.empty()) {
    json::Array calls;
    for (const ScriptedCall& call : answer.calls) {
      calls.push_back(
          json::object({{"id", call.id},
                        {"type", "function"},
                        {"function", json::object({{"name", call.name}, {"arguments", call.arguments}})}}));
    }
    message.set("tool_calls", std::move(calls));
  }
  json::Object body{{"id", completion.id},
                    {"object", "chat.completion"},
                    {"created", created},
                    {"model", completion.model},
                    {"choices", json::array({json::object({{"index", 0},
                                                           {"message", std::move(message)},
                                                           {"logprobs", nullptr},
                                                           {"finish_reason", finish_reason(answer)}})})}};
  if (answer.with_usage) body.set("usage", usage(completion, answer));
  body.set("service_tier", "default");
  body.set("system_fingerprint", "fp_fake");
  return json::write(body);
}

std::vector<std::string> stream_events(const Completion& completion, const Answer& answer) {
  return EventWriter(completion, answer).write();
}

}  // namespace trunkline::fakes
