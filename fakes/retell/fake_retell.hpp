// A little server that speaks the Retell API (contracts/retell.md): calls listed by cursor, without their
// transcripts, whose cost and analysis come late. For tests and demonstrations. That it is faithful is proved
// by the vendor's own client (tests/conformance/retell).
#pragma once

#include <memory>

#include "fakes/provider/server.hpp"
#include "fakes/retell/world.hpp"

namespace trunkline::fakes {

struct FakeRetellOptions {
  std::uint16_t port = 0;        // any free one
  const Clock* clock = nullptr;  // the system's
  retell::WorldOptions world = {};
  std::string api_key = "key_fake_0123456789abcdef";
  std::int64_t quota = 1000;  // a window; the provider publishes none
  Duration quota_window = minutes(1);
};

class FakeRetell {
 public:
  explicit FakeRetell(FakeRetellOptions options = {});
  ~FakeRetell();

  std::uint16_t port() const;
  std::string base_url() const;
  const retell::World& truth() const;
  ProviderServer& server();

  // The webhooks about what began in a window, signed now, oldest first.
  std::vector<SignedHook> webhooks(Instant from, Instant to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
