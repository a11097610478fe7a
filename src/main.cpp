#include <cstdio>
#include <cstdlib>

#include "cli/command.hpp"

// Of a build that measures coverage; elsewhere it is null.
extern "C" void __gcov_dump() __attribute__((weak));

// Threads may still run when all is done: they must not meet destroyed globals, ours or OpenSSL's.
int main(int count, char** arguments) {
  const int code = trunkline::cli::run(count, arguments);
  std::fflush(nullptr);
  if (__gcov_dump != nullptr) __gcov_dump();
  std::_Exit(code);
}
