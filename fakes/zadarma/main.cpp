// The fake as a program of its own: trunkline-fake-zadarma (flags in fakes/provider/flags.hpp).
#include "fakes/provider/flags.hpp"
#include "fakes/zadarma/fake_zadarma.hpp"

int main(int count, char** arguments) {
  using trunkline::fakes::FakeZadarma;
  using trunkline::fakes::FakeZadarmaOptions;
  return trunkline::fakes::run_program<FakeZadarma, FakeZadarmaOptions>(count, arguments);
}
