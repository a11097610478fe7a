// The fake as a program of its own: trunkline-fake-retell (flags in fakes/provider/flags.hpp).
#include "fakes/provider/flags.hpp"
#include "fakes/retell/fake_retell.hpp"

int main(int count, char** arguments) {
  using trunkline::fakes::FakeRetell;
  using trunkline::fakes::FakeRetellOptions;
  return trunkline::fakes::run_program<FakeRetell, FakeRetellOptions>(count, arguments);
}
