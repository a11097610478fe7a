// The command line that the fake providers' programs share:
//
//   trunkline-fake-telnyx [--port N] [--seed N] [--calls N] [--begin 2025-06-01] [--days N]
//                         [--quota-window-ms N] [--late SECONDS] [--fault JSON]…
//
// They print "listening on URL" and run until their input ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fakes/provider/faults.hpp"

namespace trunkline::fakes {

struct ProviderFlags {
  std::uint16_t port = 0;
  std::uint64_t seed = 1;
  std::int64_t calls = 2000;
  Instant begin{};
  std::int64_t days = 365;
  Duration quota_window = minutes(1);
  Duration late = minutes(10);  // the most that rows and costs come late
  std::vector<Fault> faults = {};

  Instant end() const { return begin + Duration(trunkline::days(days)); }
};

// Without --begin the simulated time ends a day from now. Error: invalid_argument, with what is allowed.
Result<ProviderFlags> parse_flags(int count, const char* const* arguments, Instant now);

// Parses, calls `start`, which starts the fake and gives its URL, prints that, and waits for the end of the
// input. The program's exit code.
int run_program(int count, const char* const* arguments,
                const std::function<std::string(const ProviderFlags&)>& start);

// The same for a provider's fake, which is made of its Options.
template <class Fake, class Options>
int run_program(int count, const char* const* arguments) {
  std::unique_ptr<Fake> fake;
  return run_program(count, arguments, [&](const ProviderFlags& flags) {
    fake = std::make_unique<Fake>(Options{.port = flags.port,
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

}  // namespace trunkline::fakes
