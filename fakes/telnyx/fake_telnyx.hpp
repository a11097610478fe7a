// A little server that speaks the Telnyx API, version 2 (contracts/telnyx.md): detail records newest first
// with their quota a minute, costs that come late and in scientific notation, recordings with links that die,
// bills. For tests and demonstrations. That it is faithful is proved by the vendor's own client
// (tests/conformance/telnyx).
#pragma once

#include <memory>

#include "base/crypto/sign.hpp"
#include "fakes/provider/server.hpp"
#include "fakes/telnyx/world.hpp"

namespace trunkline::fakes {

// The bytes 0, 1, … 31 (contracts/telnyx.md, section 10).
crypto::SigningKey::Seed fake_telnyx_signing_seed();

struct FakeTelnyxOptions {
  std::uint16_t port = 0;        // any free one
  const Clock* clock = nullptr;  // the system's
  telnyx::WorldOptions world = {};
  std::string api_key = "KEYfake0123456789";
  std::int64_t detail_records_quota = 40;
  Duration quota_window = minutes(1);
  crypto::SigningKey::Seed signing_seed = fake_telnyx_signing_seed();
};

class FakeTelnyx {
 public:
  explicit FakeTelnyx(FakeTelnyxOptions options = {});
  ~FakeTelnyx();

  std::uint16_t port() const;
  std::string base_url() const;  // "http://127.0.0.1:PORT/v2"
  const telnyx::World& truth() const;
  ProviderServer& server();
  std::string public_key() const;  // Base64

  // The webhooks about what began in a window, signed now, oldest first.
  std::vector<SignedHook> webhooks(Instant from, Instant to) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trunkline::fakes
