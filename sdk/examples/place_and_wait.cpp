// Places a call and waits for its end: place_and_wait URL KEY NUMBER TASK [IDEMPOTENCY_KEY]
//
// Run it twice with the same idempotency key: the second run calls nobody and shows the first one's call.
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include <trunkline/voice.hpp>

namespace voice = trunkline::voice;

namespace {

void show(const voice::Call& call) {
  std::cout << call.id << ' ' << to_text(call.status) << " (" << call.ended_reason << ")\n";
  for (const voice::TranscriptEntry& entry : call.transcript) {
    std::cout << "  " << entry.role << ": " << entry.text << '\n';
  }
  if (call.summary) std::cout << *call.summary << '\n';
  if (call.cost) std::cout << call.cost->amount << ' ' << call.cost->currency << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5 || count > 6) {
    std::cerr << "place_and_wait URL KEY NUMBER TASK [IDEMPOTENCY_KEY]\n";
    return EXIT_FAILURE;
  }
  try {
    const voice::Client client({.api_key = arguments[2], .base_url = arguments[1]});
    const voice::PlacedCall placed = client.create_call({.to = arguments[3],
                                                         .task = arguments[4],
                                                         .max_duration_seconds = 120,
                                                         .metadata = {{"example", "place_and_wait"}},
                                                         .idempotency_key = count == 6 ? arguments[5] : ""});
    std::cout << (placed.replayed ? "placed before: " : "placed: ") << placed.id << '\n';
    show(client.wait_for_call(placed.id, {.poll_interval = std::chrono::milliseconds(200)}));
  } catch (const voice::ValidationError& error) {
    std::cerr << "this call cannot be placed: " << error.message() << '\n';
    return EXIT_FAILURE;
  } catch (const voice::Error& error) {
    std::cerr << error.what() << '\n';
    // It is not known whether the call was placed. With this key it will not be placed twice.
    if (!error.idempotency_key().empty()) {
      std::cerr << "try again with the idempotency key " << error.idempotency_key() << '\n';
    }
    return EXIT_FAILURE;
  }
}
