// The fake as a program, for tests in other languages:
//
//   trunkline-fake-openai [PORT]
//
// Prints "listening on http://127.0.0.1:PORT/v1" and serves the built-in script until its standard input
// ends.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>

#include <fmt/core.h>

#include "fakes/openai/fake_openai.hpp"

int main(int count, char** arguments) {
  std::uint16_t port = 0;
  if (count > 1) {
    const char* end = arguments[1] + std::strlen(arguments[1]);
    const auto [parsed, error] = std::from_chars(arguments[1], end, port);
    if (error != std::errc() || parsed != end) {
      fmt::print(stderr, "usage: trunkline-fake-openai [PORT]\n");
      return 2;
    }
  }
  try {
    trunkline::fakes::FakeOpenAi fake({.port = port});
    fake.load_builtin_script();
    fmt::print("listening on {}\n", fake.base_url());
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  } catch (const std::exception& problem) {
    fmt::print(stderr, "cannot listen on port {}: {}\n", port, problem.what());
    return 1;
  }
  return 0;
}
