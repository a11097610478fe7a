// Sends chat requests to an OpenAI-compatible server, within the budgets of a live call and with one retry
// (contracts/openai.md, sections 1 and 2).
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "dialogue/responder.hpp"
#include "net/retry.hpp"

namespace trunkline::dialogue {

// Where a model is and how it is reached.
struct ChatEndpoint {
  std::string base_url = "https://api.openai.com/v1";  // with or without a slash at the end
  Secret api_key;                                      // empty for servers that want none
  std::string organisation;
  std::string project;
  net::Headers extra_headers;
};

struct ChatBudgets {
  Duration connect = seconds(1);
  Duration first_token = seconds(3);  // from the beginning, a retry included
  Duration total = seconds(8);
  // From one token to the next: before a sentence has been spoken, and after one.
  Duration next_token_in_silence = seconds(1);
  Duration next_token = seconds(3);
  // Words are spoken before their sentence is complete when nothing could be said for so long.
  Duration words_after = seconds(4);
};

// For one loop.
class ChatClient {
 public:
  // All references must outlive it.
  ChatClient(net::Client& client, const Clock& clock, Random& random, ChatEndpoint endpoint,
             ChatBudgets budgets);

  // The answer's stream, whose status is 200. Keeps to budgets.first_token. Suspends. Fails with
  // responder_slow and responder_failed, in words that complete the sentence "gpt-4o-mini: …" and never hold
  // the key.
  Result<net::ClientStream> open(std::string body);

  // The answer in one piece, whose status is 200, within budgets.total. Suspends. Fails as `open` does; the
  // detail "status" is the HTTP status when there was one.
  Result<std::string> send(std::string body);

  const ChatBudgets& budgets() const { return budgets_; }

 private:
  net::ClientRequest make_request(std::string body, std::string_view accept) const;
  Result<net::ClientStream> open_within(net::ClientRequest request, std::string_view wanted,
                                        Duration at_most);

  net::Client& client_;
  const Clock& clock_;
  Random& random_;
  ChatEndpoint endpoint_;
  ChatBudgets budgets_;
  net::RetryPolicy retries_;
};

// The time that passed a budget, in words: "no first token within 3 s".
Error too_slow(std::string_view what, Duration budget);

}  // namespace trunkline::dialogue
