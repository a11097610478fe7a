// For the demo: the three telephone providers as little servers on loopback, with two months of calls, so
// that everyone can see the warehouse fill without any key.
#pragma once

#include <memory>

#include "app/settings.hpp"
#include "fakes/retell/fake_retell.hpp"
#include "fakes/telnyx/fake_telnyx.hpp"
#include "fakes/zadarma/fake_zadarma.hpp"

namespace trunkline::app {

class DemoProviders {
 public:
  // Starts them, writes their accounts into var/demo-telco.toml and points the settings at that file; does
  // nothing when a provider is configured already. They live as long as the object.
  static Result<std::unique_ptr<DemoProviders>> start(Settings& settings, Instant now);

 private:
  DemoProviders() = default;
  std::unique_ptr<fakes::FakeZadarma> zadarma_;
  std::unique_ptr<fakes::FakeTelnyx> telnyx_;
  std::unique_ptr<fakes::FakeRetell> retell_;
};

}  // namespace trunkline::app
