// One request to a provider and its answer, with the retry policy of contracts/warehouse.md, section 7, and
// errors in the words of warehouse/provider.hpp.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "warehouse/http/budget.hpp"
#include "warehouse/http/context.hpp"
#include "warehouse/http/page_text.hpp"
#include "warehouse/provider.hpp"

namespace trunkline::warehouse {

// What is special about a provider's answers.
struct AnswerRules {
  std::string_view provider;  // "Zadarma", for messages
  // How long a 429 asks to wait; nothing when it does not say.
  std::function<std::optional<Duration>(const net::Headers&, Instant now)> asked_wait;
  // The text of the error in a body; nothing when the body is no error, whatever its status.
  std::function<std::optional<std::string>(const json::Value&)> error_in;
  // Statuses that say that a single thing is not there.
  std::set<int> gone_statuses = {404};
};

struct Order {
  net::Method method = net::Method::get;
  std::string url;
  net::Headers headers = {};
  std::string body = {};
  // Reads are sent again when they fail; what dials, sends or costs money never is.
  bool is_read = true;
  // About one thing: when it is not there, the failure is provider_gone.
  bool is_single = false;
  Budget* budget = nullptr;
  Duration deadline = seconds(60);
  // Of a list under "data": rows that need not be read.
  const KnownRows* known = nullptr;
};

struct Answer {
  json::Value value;
  bool is_repaired = false;
  net::Headers headers = {};
  // When Order::known was given: the rows that were left out, and those that are in `value`, in their order.
  std::vector<std::int64_t> known = {};
  std::vector<std::int64_t> fingerprints = {};
};

class Exchange {
 public:
  Exchange(ClientContext context, AnswerRules rules)
      : context_(std::move(context)), rules_(std::move(rules)) {}

  // Suspends. The URL with its query is never in a message.
  Result<Answer> send(const Order& order, Watch& watch);
  // A body that is not JSON. Suspends.
  Result<std::string> send_for_text(const Order& order, Watch& watch);

  // Waits, in steps, as long as the run goes on. False when it was called off. Suspends.
  bool wait(Duration duration, std::string_view why, Watch& watch);
  Instant now() const { return context_.clock.now(); }

 private:
  using Reader = std::function<Result<Answer>(net::ClientResponse&)>;
  Result<Answer> send(const Order& order, Watch& watch, const Reader& read);
  Result<Answer> attempt(const Order& order, Watch& watch, const Reader& read,
                         std::optional<Duration>& asked);
  Result<Answer> read_json(const Order& order, net::ClientResponse& response) const;
  Error error_of(const Order& order, const net::ClientResponse& response) const;

  ClientContext context_;
  AnswerRules rules_;
};

// Where in a page something cannot be read: provider_malformed with the JSON Pointer.
Error malformed_at(std::string_view pointer, std::string_view what);

}  // namespace trunkline::warehouse
