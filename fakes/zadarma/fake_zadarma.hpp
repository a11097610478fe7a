// A little server that speaks the Zadarma API (contracts/zadarma.md): signatures, three statistics requests a
// minute, local times without a zone, pages without totals, charges that come late. For tests and
// demonstrations. That it is faithful is proved by the published Node client (tests/conformance/zadarma).
#pragma once

#include <memory>

#include "fakes/provider/server.hpp"
#include "fakes/zadarma/world.hpp"

namespace trunkline::fakes {

struct FakeZadarmaOptions {
  std::uint16_t port = 0;        // any free one
  const Clock* clock = nullptr;  // the system's
  zadarma::WorldOptions world = {};
  std::string key = "fakekey0123456789abc";
  std::string secret = "fakesecret9876543210";
  std::int64_t statistics_quota = 3;  // shared by the four statistics methods
  std::int64_t quota = 100;           // of all methods
  Duration quota_window = minutes(1);
  bool clamp_keeps_end = false;  // which end of a window that is too long is kept
  Duration recordings_kept_for = days(3650);
};

class FakeZadarma {
 public:
  explicit FakeZadarma(FakeZadarmaOptions options = {});
  ~FakeZadarma();

  std::uint16_t port() const;
  std::string base_url() const;
  const zadarma::World& truth() const;
  ProviderServer& server();

  // The webhooks about what began in a window, signed, oldest first: calls and messages.
  std::vector<SignedHook> webhooks(Instant from, Instant to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
