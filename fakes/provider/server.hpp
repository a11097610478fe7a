// What the fakes of telephone providers have in common: a listener on loopback, faults, a clock that can be
// moved, webhooks that go out, and the paths under /_fake by which a test steers them and asks for the truth:
//
//   GET    /_fake/truth/NAME?from=&to=&offset=&limit=   what the warehouse must end up with
//   POST   /_fake/faults     a fault or an array of them (fakes/provider/faults.hpp); DELETE forgets all
//   GET    /_fake/requests   how many requests each path had, and how many were refused by the quota
//   POST   /_fake/clock      {"advance_seconds": 60}
//   POST   /_fake/webhooks   {"url": "http://127.0.0.1:…", "from": …, "to": …, "order": "reversed", "copies":
//   2}
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json/value.hpp"
#include "fakes/provider/faults.hpp"
#include "net/message.hpp"

namespace trunkline::fakes {

struct Reply {
  int status = 200;
  net::Headers headers;
  std::string body;
  std::string content_type = "application/json";
};

// A webhook as the provider sends it.
struct SignedHook {
  net::Headers headers;
  std::string body;
};

// What one provider adds. The functions run on the server's thread.
struct ProviderRules {
  std::function<Reply(const net::Request&, const FaultHits&)> answer;
  // JSON for a name of truth in a window; nothing when there is no such name.
  std::function<std::optional<json::Value>(std::string_view name, Instant from, Instant to,
                                           std::int64_t offset, std::int64_t limit)>
      truth;
  std::function<std::vector<SignedHook>(Instant from, Instant to)> webhooks;
};

class ProviderServer {
 public:
  // On 127.0.0.1 and a thread of its own; port 0 is any free one. Without a clock it is the system's.
  ProviderServer(std::uint16_t port, const Clock* clock, ProviderRules rules);
  ~ProviderServer();

  std::uint16_t port() const;
  std::string base_url() const;  // "http://127.0.0.1:PORT"

  // All safe on any thread.
  Instant now() const;
  void advance(Duration by);
  FaultBoard& faults();
  std::map<std::string, std::int64_t> requests() const;  // by method and path
  std::int64_t request_count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
