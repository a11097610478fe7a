// Feeds any bytes to the parser of HTTP requests, in one piece and cut in two, as the network may. The first
// byte says where. A request that is whole one way must be the same request the other way, and one that is
// refused one way must not be taken the other way.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/request_parser.hpp"

namespace {

using namespace trunkline;

struct Outcome {
  bool failed = false;
  bool complete = false;
  std::string target;
  std::string body;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view first, std::string_view second) {
  constexpr std::size_t body_limit = 4096;
  net::RequestParser parser([](net::Request&) { return body_limit; });
  std::string waiting;
  Outcome outcome;
  for (const std::string_view part : {first, second}) {
    waiting += part;
    while (!waiting.empty() && !parser.complete()) {
      const auto eaten = parser.feed(waiting);
      if (!eaten) return {.failed = true};
      if (*eaten == 0) break;
      waiting.erase(0, *eaten);
    }
  }
  if (parser.complete()) {
    outcome.complete = true;
    outcome.target = parser.request().target;
    outcome.body = parser.request().body;
    if (outcome.body.size() > body_limit) std::abort();
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = bytes.empty() ? 0 : data[0] % (bytes.size() + 1);
  const Outcome whole = read(bytes, "");
  const Outcome cut_in_two = read(bytes.substr(0, cut), bytes.substr(cut));
  if ((whole.complete || cut_in_two.complete) && whole != cut_in_two) std::abort();
  return 0;
}
