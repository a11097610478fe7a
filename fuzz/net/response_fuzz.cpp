// Feeds any bytes to an exchange as the answer to it, in one piece and cut in two, as the network may. The
// first byte says where and to what. An answer that is whole one way must be the same answer the other way.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "net/transfer.hpp"

namespace {

using namespace trunkline;

struct Outcome {
  bool failed = false;
  int status = 0;
  std::size_t fields = 0;
  std::string body;
  bool leaves_connection_usable = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(net::Method method, std::string_view first, std::string_view second) {
  constexpr std::size_t body_limit = 4096;
  static const net::Url url = net::Url::parse("http://hooks.example.com/").value();
  const net::ClientRequest request{.method = method, .response_bytes_max = body_limit};
  net::Transfer transfer;
  transfer.prepare({.url = url, .request = request}, "");
  transfer.begin_sending();
  for (const std::string_view part : {first, second}) {
    if (!part.empty() && transfer.wants_more()) transfer.take(part);
  }
  if (transfer.wants_more()) transfer.take_end(true);
  if (transfer.error()) return {.failed = true};
  Outcome outcome;
  outcome.status = transfer.status();
  outcome.fields = transfer.headers().size();
  outcome.body = transfer.body();
  outcome.leaves_connection_usable = transfer.leaves_connection_usable();
  if (outcome.body.size() > body_limit || outcome.status < 200) std::abort();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const net::Method method = data[0] % 2 == 0 ? net::Method::post : net::Method::head;
  const std::size_t cut = bytes.empty() ? 0 : data[0] % (bytes.size() + 1);
  const Outcome whole = read(method, bytes, "");
  Outcome cut_in_two = read(method, bytes.substr(0, cut), bytes.substr(cut));
  // What follows an answer is not looked at any more when it comes later.
  if (!whole.leaves_connection_usable) cut_in_two.leaves_connection_usable = false;
  if (!whole.failed && whole != cut_in_two) std::abort();
  return 0;
}
