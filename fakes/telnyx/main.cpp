// The fake as a program of its own: trunkline-fake-telnyx (flags in fakes/provider/flags.hpp).
#include "fakes/provider/flags.hpp"
#include "fakes/telnyx/fake_telnyx.hpp"

int main(int count, char** arguments) {
  using trunkline::fakes::FakeTelnyx;
  using trunkline::fakes::FakeTelnyxOptions;
  return trunkline::fakes::run_program<FakeTelnyx, FakeTelnyxOptions>(count, arguments);
}
