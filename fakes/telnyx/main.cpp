// The fake as a program of its own: trunkline-fake-telnyx (flags in fakes/provider/flags.hpp).
#include <memory>

#include "fakes/provider/flags.hpp"
#include "fakes/telnyx/fake_telnyx.hpp"

int main(int count, char** arguments) {
  using namespace trunkline::fakes;
  std::unique_ptr<FakeTelnyx> fake;
  return run_program(count, arguments, [&](const ProviderFlags& flags) {
    fake = std::make_unique<FakeTelnyx>(FakeTelnyxOptions{.port = flags.port,
                                                          .world = {.seed = flags.seed,
                                                                    .begin = flags.begin,
                                                                    .period = trunkline::days(flags.days),
                                                                    .calls = flags.calls,
                                                                    .late = flags.late},
                                                          .quota_window = flags.quota_window});
    for (const Fault& fault : flags.faults) fake->server().faults().add(fault);
    return fake->base_url();
  });
}
