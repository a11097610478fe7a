// A little server that speaks the chat part of the OpenAI API (contracts/openai.md, sections 2, 3 and 6) and
// says what it is told to: for tests, for demonstrations, and for finding out how we behave when a model does
// not. That it is faithful is proved by the vendor's own client (tests/conformance/openai).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json/value.hpp"
#include "fakes/openai/answer.hpp"

namespace trunkline::fakes {

struct FakeOpenAiOptions {
  std::uint16_t port = 0;  // any free one
  std::string api_key = "sk-fake";
  std::vector<std::string> models{"gpt-4o-mini", "gpt-4o", "o3-mini"};
};

// A request that was taken or refused.
struct RecordedRequest {
  std::string method;
  std::string path;
  net::Headers headers;
  json::Value body;  // null when it was not JSON
  int status = 0;    // of the answer
};

// On 127.0.0.1 and a thread of its own; all functions are safe on any thread.
class FakeOpenAi {
 public:
  explicit FakeOpenAi(FakeOpenAiOptions options = {});
  ~FakeOpenAi();

  std::uint16_t port() const;
  std::string base_url() const;  // "http://127.0.0.1:PORT/v1"

  // When the last user message has these words in it, or the last message is a tool's and `tool: ` with its
  // content has, these answers follow one after the other, and the last one ever after. What was added later
  // comes first.
  void on(std::string words, std::vector<Answer> answers);
  // For everything else. At the beginning it says "Hello."
  void otherwise(Answer answer);
  // Answers by key words, for the conformance test and demonstrations: "say hello", "use the tool", "rate
  // limit once", ….
  void load_builtin_script();

  std::vector<RecordedRequest> requests() const;
  // The bodies of the chat requests only.
  std::vector<json::Value> chats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
